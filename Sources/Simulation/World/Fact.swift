import Payments

/// What the invariants are shown, in the order it happens. The books are as they were before it.
enum Fact {
    /// A record is on stable storage: it survives a power cut at the next instant.
    case stored(Record)
    /// A record is not stored and never will be, and the machine is being told so.
    case notStored(Record)
    /// The machine hears of this.
    case hears(TillEvent)
    /// The shell performs this.
    case acts(TillAction)
    /// A process starts on what the disk kept.
    case starts(OpenRows, isNewBoot: Bool, Custody)
    /// The disk's rows are no longer those that were stored last: an older copy, or what was recovered of a damaged journal.
    /// The books are as they are from now on.
    case rewritten
    /// The process is gone, and with it everything that was only in memory.
    case isGone
    /// The platform has taken money, given it back.
    case charged(OrderFile)
    case returned(OrderFile)
    /// The application lets goods out, on this claim, or on its report alone.
    case dispensed(SaleID, claim: String?)
    /// An application has called about a sale; its answer will carry the number.
    case called(RequestID, SaleID, SaleCall)
    case asked(RequestID)
}

extension TillAction {
    /// The rows that are handed over, if any.
    var record: Record? {
        if case .record(let record) = self { record } else { nil }
    }
}
