package import Payments

/// What the local interface may ask of the kiosk. The shell implements it; every call answers within the shell's own
/// time limits, else throws ``NoAnswer``, and blocks no thread.
package protocol KioskControl: Sendable {
    /// Asks for a new sale. Throws ``NoAnswer`` alone: the sale may still be made.
    func ask(_ wish: SaleRequest) async throws -> Answer

    /// Calls about a sale, whether it is active, past or unknown. Throws ``NoAnswer`` alone: the call may still take effect.
    func call(_ sale: SaleID, _ call: SaleCall) async throws -> Answer

    /// The orders of the revoke queue, the oldest first, at most `limit`.
    func revokes(limit: Int) async -> [RevokeEntry]

    /// Calls about an order of the revoke queue, whether it is there, past or unknown. Throws ``NoAnswer`` alone: the call may
    /// still take effect.
    func callRevoke(_ order: OrderNumber, _ call: RevokeCall) async throws -> Answer

    /// A person vouches for a journal that may be a copy (rule A5). Does nothing to one that is the kiosk's own. Throws when
    /// that could not be stored.
    func adoptJournal(by person: String) async throws -> JournalStatus

    /// A technician opens or closes the door.
    func setServiceMode(_ mode: ServiceMode) async

    /// One sale as it is stored; `nil` if there is none of that name. Throws when the journal cannot be read.
    func sale(_ id: SaleID) async throws -> SaleDetails?

    /// The newest sales, newest first.
    func sales(limit: Int) async throws -> [SaleDetails]

    /// Committed events with an id above `id`, ascending, at most `limit`.
    func events(after id: Int64, limit: Int) async throws -> [EventRow]

    /// The highest event id ever committed; 0 before any.
    func lastEventID() async throws -> Int64

    func status() async -> KioskStatus
}

/// The kiosk's storage hangs: a call was not answered in time.
package struct NoAnswer: Error, Hashable, Sendable {
    package init() {}
}

/// A sale with its attempts, as stored.
package struct SaleDetails: Hashable, Sendable {
    package let sale: SaleRow
    /// In the order of ``AttemptRow/ordinal``.
    package let attempts: [AttemptRow]
    /// The order whose money was taken and is, or was, on its way back; `nil` if there is none. It need not be the last.
    package let returned: OrderNumber?

    package init(sale: SaleRow, attempts: [AttemptRow], returned: OrderNumber? = nil) {
        self.sale = sale
        self.attempts = attempts
        self.returned = returned
    }
}
