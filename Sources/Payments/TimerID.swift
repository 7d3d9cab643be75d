/// What a timer is for.
package enum TimerPurpose: Hashable, Sendable {
    case codeWait(SaleID)
    case deliveryWait(SaleID)
    /// A claimed release that is never reported goes to a person (rule D3).
    case unreportedWait(SaleID)
    /// A claim found after a restart: the platform is asked whether the money is still there (rules D1, D3).
    case claimCheck(SaleID)
    case silence(OrderNumber)
    case poll(OrderNumber)
    case window(OrderNumber)
    case refusalCheck(OrderNumber)
    case lastQuery(OrderNumber)
    case resultLight
    case revokes
    /// The probe of the revoke queue's breaker (rule C4).
    case breaker
    case probe
    case storage
}

/// One arming of a timer. A timer that was disarmed or armed anew may still fire; the machine knows by the serial.
package struct TimerID: Hashable, Sendable {
    package let purpose: TimerPurpose
    package let serial: UInt64

    package init(purpose: TimerPurpose, serial: UInt64) {
        self.purpose = purpose
        self.serial = serial
    }
}
