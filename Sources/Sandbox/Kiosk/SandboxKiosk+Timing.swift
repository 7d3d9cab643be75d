internal import Payments

extension SandboxKiosk {
    /// Every time of orders, payers and revokes as a factor of the real ones, on both sides alike: what the configuration's
    /// `timing` says, and what a stand-in started with ``SandboxTimings/kiosk(scaledBy:)`` expects. Time-outs of
    /// connections and requests stay, because the network is a real one.
    ///
    /// - Parameter factor: 0.05 to 1; at 0.1 the payer has 3 s instead of 30.
    package mutating func scaleTiming(by factor: Double) {
        let real = Timing()
        let times: [(String, Duration)] = [
            ("pollSeconds", real.poll), ("payerWaitSeconds", real.payerWait),
            ("hardEndSeconds", real.hardEnd),
            ("queryAfterSilenceSeconds", real.queryAfterSilence),
            ("revokeNotBeforeSeconds", real.revokeNotBefore),
            ("retryBaseSeconds", real.retryBase), ("retryCapSeconds", real.retryCap),
            ("confirmAgainSeconds", real.confirmAgain), ("probeSeconds", real.probe),
            ("retryPauseSeconds", real.retryPause), ("refundAgainSeconds", real.refundAgain),
            ("breakerProbeSeconds", real.breakerProbe),
            ("breakerProbeCapSeconds", real.breakerProbeCap),
            ("recoverySpreadSeconds", real.recoverySpread),
        ]
        let members = times.map { name, time in
            let milliseconds = Int64(Double(time.wholeNanoseconds) * factor / 1_000_000)
            let fraction = String(1_000 + milliseconds % 1_000).dropFirst()
            return "\"\(name)\":\(milliseconds / 1_000).\(fraction)"
        }
        sections["timing"] = "{\(members.joined(separator: ","))}"
    }
}

extension SandboxTimings {
    /// The stand-in's half of ``SandboxKiosk/scaleTiming(by:)``. The tolerance on a reverse's earliest time is one of
    /// machines, not of people: it stays, up to a third of that time.
    package static func kiosk(scaledBy factor: Double) -> Self {
        var timings = Self.scaled(by: factor)
        timings.arrivalTolerance = min(Self().arrivalTolerance * 2, timings.earliestReverse / 3)
        return timings
    }
}
