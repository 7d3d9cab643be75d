import Glibc
import Synchronization
import Threads

/// What the daemon prints, line by line, over all its starts.
final class TextLog: Sendable {
    private struct State {
        var text: [UInt8] = []
        var lines: [String] = []
    }

    private let state = Mutex(State())
    private let bell: Bell

    init(_ bell: Bell) { self.bell = bell }

    var lines: [String] { state.withLock { $0.lines } }

    /// Everything, unfinished lines included.
    var bytes: [UInt8] { state.withLock { $0.text } }

    func contains(_ part: String, from start: Int = 0) -> Bool {
        lines.dropFirst(start).contains { $0.contains(part) }
    }

    var tail: String { lines.suffix(25).joined(separator: "\n") }

    /// Reads a pipe to its end on a thread of its own and closes it. The thread tells that the end has come.
    func follow(_ descriptor: Int32) -> OwnThread {
        OwnThread(name: "e2e-read") { [self] in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            var open: [UInt8] = []
            // The buffer outlives the call and has the length passed.
            while case let count = unsafe read(descriptor, &buffer, buffer.count), count > 0 {
                open += buffer[..<count]
                var lines: [String] = []
                while let end = open.firstIndex(of: 0x0A) {
                    lines.append(String(decoding: open[..<end], as: UTF8.self))
                    open.removeSubrange(...end)
                }
                state.withLock { state in
                    state.text += buffer[..<count]
                    state.lines += lines
                }
                bell.ring()
            }
            close(descriptor)
            bell.ring()
        }
    }
}
