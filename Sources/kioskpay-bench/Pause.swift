internal import Glibc
internal import Threads

/// Lets time pass.
func pause(_ duration: Duration) {
    let end = BootClock.nanoseconds() + BootClock.nanoseconds(of: duration)
    var nothing: [pollfd] = []
    while BootClock.nanoseconds() < end { _ = Poll.wait(&nothing, until: end) }
}
