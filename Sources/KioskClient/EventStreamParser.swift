/// Reads Server-Sent Events as they arrive, in pieces of any size (the WHATWG's HTML standard, 9.2.6). Pure.
package struct EventStreamParser: Sendable {
    package struct Event: Hashable, Sendable {
        /// The last id seen, this event's own or an earlier one's.
        package let id: String
        /// `message` where the stream names none.
        package let name: String
        /// The data lines, joined by line ends.
        package let data: String
    }

    /// Longer lines and events are not of this daemon.
    private static let longestEvent = 1 << 20

    private var line: [UInt8] = []
    private var endedWithReturn = false
    private var name = ""
    private var data: [String] = []
    private var size = 0
    private var pendingID: String?
    /// What to resume from.
    package private(set) var lastID: String

    package init(lastID: String = "") { self.lastID = lastID }

    package mutating func received(_ bytes: [UInt8]) throws(LocalCallError) -> [Event] {
        var events: [Event] = []
        for byte in bytes {
            // A line ends with CR, LF, or both; the LF of a pair ends nothing more.
            let isSecondHalf = byte == 0x0A && endedWithReturn
            endedWithReturn = byte == 0x0D
            if isSecondHalf { continue }
            guard byte == 0x0A || byte == 0x0D else {
                guard line.count + size < Self.longestEvent else {
                    throw LocalCallError("The daemon's event is too long.")
                }
                line.append(byte)
                continue
            }
            let text = String(decoding: line, as: UTF8.self)
            line = []
            if text.isEmpty {
                if let event = dispatch() { events.append(event) }
            } else {
                field(text)
            }
        }
        return events
    }

    private mutating func field(_ text: String) {
        let name = text.prefix { $0 != ":" }
        var value = text.dropFirst(name.count + 1)
        if value.first == " " { value = value.dropFirst() }
        switch name {
        case "event": self.name = String(value)
        case "data":
            data.append(String(value))
            size += value.utf8.count + 1
        case "id":
            if !value.contains("\0") { pendingID = String(value) }
        // A comment has no name; `retry` and the unknown change nothing here.
        default: break
        }
    }

    private mutating func dispatch() -> Event? {
        lastID = pendingID ?? lastID
        defer {
            name = ""
            data = []
            size = 0
        }
        guard !data.isEmpty else { return nil }
        return Event(
            id: lastID,
            name: name.isEmpty ? "message" : name,
            data: data.joined(separator: "\n")
        )
    }
}
