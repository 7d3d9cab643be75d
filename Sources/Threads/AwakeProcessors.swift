internal import CLinux
internal import Glibc
internal import Synchronization

/// Keeps the processors from sleeping for a few milliseconds in which somebody waits: a processor that sleeps takes a tenth of a
/// millisecond to wake, at each step from thread to thread, and runs at its lowest clock.
///
/// One thread for each processor, which gives way to everything else on the machine, does nothing for so long. Between two such
/// times they cost nothing.
package final class AwakeProcessors: Sendable {
    private let wakes: [WakeDescriptor]
    /// Boot clock; in the past while the processors may sleep.
    private let end = Shared()

    private final class Shared: Sendable {
        let nanoseconds = Atomic<Int64>(0)
        let isClosed = Atomic<Bool>(false)
    }

    /// A kiosk's machine has few; on a bigger one the threads are on the first ones.
    private static let mostProcessors = 4

    package init() {
        let count = min(max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 1), Self.mostProcessors)
        wakes = (0..<count).map { _ in WakeDescriptor() }
        for (processor, wake) in wakes.enumerated() {
            _ = OwnThread.start(name: "awake", priority: .background) { [end] in
                // Refused where the processor is not ours: the thread then runs where it may.
                _ = kioskpay_run_on_processor(Int32(processor))
                while !end.isClosed.load(ordering: .acquiring) {
                    _ = wake.wait(atMost: .seconds(86_400))
                    wake.clear()
                    while BootClock.nanoseconds() < end.nanoseconds.load(ordering: .relaxed) {}
                }
            }
        }
    }

    deinit {
        end.isClosed.store(true, ordering: .releasing)
        sleep()
        for wake in wakes { wake.signal() }
    }

    /// Keeps them awake for `time`, or until ``sleep()``.
    package func keep(for time: Duration) {
        end.nanoseconds.store(
            BootClock.nanoseconds() + BootClock.nanoseconds(of: time),
            ordering: .relaxed
        )
        for wake in wakes { wake.signal() }
    }

    /// Lets them sleep.
    package func sleep() { end.nanoseconds.store(0, ordering: .relaxed) }
}
