import ServiceLifecycleTestKit
import Synchronization
import Testing

@testable import Kiosk

@Suite("The journal's reserve comes back (A3)")
struct ReserveKeeperTests {
    /// A journal and a till as far as the keeper sees them.
    private final class Kiosk: Sendable {
        struct State {
            var isHeld: Bool
            var isSaleActive = false
            var looks = 0
            var tries = 0
            /// Tries that fail before one works.
            var failures = 0
        }

        let state: Mutex<State>
        let log = CapturedLog()

        init(isHeld: Bool = false, failures: Int = 0) {
            state = Mutex(State(isHeld: isHeld, failures: failures))
        }

        /// Runs the keeper until `isOver`, for a minute at most, and then gracefully ends it.
        func keep(
            interval: Duration = .milliseconds(5),
            until isOver: @escaping @Sendable (borrowing State) -> Bool,
        ) async throws {
            let keeper = ReserveKeeper(
                interval: interval,
                isHeld: {
                    self.state.withLock {
                        $0.looks += 1
                        return $0.isHeld
                    }
                },
                isSaleActive: { self.state.withLock { $0.isSaleActive } },
                restore: {
                    self.state.withLock {
                        $0.tries += 1
                        if $0.tries > $0.failures { $0.isHeld = true }
                    }
                },
                log: log.logger
            )
            try await testGracefulShutdown { shutdown in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await keeper.run() }
                    let limit = ContinuousClock.now + .seconds(60)
                    while !self.state.withLock({ isOver($0) }), ContinuousClock.now < limit {
                        try await Task.sleep(for: .milliseconds(1))
                    }
                    shutdown.triggerGracefulShutdown()
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test("Tried until it is there, then left alone; the log says both once")
    func comesBack() async throws {
        let kiosk = Kiosk(failures: 2)
        try await kiosk.keep { $0.isHeld && $0.looks > 8 }
        #expect(kiosk.state.withLock { $0.tries } == 3)
        #expect(kiosk.log.lines.count == 2, "\(kiosk.log.lines)")
        #expect(kiosk.log.lines.first?.hasPrefix("warning The disk is almost full") == true)
        #expect(kiosk.log.lines.last?.hasPrefix("notice Room for one sale") == true)
    }

    @Test("Not while a sale is active")
    func notBesideAPayment() async throws {
        let kiosk = Kiosk()
        kiosk.state.withLock { $0.isSaleActive = true }
        try await kiosk.keep { $0.looks > 3 }
        #expect(kiosk.state.withLock { $0.tries } == 0)
    }

    @Test("Never more often than the interval, and never at once")
    func limited() async throws {
        let kiosk = Kiosk(failures: .max)
        let time = try await ContinuousClock().measure {
            try await kiosk.keep(interval: .milliseconds(50)) { $0.tries >= 3 }
        }
        #expect(time >= .milliseconds(150))
    }

    @Test("While it is there nothing is done and nothing said")
    func held() async throws {
        let kiosk = Kiosk(isHeld: true)
        try await kiosk.keep { $0.looks > 3 }
        #expect(kiosk.state.withLock { $0.tries } == 0)
        #expect(kiosk.log.lines.isEmpty)
    }
}
