internal import Synchronization

/// When the last byte of the last code was read, for measuring the way from scan to wire.
final class LatencyTrace: Sendable {
    private let scan = Atomic<Int64>(0)

    /// Boot clock, right after the `read` that returned the last byte.
    func scanned(at nanoseconds: Int64) { scan.store(nanoseconds, ordering: .relaxed) }

    var lastScan: Int64? {
        let value = scan.load(ordering: .relaxed)
        return value == 0 ? nil : value
    }
}
