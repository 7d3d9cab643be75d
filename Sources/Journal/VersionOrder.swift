import Payments

// Which of two states of one row was stored later. Rows carry no number of their version; what they say has an order of its
// own: an end is never left, and counts never fall. Times decide the rest.

extension SaleRow {
    func isLater(than other: Self) -> Bool {
        guard state.isFinal == other.state.isFinal else { return state.isFinal }
        return updated.isLater(than: other.updated, progress: state.progress, other.state.progress)
    }
}

extension AttemptRow {
    func isLater(than other: Self) -> Bool {
        guard state.isFinal == other.state.isFinal else { return state.isFinal }
        return updated.isLater(than: other.updated, progress: state.progress, other.state.progress)
    }
}

extension RevokeRow {
    func isLater(than other: Self) -> Bool {
        guard (settled != nil) == (other.settled != nil) else { return settled != nil }
        guard tries == other.tries else { return tries > other.tries }
        guard (refundDecided != nil) == (other.refundDecided != nil) else {
            return refundDecided != nil
        }
        switch (parked, other.parked) {
        // A row that is tried again is due from that moment on; one that was not parked yet was due before.
        case (nil, let parked?): return due.isLater(than: parked)
        case (let parked?, nil): return !other.due.isLater(than: parked)
        case (let parked?, let other?): return parked.isLater(than: other)
        case (nil, nil): return due.isLater(than: other.due)
        }
    }
}

extension SaleState {
    /// Larger is later; equal where a sale can go back and forth, with each code that it takes.
    fileprivate var progress: Int {
        switch self {
        case .awaitingCode, .submitting, .confirming, .declined: 0
        case .cancelling, .paid: 1
        case .delivering: 2
        case .delivered, .undelivered, .cancelled, .expired: 3
        }
    }
}

extension AttemptState {
    /// Larger is later; equal where a person can have it tried again.
    fileprivate var progress: Int {
        switch self {
        case .prepared: 0
        case .submitted: 1
        case .polling: 2
        case .refused, .paid: 3
        case .revoking, .refunding, .parked: 4
        case .void, .undone, .refunded, .writtenOff: 5
        }
    }
}

extension Moment {
    /// Within one boot the boot clock says it. Between boots the calendar does, also where nothing vouches for it: no boot's
    /// starts below the latest time that was stored (rule F1), but for the minute that this may be behind.
    fileprivate func isLater(than other: Moment) -> Bool {
        if bootID == other.bootID { return boot > other.boot }
        return wall.milliseconds > other.wall.milliseconds
    }

    /// Where one of two boots had no time of its own, what the rows say comes before what their calendars say.
    fileprivate func isLater(than other: Moment, progress: Int, _ otherProgress: Int) -> Bool {
        if bootID != other.bootID, wall.isSynchronised != other.wall.isSynchronised,
            progress != otherProgress
        {
            return progress > otherProgress
        }
        return isLater(than: other)
    }
}
