/// What can happen to the till. Named in the past tense; the shell reports, the machine decides.
package enum TillEvent: Hashable, Sendable {
    /// An application wants to sell. `stored` is the journal's sale under the same idempotency key, if any.
    case saleAsked(RequestID, SaleRequest, stored: SaleRow?)
    /// An application calls about a sale. `stored` is the journal's row, `attempts` its attempts.
    case saleCalled(RequestID, SaleID, SaleCall, stored: SaleRow?, attempts: [AttemptRow])
    /// A person or an application calls about an order of the revoke queue. `stored` is its attempt in the journal, if any.
    case revokeCalled(RequestID, OrderNumber, RevokeCall, stored: AttemptRow?)
    case serviceModeAsked(ServiceMode)
    /// A person has vouched for the journal, and that is stored (rule A5).
    case journalAdopted
    /// The journal turned out to be damaged while it is in use (rule A6).
    case journalDamaged
    case stopAsked

    /// A complete frame was read and recognised; the fingerprint is of its digits.
    case codeScanned(ScannedCode, CodeFingerprint)
    case deviceChanged(Device, DeviceCondition)

    case committed(RecordID)
    /// Nobody can say that the record is stored. It may be found after a restart all the same, whole: a disk that cannot sync
    /// may keep what it took. It is gone for certain only once a later record is committed.
    case commitFailed(RecordID)

    /// The first byte of the submit may be leaving.
    case submitStarted(OrderNumber)
    case submitEnded(OrderNumber, SubmitOutcome)
    case queryEnded(OrderNumber, QueryVerdict)
    case reverseEnded(OrderNumber, ReverseVerdict)
    case refundEnded(OrderNumber, RefundVerdict)
    case refundQueryEnded(OrderNumber, RefundQueryVerdict)
    case probeEnded(ProbeResult)
    case networkChanged(isReachable: Bool)

    case timerFired(TimerID)
}

/// How a submit's transmission ended.
package enum SubmitOutcome: Hashable, Sendable {
    /// The transport's own record says that writing never began (rule B5).
    case neverLeft(reason: String)
    /// Something was or may have been written. `lastByte` is when the last byte can have left, never too early.
    case ended(SubmitVerdict, lastByte: BootTime)
}

/// What a probe found (rule B7).
package enum ProbeResult: Hashable, Sendable {
    /// Query verified with ORDERNOTEXIST; the revoke passed the client certificate.
    case good
    case fault(ConfigurationFault)
    /// No reply: says nothing about the configuration.
    case unreachable
}
