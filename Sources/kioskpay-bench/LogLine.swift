/// One line of the daemon's log: `<priority>message key=value …`.
struct LogLine {
    let text: String

    func says(_ message: String) -> Bool {
        text.drop { $0 != ">" }.dropFirst().hasPrefix(message)
    }

    /// The value of a field, up to the next blank.
    func field(_ key: String) -> String? {
        guard let label = text.ranges(of: " \(key)=").first else { return nil }
        return String(text[label.upperBound...].prefix { $0 != " " })
    }

    /// Nanoseconds from the `read` that brought the code's last byte to the first write of the submit, of the line that
    /// ends a submit's transmission.
    var scanToWire: Int64? {
        guard says("The submit's transmission has ended.") else { return nil }
        return field("scan-to-wire-us").flatMap { Int64($0) }.map { $0 * 1_000 }
    }

    /// Whether it says that the sale is over and the goods count as delivered.
    func saysDelivered(_ sale: String) -> Bool {
        says("The sale changed.") && field("state") == "delivered" && field("sale") == sale
    }

    /// Errors and what is worse.
    var isAlarming: Bool { ["<0>", "<1>", "<2>", "<3>"].contains { text.hasPrefix($0) } }
}
