import Glibc
import Synchronization

/// A relay between client and server that can hold what it has and take no more, as a modem whose
/// line is down.
final class Relay: Sendable {
    let port: UInt16
    /// How connections ended on the client's side: 0 orderly, else errno.
    let ends = Log<Int32>()
    private let held = Mutex(false)

    /// First bytes of each connection, when it is a proxy.
    let heads = Log<String>()

    /// With `proxyAnswer`, a proxy that first takes a head and answers it so.
    init(to target: UInt16, proxyAnswer: String? = nil) {
        let (listener, port) = TestSocket.listening()
        self.port = port
        startThread {
            while true {
                let client = TestSocket.accepted(from: listener)
                guard client >= 0 else { return }
                if let proxyAnswer { self.answerProxyRequest(client, proxyAnswer) }
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

    private func answerProxyRequest(_ client: Int32, _ answer: String) {
        var head: [UInt8] = []
        var byte: UInt8 = 0
        // One byte at a time, so that nothing after the head is taken.
        while !head.suffix(4).elementsEqual([13, 10, 13, 10]), unsafe recv(client, &byte, 1, 0) == 1
        {
            head.append(byte)
        }
        heads.add(String(decoding: head, as: UTF8.self))
        let bytes = Array(answer.utf8)
        // The array holds as many.
        _ = unsafe send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

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
