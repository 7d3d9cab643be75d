import Glibc
import StrictJSON

/// One HTTP call over the daemon's Unix socket, in raw bytes.
struct LocalCall {
    let socket: String

    struct Answer {
        let status: Int
        let head: String
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }

        func json() throws -> JSONReader {
            try JSONReader.parse(body, maximumBytes: 1_000_000)
        }

        /// The last part of a problem's `type`.
        var problem: String? {
            guard let type = try? json().optionalString("type", bytes: 0...200) else { return nil }
            return type.split(separator: ":").last.map(String.init)
        }
    }

    /// A connected socket that gives up after 20 s of silence.
    func connect() throws -> Int32 {
        let descriptor = Glibc.socket(
            AF_UNIX,
            Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue),
            0
        )
        guard descriptor >= 0 else { throw HarnessError("socket: \(errno)") }
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        let path = Array(socket.utf8)
        precondition(path.count < 108, "The socket's path is too long for the tests.")
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        // The address and the time live through the calls; the path is shorter than its place.
        let result = unsafe withUnsafeMutableBytes(of: &name) { raw in
            let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
            unsafe raw[offset..<(offset + path.count)].copyBytes(from: path)
            return unsafe raw.withMemoryRebound(to: sockaddr.self) { pointer in
                unsafe Glibc.connect(
                    descriptor,
                    pointer.baseAddress,
                    socklen_t(MemoryLayout<sockaddr_un>.size)
                )
            }
        }
        guard result == 0 else {
            let code = errno
            close(descriptor)
            throw HarnessError("\(socket) does not answer: error \(code)")
        }
        unsafe setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_RCVTIMEO,
            &limit,
            socklen_t(MemoryLayout<timeval>.size)
        )
        return descriptor
    }

    static func send(_ bytes: [UInt8], on descriptor: Int32) {
        // The array lives through the call, with its own count. Who hangs up early shows when reading.
        _ = unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Sends exactly these bytes and reads to the end of the connection.
    func exchange(_ bytes: [UInt8]) throws -> [UInt8] {
        let descriptor = try connect()
        defer { close(descriptor) }
        Self.send(bytes, on: descriptor)
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        // The buffer outlives the call and has the length passed.
        while case let count = unsafe recv(descriptor, &buffer, buffer.count, 0), count > 0 {
            answer += buffer[..<count]
        }
        return answer
    }

    func callAsFunction(
        _ method: String,
        _ path: String,
        body: String? = nil,
        headers: [String] = [],
    ) throws -> Answer {
        var lines =
            ["\(method) \(path) HTTP/1.1", "Host: localhost", "Connection: close"] + headers
        if let body {
            lines += ["Content-Type: application/json", "Content-Length: \(body.utf8.count)"]
        }
        let request = lines.map { $0 + "\r\n" }.joined() + "\r\n" + (body ?? "")
        return try Self.parse(try exchange(Array(request.utf8)))
    }

    static func parse(_ bytes: [UInt8]) throws -> Answer {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.ranges(of: "\r\n\r\n").first,
            let status = text.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap({
                Int($0)
            })
        else { throw HarnessError("No HTTP answer: \(text.prefix(200))") }
        return Answer(
            status: status,
            head: String(text[..<end.lowerBound]),
            body: Array(text[end.upperBound...].utf8)
        )
    }
}
