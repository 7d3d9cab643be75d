/// Everything that is wrong with a kiosk's configuration, its board file and its secrets; never empty.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// In the order of the schema, then what the rooms that use the values found, then the secrets.
    package let problems: [ConfigurationProblem]

    /// One line for each problem.
    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}

/// One thing that is wrong, or worth a warning: where it is, what it is, and what to do. Never holds a secret (rule G1).
package struct ConfigurationProblem: Hashable, Sendable, CustomStringConvertible {
    /// The file in which the key stands, or should stand.
    package let file: String
    /// Counted from 1; `nil` where no line can be named.
    package let line: Int?
    /// The key's path, as `sale.amount`; empty for the file as a whole.
    package let key: String
    /// What is wrong and what to do, to be read after the key.
    package let reason: String

    /// One line: `/etc/kioskpay/kiosk.json:12: sale.amount: must be …`
    package var description: String {
        let place = file + (line.map { ":\($0)" } ?? "")
        return ([place] + (key.isEmpty ? [] : [key]) + [reason]).joined(separator: ": ")
    }
}
