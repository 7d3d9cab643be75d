import Glibc
import Synchronization

/// A relay between client and server that can hold what it has and take no more, as a modem whose
/// line is down.
final class Relay: Sendable {
    let port: UInt16
    /// How connections ended on the client's side: 0 orderly, else errno.
    let ends = Log<Int32>()
    private let held = Mutex(false)
    /// Readable while nothing is held.
    private let gate: (reading: Int32, writing: Int32)

    /// First bytes of each connection, when it is a proxy.
    let heads = Log<String>()

    /// With `proxyAnswer`, a proxy that first takes a head and answers it so.
    init(to target: UInt16, proxyAnswer: String? = nil) {
        let (listener, port) = TestSocket.listening()
        self.port = port
        var ends: [Int32] = [-1, -1]
        // The kernel writes two descriptors into the array's two places.
        precondition(unsafe pipe(&ends) == 0)
        gate = (ends[0], ends[1])
        open()
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

    deinit {
        close(gate.reading)
        close(gate.writing)
    }

    func hold(_ on: Bool) {
        held.withLock { held in
            guard held != on else { return }
            held = on
            if on {
                var byte: UInt8 = 0
                // The one byte that keeps it open.
                _ = unsafe read(gate.reading, &byte, 1)
            } else {
                open()
            }
        }
    }

    private func open() {
        var byte: UInt8 = 1
        // Room for one byte there is.
        _ = unsafe write(gate.writing, &byte, 1)
    }

    /// Waits while it is held; false if that takes longer than any test does.
    private func passesGate() -> Bool {
        var descriptor = pollfd(fd: gate.reading, events: Int16(POLLIN), revents: 0)
        // The structure lives through the call.
        return unsafe poll(&descriptor, 1, 60_000) == 1
    }

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
            guard passesGate() else { return ETIMEDOUT }
            _ = unsafe send(target, bytes, count, Int32(MSG_NOSIGNAL))
        }
    }
}
