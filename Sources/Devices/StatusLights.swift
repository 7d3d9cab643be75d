package import Payments

/// The kiosk's lights.
package protocol StatusLights: Sendable {
    /// Shows this from now on; returns at once.
    func show(_ display: LightDisplay)

    /// Shows out of service, then releases the lines; waits for that, at most two seconds.
    func stop()
}

/// Which lights there are (configuration, `lights`).
package enum LightsSettings: Hashable, Sendable {
    /// Lines of a GPIO chip, named by name (`gpiochip0`), path or label.
    case gpiod(chip: String, lines: GPIOLightLines, activeLow: Bool)
    /// A file to which each change is appended as a line `<monotonic ms> <name> <0|1>`.
    case trace(file: String)
    case none
}

/// The chip's line number of each light.
package struct GPIOLightLines: Hashable, Sendable {
    package let ready: Int
    package let busy: Int
    package let approved: Int
    package let declined: Int
    package let fault: Int

    package init(ready: Int, busy: Int, approved: Int, declined: Int, fault: Int) {
        self.ready = ready
        self.busy = busy
        self.approved = approved
        self.declined = declined
        self.fault = fault
    }

    subscript(name: LightName) -> Int {
        switch name {
        case .ready: ready
        case .busy: busy
        case .approved: approved
        case .declined: declined
        case .fault: fault
        }
    }
}

/// The lights cannot be used.
package struct LightsError: Error, Hashable, CustomStringConvertible {
    /// One sentence: what is wrong and what to do.
    package let description: String
}

/// Takes the lights and shows out of service on them at once.
///
/// `onState` is told on the lights' thread when they stop working later, and when they work again.
package func openStatusLights(
    _ settings: LightsSettings,
    onState: @escaping @Sendable (DeviceState) -> Void,
) throws(LightsError) -> any StatusLights {
    switch settings {
    case .gpiod(let chip, let lines, let activeLow):
        let driver = try GPIOLights(chip: chip, lines: lines, activeLow: activeLow)
        return PlayedLights(driver: driver, onState: onState)
    case .trace(let file):
        return PlayedLights(driver: try TraceLights(file: file), onState: onState)
    case .none:
        return NoLights()
    }
}

/// A kiosk without lights.
struct NoLights: StatusLights {
    func show(_ display: LightDisplay) {}
    func stop() {}
}
