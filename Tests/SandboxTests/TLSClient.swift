import CLinux
import COpenSSL
import Glibc
import Sandbox

/// A small blocking TLS client of the tests' own, that can stop anywhere.
@safe final class TLSClient {
    enum Failure: Error, Equatable {
        case connect(Int32)
        case handshake
        case write
        /// No byte within the time that the client waits.
        case silence
        /// The connection ended: `wasReset` by TCP reset, else by a close; what came before.
        case ended(wasReset: Bool, received: [UInt8])
    }

    // Owned and freed in deinit, used by one thread at a time.
    private let context: OpaquePointer
    private let ssl: OpaquePointer
    private let socket: Int32
    private var buffer: [UInt8] = []

    /// Connects and shakes hands; `certificateOf` names whose client certificate is shown.
    init(
        port: UInt16,
        authority: SandboxMaterial,
        certificateOf merchant: SandboxMaterial? = nil,
        patience: Duration = .seconds(20),
    ) throws {
        socket = try Self.connect(port, patience: patience)
        // Paths and names are bridged to terminated copies for the calls.
        guard let context = unsafe SSL_CTX_new(TLS_client_method()) else { throw Failure.handshake }
        unsafe self.context = context
        unsafe SSL_CTX_load_verify_file(context, authority.authorityFile)
        unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        if let merchant {
            unsafe SSL_CTX_use_certificate_file(
                context,
                merchant.certificateFile,
                SSL_FILETYPE_PEM
            )
            unsafe SSL_CTX_use_PrivateKey_file(context, merchant.privateKeyFile, SSL_FILETYPE_PEM)
        }
        guard let ssl = unsafe SSL_new(context) else { throw Failure.handshake }
        unsafe self.ssl = ssl
        unsafe SSL_set1_host(ssl, "localhost")
        unsafe SSL_set_fd(ssl, socket)
        guard unsafe SSL_connect(ssl) == 1 else { throw Failure.handshake }
    }

    deinit {
        unsafe SSL_free(ssl)
        unsafe SSL_CTX_free(context)
        close(socket)
    }

    /// A plain TCP connection with time limits on reading and writing.
    static func connect(_ port: UInt16, patience: Duration = .seconds(20)) throws -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        setPatience(patience, of: socket)
        // A local of the size given; sockaddr_in begins as every sockaddr does.
        let result = unsafe withUnsafeBytes(of: &address) { bytes in
            unsafe Glibc.connect(
                socket,
                bytes.assumingMemoryBound(to: sockaddr.self).baseAddress,
                socklen_t(MemoryLayout<sockaddr_in>.size)
            )
        }
        guard result == 0 else {
            let error = errno
            close(socket)
            throw Failure.connect(error)
        }
        return socket
    }

    /// How long reads and writes wait from now on.
    func wait(atMost patience: Duration) { Self.setPatience(patience, of: socket) }

    private static func setPatience(_ patience: Duration, of socket: Int32) {
        let microseconds = Int(patience.components.attoseconds / 1_000_000_000_000)
        var limit = timeval(tv_sec: Int(patience.components.seconds), tv_usec: microseconds)
        let size = socklen_t(MemoryLayout<timeval>.size)
        // A local of the size given.
        unsafe setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        unsafe setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    }

    func write(_ bytes: [UInt8]) throws {
        // Blocking: everything goes out in one call or it fails.
        guard unsafe SSL_write(ssl, bytes, Int32(bytes.count)) == bytes.count else {
            throw Failure.write
        }
    }

    /// Posts a body and reads the reply.
    func post(_ path: String, _ body: [UInt8]) throws -> Answer {
        try write(Self.request("POST", path, body))
        return try readReply()
    }

    static func request(_ method: String, _ path: String, _ body: [UInt8] = []) -> [UInt8] {
        let length =
            method == "POST" ? "Content-Type: text/xml\r\nContent-Length: \(body.count)\r\n" : ""
        return Array("\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n\(length)\r\n".utf8) + body
    }

    /// Reads one reply by its Content-Length.
    func readReply(toHead: Bool = false) throws -> Answer {
        let end = try readUntil { bytes in
            Self.endOfHead(bytes)
        }
        let head = String(decoding: buffer[..<end], as: UTF8.self)
        let status = Int(head.split(separator: " ")[1]) ?? 0
        let length =
            toHead || status == 100 ? 0 : Int(Self.header("content-length", of: head) ?? "") ?? 0
        _ = try readUntil { $0.count >= end + length ? end + length : nil }
        let body = Array(buffer[end..<end + length])
        buffer.removeFirst(end + length)
        return Answer(status: status, head: head, body: body)
    }

    /// Waits for the end of the connection and answers it.
    func readEnd() -> Failure {
        do {
            _ = try readUntil { _ in nil }
        } catch {
            return error
        }
        return .silence
    }

    /// Makes the close at the end of this object's life a TCP reset.
    func lingerZero() {
        var option = linger(l_onoff: 1, l_linger: 0)
        // The option is a local of the size given.
        unsafe setsockopt(
            socket,
            SOL_SOCKET,
            SO_LINGER,
            &option,
            socklen_t(MemoryLayout<linger>.size)
        )
    }

    private func readUntil(_ isDone: ([UInt8]) -> Int?) throws(Failure) -> Int {
        while true {
            if let done = isDone(buffer) { return done }
            var bytes = [UInt8](repeating: 0, count: 16_384)
            errno = 0
            let count = unsafe SSL_read(ssl, &bytes, Int32(bytes.count))
            let error = errno
            guard count > 0 else {
                if error == EAGAIN { throw .silence }
                throw .ended(wasReset: error == ECONNRESET, received: buffer)
            }
            buffer += bytes.prefix(Int(count))
        }
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        bytes.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound
    }

    static func header(_ name: String, of head: String) -> String? {
        for line in head.split(separator: "\r\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == name {
                return String(parts[1].drop { $0 == " " })
            }
        }
        return nil
    }
}
