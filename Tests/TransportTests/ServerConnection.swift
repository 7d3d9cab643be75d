import CLinux
import COpenSSL
import Glibc
import Synchronization

/// One accepted connection. Used by its own thread; only `cut` and `number` by others as well.
@safe final class ServerConnection: @unchecked Sendable {
    let number: Int
    let server: TLSServer
    private let descriptor: Int32
    private let ssl: OpaquePointer?
    private var isOpen = true
    private var pending: [UInt8] = []

    init(descriptor: Int32, number: Int, server: TLSServer, context: TLSServer.Context) {
        self.descriptor = descriptor
        self.number = number
        self.server = server
        unsafe ssl = context.newConnection()
        unsafe SSL_set_fd(ssl, descriptor)
    }

    deinit { unsafe SSL_free(ssl) }

    @discardableResult
    func handshake() -> Bool { unsafe SSL_accept(ssl) == 1 }

    /// Up to `count` request bytes; fewer when the peer ended.
    func read(_ count: Int) -> [UInt8] {
        var taken = Array(pending.prefix(count))
        pending.removeFirst(taken.count)
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while taken.count < count {
            let wanted = Int32(min(chunk.count, count - taken.count))
            // Reads at most what the array holds.
            let got = unsafe SSL_read(ssl, &chunk, wanted)
            guard got > 0 else { return taken }
            taken += chunk[..<Int(got)]
        }
        return taken
    }

    /// The next whole request, written down; `nil` when the peer ended before.
    func request() -> TLSServer.Seen? {
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual([13, 10, 13, 10]) {
            guard let byte = read(1).first else { return nil }
            head.append(byte)
        }
        let text = String(decoding: head, as: UTF8.self)
        let words = text.split(separator: " ", maxSplits: 2)
        let field = text.lowercased().split(separator: "\r\n").first {
            $0.hasPrefix("content-length:")
        }
        let length = field.flatMap { Int($0.dropFirst(15).drop { $0 == " " }) } ?? 0
        let body = read(length)
        guard body.count == length, words.count == 3 else { return nil }
        let certificate = unsafe SSL_get1_peer_certificate(ssl)
        defer { unsafe X509_free(certificate) }
        let seen = unsafe TLSServer.Seen(
            connection: number, method: String(words[0]), path: String(words[1]), head: text,
            body: body, showedCertificate: certificate != nil,
            bootNanoseconds: kioskpay_boottime_nanoseconds())
        server.requests.add(seen)
        return seen
    }

    @discardableResult
    func write(_ bytes: [UInt8]) -> Bool {
        guard !bytes.isEmpty else { return true }
        return unsafe SSL_write(ssl, bytes, Int32(bytes.count)) == Int32(bytes.count)
    }

    @discardableResult
    func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    /// Bytes below TLS.
    func writePlain(_ text: String) {
        let bytes = Array(text.utf8)
        // The array holds as many.
        _ = unsafe send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Answers until the peer ends, `HEAD` with nothing and the rest by `reply`.
    func serve(_ reply: (TLSServer.Seen) -> String?) {
        guard handshake() else { return }
        while let seen = request() {
            if seen.method == "HEAD" {
                write(HTTP.head)
            } else {
                guard let text = reply(seen) else { return }
                write(text)
            }
        }
    }

    /// Waits until the peer ends the connection and writes down how.
    func awaitEnd() {
        var byte: UInt8 = 0
        // One byte at a time, below TLS: what still comes is dropped.
        while true {
            let count = unsafe recv(descriptor, &byte, 1, 0)
            if count > 0 { continue }
            server.ends.add(count == 0 ? 0 : errno)
            return
        }
    }

    /// How many bytes arrive below TLS in that time, which is waited for in full unless the connection
    /// ends.
    func countBytes(forMilliseconds limit: Int) -> Int {
        var time = timeval(tv_sec: limit / 1000, tv_usec: limit % 1000 * 1000)
        // Copied by the kernel.
        unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        var total = 0
        var bytes = [UInt8](repeating: 0, count: 4096)
        while true {
            // Reads at most what the array holds.
            let count = unsafe recv(descriptor, &bytes, bytes.count, 0)
            guard count > 0 else { return total }
            total += count
        }
    }

    /// Ends both directions from another thread; the own thread then closes.
    func shutDown() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Drops all that arrives, as a dead line would; or lets it through again.
    func cut(_ isCut: Bool) { TestSocket.cut(isCut, descriptor) }

    /// Ends with a TLS alert and an orderly close.
    func close() {
        guard isOpen else { return }
        unsafe SSL_shutdown(ssl)
        closeWithoutAlert()
    }

    func closeWithoutAlert() {
        guard isOpen else { return }
        isOpen = false
        Glibc.close(descriptor)
    }

    func reset() {
        guard isOpen else { return }
        isOpen = false
        TestSocket.reset(descriptor)
    }
}

/// Replies for the tests' servers.
enum HTTP {
    static let date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
    static let dateSeconds: Int64 = 784_111_777
    static let head = "HTTP/1.1 200 OK\r\n\(date)Content-Length: 0\r\n\r\n"

    static func ok(_ body: String, extra: String = "") -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\(extra)"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }
}
