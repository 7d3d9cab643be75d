package import Payments

/// The kiosk's lights.
package protocol StatusLights: Sendable {
    var state: LightsState { get }

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

/// How the lights are.
package enum LightsState: Hashable, Sendable {
    /// None are configured.
    case none
    case working
    /// Not there, or no longer obeying; they are opened again by themselves.
    case failed(LightsError)
}

/// Takes the lights and shows out of service on them at once. Never waits for them: where they cannot be used, or stop
/// working later, they are opened again in the background, after 0.25 s, doubling to 5 s, without an end.
///
/// `onState` is told on the lights' thread of every change, the first opening included; nothing is told where there are none.
package func openStatusLights(
    _ settings: LightsSettings,
    onState: @escaping @Sendable (LightsState) -> Void,
) -> any StatusLights {
    switch settings {
    case .gpiod(let chip, let lines, let activeLow):
        PlayedLights(onState: onState) { () throws(LightsError) -> any LightDriver in
            try GPIOLights(chip: chip, lines: lines, activeLow: activeLow)
        }
    case .trace(let file):
        PlayedLights(onState: onState) { () throws(LightsError) -> any LightDriver in
            try TraceLights(file: file)
        }
    case .none:
        NoLights()
    }
}

/// A kiosk without lights.
package struct NoLights: StatusLights {
    package init() {}
    package var state: LightsState { .none }
    package func show(_ display: LightDisplay) {}
    package func stop() {}
}
