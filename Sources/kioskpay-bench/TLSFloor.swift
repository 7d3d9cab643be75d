internal import COpenSSL
internal import Glibc

/// The least that sending a submit costs: one TLS write of a request of its size on a warm connection to the same
/// server, with OpenSSL and nothing around it.
///
/// The request asks for a path that the server does not have, so that no order is touched.
@safe struct TLSFloor: ~Copyable {
    /// Head and body of a submit.
    static let requestBytes = 1_000

    private let socket: Descriptor
    // Owned: both are freed in deinit.
    private let context: OpaquePointer
    private let session: OpaquePointer
    private let request: [UInt8]

    /// - Parameter authorityFile: who vouches for the server.
    init(port: UInt16, authorityFile: String) throws {
        let socket = try Self.connect(port: port)
        guard let context = unsafe SSL_CTX_new(TLS_client_method()) else {
            throw BenchError("OpenSSL gives no context.")
        }
        guard unsafe SSL_CTX_load_verify_file(context, authorityFile) == 1,
            let session = unsafe SSL_new(context)
        else {
            unsafe SSL_CTX_free(context)
            throw BenchError("OpenSSL cannot use \(authorityFile).")
        }
        unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        guard unsafe SSL_set_fd(session, socket.number) == 1, unsafe SSL_connect(session) == 1
        else {
            unsafe SSL_free(session)
            unsafe SSL_CTX_free(context)
            throw BenchError("The TLS connection for the floor could not be made.")
        }
        self.socket = socket
        unsafe self.context = context
        unsafe self.session = session
        var head = "POST /floor HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
        let length = Self.requestBytes - head.utf8.count - 7
        head += "\(length)\r\n\r\n"
        request = Array(head.utf8) + [UInt8](repeating: 0x20, count: length)
    }

    deinit {
        unsafe SSL_free(session)
        unsafe SSL_CTX_free(context)
    }

    private static func connect(port: UInt16) throws -> Descriptor {
        let stream = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = try Descriptor(Glibc.socket(AF_INET, stream, 0), of: "socket")
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var one: Int32 = 1
        // Option and address are locals of the sizes given and live for the calls.
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe setsockopt(
                descriptor.number,
                Int32(IPPROTO_TCP),
                TCP_NODELAY,
                &one,
                socklen_t(MemoryLayout<Int32>.size)
            )
            return unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(
                    descriptor.number,
                    $0,
                    socklen_t(MemoryLayout<sockaddr_in>.size)
                )
            }
        }
        guard result == 0 else { throw BenchError("connect", code: errno) }
        return descriptor
    }

    func write() throws {
        // OpenSSL reads at most the count from the array, which outlives the call.
        let count = unsafe SSL_write(session, request, Int32(request.count))
        guard count == Int32(request.count) else {
            throw BenchError("The TLS write for the floor failed.")
        }
    }

    /// Takes the answer, so that the connection is ready for the next.
    func readReply() throws {
        var reply: [UInt8] = []
        while !Self.isComplete(reply) {
            var bytes = [UInt8](repeating: 0, count: 4_096)
            // OpenSSL writes at most the count into the array.
            let count = unsafe SSL_read(session, &bytes, Int32(bytes.count))
            guard count > 0 else { throw BenchError("The floor's connection has ended.") }
            reply += bytes[..<Int(count)]
        }
    }

    private static func isComplete(_ reply: [UInt8]) -> Bool {
        let text = String(decoding: reply, as: UTF8.self)
        guard let end = text.utf8.firstRange(of: Array("\r\n\r\n".utf8)) else { return false }
        let head = String(text[..<end.lowerBound]).split(separator: "\r\n").joined(separator: "\n")
        let length = ProcFile.number(after: "Content-Length:", in: head) ?? 0
        return text.utf8.distance(from: end.upperBound, to: text.utf8.endIndex) >= length
    }
}
