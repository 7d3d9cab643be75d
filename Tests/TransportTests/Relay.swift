import Glibc
import Synchronization

/// A relay between client and server that can hold what it has and take no more, as a modem whose
/// line is down.
final class Relay: Sendable {
    let port: UInt16
    /// How connections ended on the client's side: 0 orderly, else errno.
    let ends = Log<Int32>()
    private let held = Mutex(false)

    init(to target: UInt16) {
        let (listener, port) = TestSocket.listening()
        self.port = port
        startThread {
            while true {
                let client = TestSocket.accepted(from: listener)
                guard client >= 0 else { return }
                let server = TestSocket.connected(to: target)
                startThread {
                    self.ends.add(self.copy(from: client, to: server))
                    TestSocket.reset(server)
                }
                startThread { _ = self.copy(from: server, to: client) }
            }
        }
    }

    func hold(_ on: Bool) { held.withLock { $0 = on } }

    /// Copies until the source ends; returns how.
    private func copy(from source: Int32, to target: Int32) -> Int32 {
        var bytes = [UInt8](repeating: 0, count: 4096)
        while true {
            // Reads at most what the array holds, and sends as much.
            let count = unsafe recv(source, &bytes, bytes.count, 0)
            if count <= 0 { return count == 0 ? 0 : errno }
            while held.withLock({ $0 }) { usleep(1000) }
            _ = unsafe send(target, bytes, count, Int32(MSG_NOSIGNAL))
        }
    }
}
