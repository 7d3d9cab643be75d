import Glibc

/// A port with no device behind it: what is written to it is never read, and nothing ever comes.
final class SilentTerminal: Sendable {
    let path: String
    private let master: Int32
    private let farEnd: Int32

    init() throws {
        var ends: (Int32, Int32) = (-1, -1)
        var name = [CChar](repeating: 0, count: 64)
        // Two descriptors are written, and a path of at most 20 characters.
        guard unsafe openpty(&ends.0, &ends.1, &name, nil, nil) == 0 else {
            throw HarnessError("openpty: \(errno)")
        }
        (master, farEnd) = ends
        path = String(
            decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
        for end in [master, farEnd] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }

    deinit {
        close(master)
        close(farEnd)
    }
}
