internal import Glibc
internal import Threads

extension WakeDescriptor {
    /// Waits for input on the descriptor, a signal or the time; without a time for the first two
    /// alone. Returns whether there is input.
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
