internal import Payments

/// The platform's and the payers' times.
package struct SandboxTimings: Hashable, Sendable {
    /// A reverse sooner after the submit's arrival is a violation (wire facts, 1.10: 15 s).
    package var earliestReverse: Duration
    /// What a reverse may come too early without blame: a submit can be read later than it was sent.
    package var arrivalTolerance: Duration
    /// An order unpaid this long after its creation is revoked by the platform itself (wire facts, 3.1: 45 s).
    package var platformRevoke: Duration
    /// Factor on every duration of a ``SandboxCase``: 0.01 makes a payer of 8 s pay after 80 ms.
    package var payerScale: Double
    /// A connection without a request is closed after this long.
    package var idle: Duration
    /// A request must be whole this long after its first byte, a handshake after its connection.
    package var request: Duration

    package init(
        earliestReverse: Duration = .seconds(15),
        arrivalTolerance: Duration = .milliseconds(250),
        platformRevoke: Duration = .seconds(45),
        payerScale: Double = 1,
        idle: Duration = .seconds(75),
        request: Duration = .seconds(10),
    ) {
        self.earliestReverse = earliestReverse
        self.arrivalTolerance = arrivalTolerance
        self.platformRevoke = platformRevoke
        self.payerScale = payerScale
        self.idle = idle
        self.request = request
    }

    /// The real platform's times with everything about orders and payers multiplied by `factor`;
    /// the limits of connections stay.
    package static func scaled(by factor: Double) -> Self {
        let real = Self()
        return Self(
            earliestReverse: real.earliestReverse.scaled(by: factor),
            arrivalTolerance: real.arrivalTolerance.scaled(by: factor),
            platformRevoke: real.platformRevoke.scaled(by: factor),
            payerScale: factor,
        )
    }

    func payer(_ duration: Duration) -> Duration { duration.scaled(by: payerScale) }
}

extension Duration {
    fileprivate func scaled(by factor: Double) -> Duration {
        .nanoseconds(Int64(Double(wholeNanoseconds) * factor))
    }
}
