internal import Glibc

/// The thread of a simulated device.
enum TwinThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a thread that ends with `run`.
    static func start(_ run: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        // The thread takes over the one reference that `passRetained` adds, and nobody else uses the pointer.
        let result = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            Unmanaged.passRetained(Body(run)).toOpaque(),
        )
        guard result == 0 else { fatalError("The system refuses a thread for a simulated device.") }
        pthread_detach(thread)
    }
}

/// Wakes a simulated device's thread out of `poll`: a pipe to itself.
final class TwinSignal: Sendable {
    let descriptor: Int32
    private let writing: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        // The kernel writes two descriptors into the array's two places.
        guard unsafe pipe(&ends) == 0 else {
            fatalError("The system refuses a pipe for a simulated device: too many open files.")
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

    /// Waits for input on the descriptor, a signal or the time; without a time for the first two alone.
    /// Returns whether there is input.
    func wait(for input: Int32? = nil, until deadline: ContinuousClock.Instant? = nil) -> Bool {
        var milliseconds: Int32 = -1
        if let deadline {
            let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
            milliseconds = Int32(max(0, min(left.rounded(.up), 60_000)))
        }
        var descriptors = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: input ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        // The array is the kernel's for the length of the call, with its own count.
        _ = unsafe poll(&descriptors, nfds_t(descriptors.count), milliseconds)
        if descriptors[0].revents != 0 { clear() }
        return descriptors[1].revents & Int16(POLLIN) != 0
    }
}
