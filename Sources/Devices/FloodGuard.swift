internal import Payments

/// Bounds how much a device may send: beyond 16 KiB in one second it is not listened to until the
/// second is over, and it counts as flooding until one whole second has brought no more than that.
///
/// A line at 115200 baud carries 11.5 KiB in a second, so only a device gone mad is stopped.
struct FloodGuard {
    private enum State {
        /// So many bytes in the second that ends then.
        /// Can transition to: `deaf`.
        case calm(count: Int, secondEnds: BootTime)
        /// Can transition to: `watching`.
        case deaf(until: BootTime)
        /// Listened to, to see whether the flood is over.
        /// Can transition to: `calm`, `deaf`.
        case watching(count: Int, secondEnds: BootTime)
    }

    enum Change {
        /// What waits in the kernel is of the flood: it is to be dropped.
        case listensAgain
        /// The flood is over.
        case calmedDown
    }

    private static let bytesPerSecond = 16 * 1024
    private var state = State.calm(count: 0, secondEnds: BootTime(nanoseconds: 0))

    /// Whether nothing that the device sends counts.
    var isFlooded: Bool {
        if case .calm = state { false } else { true }
    }

    /// Whether the device must not even be read.
    var isDeaf: Bool {
        if case .deaf = state { true } else { false }
    }

    /// When ``timePassed(at:)`` is due; `nil` while the device behaves.
    var deadline: BootTime? {
        switch state {
        case .calm: nil
        case .deaf(let end), .watching(_, let end): end
        }
    }

    mutating func bytesReceived(_ bytes: Int, at now: BootTime) {
        switch state {
        case .calm(let count, let secondEnds) where now < secondEnds:
            state = .calm(count: count + bytes, secondEnds: secondEnds)
        case .calm:
            state = .calm(count: bytes, secondEnds: now + .seconds(1))
        case .watching(let count, let secondEnds):
            state = .watching(count: count + bytes, secondEnds: secondEnds)
        case .deaf:
            return
        }
        switch state {
        case .calm(let count, let end), .watching(let count, let end):
            if count > Self.bytesPerSecond { state = .deaf(until: end) }
        case .deaf:
            return
        }
    }

    /// The time is told before each wait.
    mutating func timePassed(at now: BootTime) -> Change? {
        switch state {
        case .deaf(let end) where now >= end:
            state = .watching(count: 0, secondEnds: now + .seconds(1))
            return .listensAgain
        case .watching(_, let end) where now >= end:
            state = .calm(count: 0, secondEnds: now + .seconds(1))
            return .calmedDown
        case .calm, .deaf, .watching:
            return nil
        }
    }
}
