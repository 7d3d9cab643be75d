internal import Glibc
internal import Payments

/// Wakes a thread out of `poll`: a pipe to itself that any thread may signal.
final class WakeDescriptor: Sendable {
    /// Readable while signalled.
    let descriptor: Int32
    private let writing: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        // The kernel writes two descriptors into the array's two places.
        guard unsafe pipe(&ends) == 0 else {
            fatalError("The system refuses a pipe for a device: too many open files.")
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        descriptor = ends[0]
        writing = ends[1]
    }

    deinit {
        close(descriptor)
        close(writing)
    }

    /// Makes the descriptor readable until it is cleared.
    func signal() {
        var byte: UInt8 = 1
        // The buffer outlives the call. A full pipe is readable already, so the result does not matter.
        _ = unsafe write(writing, &byte, 1)
    }

    func clear() {
        var bytes = [UInt8](repeating: 0, count: 64)
        // The buffer outlives the call and has the length passed; the pipe's content is bounded by its size.
        while unsafe read(descriptor, &bytes, bytes.count) == bytes.count {}
    }

    /// Waits until signalled or until the time; does not clear.
    func wait(until deadline: BootTime) {
        var descriptors = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        while BootClock.now() < deadline {
            if Poll.wait(&descriptors, until: deadline) { return }
        }
    }
}
