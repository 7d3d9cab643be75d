internal import Payments

/// Lights that are opened as soon as they can be, and again when they stop working.
struct HeldLights {
    /// Having worked for so long, they fail anew when they fail.
    private static let steady = Duration.seconds(5)

    private let open: PlayedLights.Opener
    private let onState: (LightsState) -> Void
    private var driver: (any LightDriver)?
    private var limit = FlashLimit(shown: .safe)
    private var delay = ReopenDelay()
    private var openedAt = BootTime(nanoseconds: 0)
    private var nextTry = BootTime(nanoseconds: 0)
    private var told: LightsState?

    /// - Parameter onState: told of changes alone.
    init(open: @escaping PlayedLights.Opener, onState: @escaping (LightsState) -> Void) {
        self.open = open
        self.onState = onState
    }

    /// Shows what may be shown of the levels wanted. Returns when to ask again; `nil` if only for another wish.
    mutating func show(_ wanted: LightLevels, at now: BootTime) -> BootTime? {
        if driver == nil {
            guard nextTry <= now else { return nextTry }
            tryToOpen(at: now)
        }
        guard let driver else { return nextTry }
        let before = limit.shown
        let again = limit.changed(to: wanted, at: now)
        guard limit.shown != before, !driver.set(limit.shown) else { return again }
        lose(driver, at: now)
        return nextTry
    }

    /// Shows out of service and lets the lights go.
    mutating func release() {
        _ = driver?.set(.safe)
        driver?.close()
        driver = nil
    }

    private mutating func tryToOpen(at now: BootTime) {
        do throws(LightsError) {
            driver = try open()
            openedAt = now
            limit.opened(at: now)
            tell(.working)
        } catch {
            nextTry = now + delay.next()
            tell(.failed(error))
        }
    }

    private mutating func lose(_ driver: any LightDriver, at now: BootTime) {
        driver.close()
        self.driver = nil
        if now >= openedAt + Self.steady { delay.reset() }
        nextTry = now + delay.next()
        tell(
            .failed(
                LightsError(
                    description: "The lights have stopped obeying; check the chip, or the trace "
                        + "file's disk. They are opened again by themselves."
                )
            )
        )
    }

    private mutating func tell(_ state: LightsState) {
        guard state != told else { return }
        told = state
        onState(state)
    }
}
