/// What waits for its commit, in the order the records were handed over.
struct PendingRecords {
    /// What a commit allows.
    enum After: Hashable {
        case saleOpened
        case attemptPrepared(OrderNumber)
        case paid
        case declined
        case claimed
        case delivered
        /// The sale's last state; the caller, if any, is answered.
        case ended
        /// A sale that expired, was cancelled or was left undelivered before this start.
        case recovered
        case revokeStep(OrderNumber)
        /// Settled or parked.
        case revokeEnded(OrderNumber)
        /// Rule C5: the refund may leave.
        case refundDecided(OrderNumber)
        /// A person has it tried again; with why it was parked.
        case unparked(OrderNumber, String)
        case settledByPerson(OrderNumber)
        /// A parked sale was reported undelivered after all: its payer gets the slip (rule D2).
        case undeliveredLate(SaleRow, AttemptRow)
        /// A refused attempt is being revoked from here on.
        case revokeBegun
        /// The rows that could not be stored earlier (rule A3).
        case storageReturned
        /// Nothing waits for it.
        case nothing
    }

    struct Entry {
        let after: After
        /// What is stored with it, events not included.
        let rows: [Row]
        /// Announced when committed, in this order.
        let events: [EventRow]
        /// Answered when committed.
        var answers: [(RequestID, Answer)]
        /// As in the ``Record``.
        let endsAdoption: Bool
        /// An earlier record failed and left a gap before these events: the journal will refuse them.
        var isDoomed = false
    }

    private(set) var entries: [RecordID: Entry] = [:]
    private var nextRecord: UInt64 = 1
    private(set) var nextEvent: Int64 = 1

    /// The id that the next record will get.
    var upcoming: RecordID { RecordID(nextRecord) }

    var isEmpty: Bool { entries.isEmpty }

    /// Whether a word on the same sale or order is on its way to the journal that is newer than one that is owed: stored
    /// after it, the older one would stand.
    func hasWord(on row: Row) -> Bool {
        entries.values.contains { entry in
            entry.after != .storageReturned && entry.rows.contains { $0.isSameRow(as: row) }
        }
    }

    mutating func startEvents(after last: Int64) {
        nextEvent = last + 1
    }

    mutating func takeEventID() -> Int64 {
        defer { nextEvent += 1 }
        return nextEvent
    }

    mutating func add(_ entry: Entry) -> RecordID {
        let id = RecordID(nextRecord)
        nextRecord += 1
        entries[id] = entry
        return id
    }

    /// One more caller that the same commit answers.
    mutating func addAnswer(_ request: RequestID, _ answer: Answer, to id: RecordID) {
        entries[id]?.answers.append((request, answer))
    }

    /// What the callers were to be told is no longer true.
    mutating func replaceAnswers(of id: RecordID, by answer: Answer) {
        guard let callers = entries[id]?.answers else { return }
        entries[id]?.answers = callers.map { ($0.0, answer) }
    }

    mutating func committed(_ id: RecordID) -> Entry? {
        entries.removeValue(forKey: id)
    }

    mutating func failed(_ id: RecordID) -> Entry? {
        guard let entry = entries.removeValue(forKey: id) else { return nil }
        guard !entry.isDoomed, let first = entry.events.first?.id else { return entry }
        // The ids of events that were never stored are given again, since the stream has no gaps. What is under way with
        // later ids is refused by the journal; its ids are free at once, and not a second time when it fails.
        for (other, pending) in entries where pending.events.contains(where: { $0.id > first }) {
            entries[other]?.isDoomed = true
        }
        nextEvent = first
        return entry
    }
}
