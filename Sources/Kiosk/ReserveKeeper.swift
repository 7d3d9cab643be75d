internal import Journal
internal import Logging
internal import Payments
internal import ServiceLifecycle

/// Makes the journal's reserve (rule A3) again after it was given up: tried once per interval, while no sale is active, so
/// that no payment shares the disk with it.
struct ReserveKeeper: Service {
    let interval: Duration
    let isHeld: @Sendable () -> Bool
    let isSaleActive: @Sendable () -> Bool
    /// Begins the try; ``isHeld`` tells later whether it worked.
    let restore: @Sendable () -> Void
    let log: Logger

    init(
        interval: Duration,
        isHeld: @escaping @Sendable () -> Bool,
        isSaleActive: @escaping @Sendable () -> Bool,
        restore: @escaping @Sendable () -> Void,
        log: Logger,
    ) {
        self.interval = interval
        self.isHeld = isHeld
        self.isSaleActive = isSaleActive
        self.restore = restore
        self.log = log
    }

    /// - Parameter shell: its clock for trying is the one that tries failed storage again.
    init(_ shell: Shell, interval: Duration) {
        let journal = shell.parts.journal
        self.init(
            interval: interval,
            isHeld: { journal.hasReserve },
            isSaleActive: { shell.look { $0.activeSale != nil } },
            restore: { journal.restoreReserve() },
            log: shell.parts.log
        )
    }

    /// Until graceful shutdown or cancellation.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            var wasHeld = true
            while (try? await Task.sleep(for: interval)) != nil { tend(&wasHeld) }
        }
    }

    private func tend(_ wasHeld: inout Bool) {
        let isHeld = isHeld()
        if wasHeld, !isHeld {
            log.warning(
                "The disk is almost full: the room reserved for one sale was given up, and the next full disk stops selling. No money is lost; make room."
            )
        } else if !wasHeld, isHeld {
            log.notice("Room for one sale is reserved on the disk again.")
        }
        wasHeld = isHeld
        if !isHeld, !isSaleActive() { restore() }
    }
}
