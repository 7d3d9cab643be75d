internal import Glibc

/// The trace file of the lights (interfaces, 2: `<monotonic ms> <name> <0|1>` per change), read as it grows.
package struct LightTrace: Sendable {
    package struct Change: Hashable, Sendable {
        /// On the boot clock.
        package let milliseconds: Int64
        package let name: String
        package let isLit: Bool

        package init(milliseconds: Int64, name: String, isLit: Bool) {
            self.milliseconds = milliseconds
            self.name = name
            self.isLit = isLit
        }

        /// `nil` for a line of any other form.
        package init?(line: some StringProtocol) {
            let words = line.split(separator: " ", omittingEmptySubsequences: false)
            guard words.count == 3, let time = Int64(words[0]), !words[1].isEmpty,
                words[2] == "0" || words[2] == "1"
            else { return nil }
            self.init(milliseconds: time, name: String(words[1]), isLit: words[2] == "1")
        }
    }

    /// Read at once; what a minute of lights writes is far less.
    private static let mostBytes = 65_536

    private let file: String
    private var offset = 0
    private var unfinished = ""

    /// Every change so far, in order.
    package private(set) var changes: [Change] = []
    /// Lines that say nothing known.
    package private(set) var strayLines: [String] = []

    package init(file: String) { self.file = file }

    /// Which lights are lit now.
    package var lit: Set<String> {
        var lit: Set<String> = []
        for change in changes {
            if change.isLit { lit.insert(change.name) } else { lit.remove(change.name) }
        }
        return lit
    }

    /// Reads what was written since the last time; whether there was anything.
    package mutating func update() -> Bool {
        // The path lives for the call.
        let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Self.mostBytes)
        // The buffer outlives the call and has the length passed.
        let count = unsafe pread(descriptor, &bytes, bytes.count, off_t(offset))
        guard count > 0 else { return false }
        offset += count
        received(String(decoding: bytes[..<count], as: UTF8.self))
        return true
    }

    mutating func received(_ text: String) {
        var lines = (unfinished + text).split(separator: "\n", omittingEmptySubsequences: false)
        unfinished = lines.popLast().map(String.init) ?? ""
        for line in lines {
            if let change = Change(line: line) {
                changes.append(change)
            } else {
                strayLines.append(String(line))
            }
        }
    }
}
