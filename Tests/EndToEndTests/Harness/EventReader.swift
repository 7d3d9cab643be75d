import Glibc
import StrictJSON
import Synchronization
import Threads

/// One event of the local interface's stream.
struct KioskEvent: Hashable, Sendable {
    let id: Int64?
    /// `sale`, `release`, `money-returned`, `notice`, …
    let name: String
    let sale: String?
    let order: String?
    let state: String?
    let truth: String?
    let reason: String?
    let notice: String?
}

/// An application that follows the events and resumes where it stopped, on a thread of its own.
final class EventReader: Sendable {
    private struct State {
        var events: [KioskEvent] = []
        var text: [UInt8] = []
        var lastID: Int64 = 0
    }

    private let state = Mutex(State())
    private let bell: Bell

    init(_ bell: Bell) { self.bell = bell }

    var events: [KioskEvent] { state.withLock { $0.events } }

    /// Everything that came, as it came.
    var bytes: [UInt8] { state.withLock { $0.text } }

    /// Reads until the connection ends.
    func follow(_ call: LocalCall) throws -> OwnThread {
        let descriptor = try call.connect()
        let request = """
            GET /v1/events?after=0 HTTP/1.1\r
            Host: localhost\r
            Last-Event-ID: \(state.withLock { $0.lastID })\r
            \r

            """
        LocalCall.send(Array(request.utf8), on: descriptor)
        return OwnThread(name: "e2e-read") { [self] in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            var lines: [UInt8] = []
            // The buffer outlives the call and has the length passed. Pings come more often than the time-out.
            while case let count = unsafe recv(descriptor, &buffer, buffer.count, 0), count > 0 {
                lines += buffer[..<count]
                state.withLock { $0.text += buffer[..<count] }
                take(&lines)
                bell.ring()
            }
            close(descriptor)
            bell.ring()
        }
    }

    /// Takes the whole lines: chunk sizes and the head are none of `event:` and `data:`.
    private func take(_ bytes: inout [UInt8]) {
        guard let end = bytes.lastIndex(of: 0x0A) else { return }
        let text = String(decoding: bytes[...end], as: UTF8.self)
        // An event can come in two reads: only what its blank line has ended is taken.
        guard let last = text.ranges(of: "\n\n").last else { return }
        let whole = text[..<last.upperBound]
        for block in whole.split(separator: "\n\n") {
            if let event = Self.event(block) {
                state.withLock { state in
                    state.events.append(event)
                    state.lastID = event.id ?? state.lastID
                }
            }
        }
        bytes.removeFirst(whole.utf8.count)
    }

    private static func event(_ block: Substring) -> KioskEvent? {
        var name = ""
        var data: Substring = ""
        for line in block.split(whereSeparator: { $0 == "\n" || $0 == "\r\n" }) {
            if line.hasPrefix("event: ") { name = String(line.dropFirst(7)) }
            if line.hasPrefix("data: ") { data = line.dropFirst(6) }
        }
        guard !data.isEmpty,
            let json = try? JSONReader.parse(Array(data.utf8), maximumBytes: 65_536)
        else { return nil }
        func text(_ key: String) -> String? { try? json.optionalString(key, bytes: 0...200) }
        return KioskEvent(
            id: try? json.optionalInteger("id", in: 0...Int64.max),
            name: name,
            sale: text("sale"),
            order: text("order"),
            state: text("state"),
            truth: text("truth"),
            reason: text("reason"),
            notice: text("notice")
        )
    }
}
