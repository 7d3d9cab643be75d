package import Glibc

/// `poll` with an absolute end on the boot clock.
package enum Poll {
    /// Waits for an event on any descriptor; without a time until one comes.
    /// Returns whether there was one. An interrupted wait returns early with `false`.
    package static func wait(_ descriptors: inout [pollfd], until nanoseconds: Int64?) -> Bool {
        var milliseconds: Int32 = -1
        if let nanoseconds {
            let left = nanoseconds - BootClock.nanoseconds()
            // Rounded up, so that the time is over when the wait is.
            milliseconds = Int32(clamping: max(0, (left + 999_999) / 1_000_000))
        }
        // The array is the kernel's for the length of the call, with its own count.
        return unsafe poll(&descriptors, nfds_t(descriptors.count), milliseconds) > 0
    }
}
