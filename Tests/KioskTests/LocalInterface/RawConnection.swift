import Dispatch
import Glibc
import Synchronization

/// One connection to the interface, byte by byte: what a library would hide is what these tests look at.
///
/// Blocks, so it is used inside ``onThread(_:)`` only. Nothing waits longer than `patience`.
final class RawConnection {
    enum Failure: Error {
        case system(String, Int32)
        case timedOut(soFar: String)
        case closed(soFar: String)
        case notHTTP(String)
    }

    static let patience = 10

    let descriptor: Int32
    private var unread: [UInt8] = []

    init(_ endpoint: Endpoint) throws {
        let family: Int32 =
            switch endpoint {
            case .socket: AF_UNIX
            case .port: AF_INET
            }
        descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure.system("socket", errno) }
        var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        // `limit` outlives the calls.
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        let result =
            switch endpoint {
            case .socket(let path): connectUnix(path)
            case .port(let port): connectTCP(port)
            }
        guard result == 0 else { throw Failure.system("connect", errno) }
    }

    deinit { close(descriptor) }

    // MARK: - Writing

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            // The buffer lives for the call; MSG_NOSIGNAL turns a closed peer into an error.
            let count = unsafe rest.withUnsafeBytes { buffer in
                unsafe Glibc.send(
                    descriptor,
                    buffer.baseAddress,
                    buffer.count,
                    Int32(MSG_NOSIGNAL)
                )
            }
            guard count > 0 else { throw Failure.system("send", errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// Says that nothing more will be sent; answers can still come.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Closing will throw away what is under way and tell the other end so.
    func resetOnClose() {
        var now = linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout<linger>.size)
        // `now` outlives the call.
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, size)
    }

    /// A small receive buffer, so that a slow reader is slow soon.
    func shrinkReceiveBuffer() {
        var bytes: Int32 = 16_384
        // `bytes` outlives the call.
        unsafe setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_RCVBUF,
            &bytes,
            socklen_t(MemoryLayout<Int32>.size)
        )
    }

    // MARK: - Reading

    /// Reads up to and including `mark`.
    func read(until mark: String) throws -> String {
        let wanted = Array(mark.utf8)
        while true {
            if let range = unread.firstRange(of: wanted) {
                defer { unread.removeFirst(range.upperBound) }
                return String(decoding: unread[..<range.upperBound], as: UTF8.self)
            }
            guard try fill() else { throw Failure.closed(soFar: seen) }
        }
    }

    func read(bytes count: Int) throws -> [UInt8] {
        while unread.count < count {
            guard try fill() else { throw Failure.closed(soFar: seen) }
        }
        defer { unread.removeFirst(count) }
        return Array(unread.prefix(count))
    }

    /// Everything until the other end closes; a reset counts as closing.
    func readToEnd() throws -> String {
        while try fill() {}
        defer { unread = [] }
        return seen
    }

    /// Waits until the other end has closed, dropping what comes before.
    func awaitClose() throws { _ = try readToEnd() }

    private var seen: String { String(decoding: unread, as: UTF8.self) }

    private func fill() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        // The buffer lives for the call, and the call keeps to its count.
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe recv(descriptor, bytes.baseAddress, bytes.count, 0)
        }
        if count > 0 {
            unread += buffer.prefix(count)
            return true
        }
        if count == 0 || errno == ECONNRESET || errno == EPIPE { return false }
        throw errno == EAGAIN ? Failure.timedOut(soFar: seen) : Failure.system("recv", errno)
    }

    // MARK: - Connecting

    private func connectUnix(_ path: String) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        // The tests' paths are shorter than `sun_path`.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        // The pointer lives for the call alone.
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private func connectTCP(_ port: Int) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        // The pointer lives for the call alone.
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// Where to connect.
enum Endpoint: Hashable, Sendable {
    case socket(String)
    case port(Int)
}

/// Runs a blocking story on a thread of its own, away from Swift's pool.
func onThread<Value: Sendable>(
    _ story: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue(label: "story").async {
            continuation.resume(with: Result { try story() })
        }
    }
}
