package import Payments
import Synchronization
internal import Threads

/// The durable record of every sale, attempt, revoke and event, on SQLite (section A of the payment
/// rules).
///
/// Three threads of its own: one writes, one reads for callers that must not block and keeps house,
/// and, while a full check runs, one checks. Nothing is ever deleted (rule A4).
package final class Journal: Sendable {
    /// Whether this is the journal that this machine wrote last (rule A5).
    package let origin: JournalOrigin
    /// Journals that were found damaged and set aside, and wait for `kioskpay journal recover`; `nil` if there are none. This
    /// one then stands in, and holds nothing of them (rule A6).
    package let damage: JournalDamage?
    /// A person has vouched for the rows since they were last in use: they are taken over as adopted ones (rules A5, A6).
    package let isAdoptionPending: Bool

    private let directory: Directory
    private let lock: DirectoryLock
    private let status: Status
    private let watch: DamageWatch
    private let machineID: String
    private let reserve: Reserve
    private let housekeeper: Housekeeper
    private let reader: Mutex<JournalReader?>
    private let records = Inbox<Entry>(capacity: mostWaitingRecords)
    private let jobs = Inbox<Job>(capacity: mostWaitingReads)
    private let stop = StopSignal()
    private let writerEnded = Semaphore()
    private let readerEnded = Semaphore()
    private let phase = Mutex(Phase())

    private struct Phase {
        var isClosed = false
        /// Signalled when the check that runs has ended; `nil` while none runs.
        var checkEnded: Semaphore?
    }

    private typealias Job = @Sendable () -> Void

    private struct Entry: Sendable {
        var record: Record? {
            if case .record(let record) = work { record } else { nil }
        }

        var isAdoption: Bool {
            if case .adoption = work { true } else { false }
        }

        enum Work: Sendable {
            case record(Record)
            case adoption(Adoption)
            /// A record that came when too many waited: refused when its turn comes.
            case overload
        }

        let work: Work
        let completion: @Sendable (Result<Void, JournalError>) -> Void
    }

    /// Most records that wait. The machine waits for its commits, so only a storage that hangs gets
    /// here.
    package static let mostWaitingRecords = 1_024
    /// Most reads that wait for the reader thread.
    package static let mostWaitingReads = 256
    /// Most records of a transaction that no payment waits for, so that one that comes meanwhile
    /// waits a short commit.
    static let recordsPerQuietCommit = 32

    /// Opens the journal in `directory` (which must exist with mode 0700), making or migrating it,
    /// and counts the start.
    ///
    /// A damaged journal is set aside first and an empty one stands in for it, see ``damage``.
    ///
    /// Blocks: call it on a thread that may. `reserveBytes` is the room kept for one sale's rows
    /// (rule A3); `machineID` is the machine's own, such as the text of `/etc/machine-id` without
    /// its line end (rule A5).
    package static func open(
        directory: String,
        reserveBytes: Int = 2 * 1024 * 1024,
        machineID: String,
        now: Moment,
    ) throws(JournalError) -> Journal {
        let place = Directory(path: directory)
        try place.check()
        let lock = try DirectoryLock(place)
        let reserve = Reserve(in: place, bytes: reserveBytes)
        let parts = Parts(place: place, lock: lock, reserve: reserve, machineID: machineID)
        do {
            return try openOrSetAside(parts, now)
        } catch {
            // A full disk must not keep the open rows from being revoked (rule A3).
            guard error.kind == .diskFull, reserve.giveUp() else { throw error }
            return try openOrSetAside(parts, now)
        }
    }

    private struct Parts {
        let place: Directory
        let lock: DirectoryLock
        let reserve: Reserve
        let machineID: String
    }

    private static func openOrSetAside(
        _ parts: Parts,
        _ now: Moment,
    ) throws(JournalError) -> Journal {
        if let reason = try parts.place.suspectedDamage() {
            if try parts.place.isSound() {
                try parts.place.forgetSuspicion()
            } else {
                try parts.place.setAside(because: reason)
            }
        }
        do {
            return try Journal(parts, now)
        } catch {
            guard error.kind == .damaged else { throw error }
            try parts.place.setAside(because: error.description)
            return try Journal(parts, now)
        }
    }

    private init(_ parts: Parts, _ now: Moment) throws(JournalError) {
        let (directory, reserve, machineID) = (parts.place, parts.reserve, parts.machineID)
        let unrecovered = directory.unrecovered
        try directory.noteMissingLog(machineID: machineID)
        try directory.makeDatabaseFile()
        if let problem = try directory.problem() {
            throw JournalError.damaged(directory.database, problem)
        }
        let writing = try Database.open(directory.database, for: .writing)
        try writing.migrate()
        let start = try Start(
            writing,
            in: directory,
            machineID: machineID,
            now: now,
            isCounted: unrecovered.isEmpty
        )
        reserve.restore()
        let watch = DamageWatch(directory)
        let status = Status(latestWall: start.identity.latestWall, watch: watch)
        let writer = try Writer(
            writing,
            identity: start.identity,
            reserve: reserve,
            status: status
        )
        let keeping = try Database.open(directory.database, for: .writing)
        let reader = JournalReader(try Database.open(directory.database, for: .reading))
        // Everything that the machines will be recovered from must be readable, while the file can still be set aside.
        _ = try reader.openRows(now: now)
        self.directory = directory
        lock = parts.lock
        self.reserve = reserve
        self.status = status
        self.watch = watch
        self.machineID = machineID
        origin = start.origin
        damage = JournalDamage(unrecovered)
        isAdoptionPending = start.identity.isAdoptionPending
        housekeeper = Housekeeper(keeping, reserve: reserve, status: status)
        self.reader = Mutex(reader)
        try startThreads(writer)
    }

    deinit {
        records.close()
        jobs.close()
        stop.stop()
    }

    /// Why nothing is accepted any more until the next start; `nil` while all is well.
    package var failure: JournalError? { status.failure }

    /// Whether the reserve of rule A3 is there. Without it the next full disk stops selling at
    /// once. Never blocks.
    package var hasReserve: Bool { reserve.isHeld }

    /// The latest synchronised time that was ever stored: no clock may start below it (rule F1). At
    /// most a minute behind after a restart; `nil` if no synchronised time was stored yet.
    package var latestWall: WallTime? { status.latestWall }

    /// Stores a record; from any thread, returns at once.
    ///
    /// Records are stored in the order given. `completion` runs once per record, in the same order,
    /// on the writer thread: it must be quick and must not block. `success` means that the rows
    /// survive a power cut. A failure does not mean that they are not there: after a sync that failed the next start may find
    /// them. After a final error (``JournalError/isFinal``) every record fails and none of those is found; after "disk full"
    /// later ones may succeed, and then what failed before is gone: SQLite writes over it.
    ///
    /// An event's id must follow the last stored one: an id whose record failed is used again by
    /// the next event.
    package func commit(
        _ record: Record,
        completion: @escaping @Sendable (Result<Void, JournalError>) -> Void,
    ) {
        put(.record(record), completion)
    }

    /// A person vouches for a journal that differs (rule A5): stores that, with who it was, and brings the count outside in
    /// line. `completion` as in ``commit(_:completion:)``.
    package func adopt(
        by person: String,
        now: Moment,
        completion: @escaping @Sendable (Result<Void, JournalError>) -> Void,
    ) {
        let adoption = Adoption(
            directory: directory,
            machineID: machineID,
            person: person,
            now: now
        )
        put(.adoption(adoption), completion)
    }

    private func put(
        _ work: Entry.Work,
        _ completion: @escaping @Sendable (Result<Void, JournalError>) -> Void,
    ) {
        let isTaken = records.put(
            Entry(work: work, completion: completion),
            whenFull: Entry(work: .overload, completion: completion)
        )
        // Nothing else completes any more, so the order still holds.
        if !isTaken { completion(.failure(.closed(directory.path))) }
    }
}

extension Journal {
    /// What is open, for the machines to recover from. Blocks for a few milliseconds; for the
    /// start.
    ///
    /// - Parameter codeMemory: how far back the attempts reach whose codes rule B8 remembers.
    package func openRows(
        now: Moment,
        codeMemory: Duration = SalePolicy.codeMemory,
    ) throws(JournalError) -> OpenRows {
        try readBlocking { reader throws(JournalError) in
            try reader.openRows(now: now, codeMemory: codeMemory)
        }
    }

    /// Reads on the calling thread, which must be one that may block.
    package func readBlocking<Value: Sendable>(
        _ body: @Sendable (JournalReader) throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        try reader.withLock { reader throws(JournalError) in
            guard let reader else { throw .closed(directory.path) }
            do throws(JournalError) {
                return try body(reader)
            } catch {
                watch.note(error)
                throw error
            }
        }
    }

    /// Reads on the journal's reader thread.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (JournalReader) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        let result: Result<Value, JournalError> = await withCheckedContinuation { continuation in
            let isTaken = jobs.put { [self] in
                continuation.resume(
                    returning: Result { () throws(JournalError) in try readBlocking(body) }
                )
            }
            if !isTaken {
                continuation.resume(
                    returning: .failure(.busy(directory.database, "too many reads, or stopping"))
                )
            }
        }
        return try result.get()
    }

    /// `tell` runs once when damage is met while the journal is in use, by a read, a commit or the check; it is quick. The next
    /// start sets the journal aside (rule A6).
    package func onDamage(_ tell: @escaping @Sendable (String) -> Void) { watch.onDamage(tell) }

    /// The damage that ``onDamage(_:)`` tells; `nil` if none was met. Never blocks.
    package var damageMet: String? { watch.met }

    /// Makes the reserve of rule A3 again if the disk has room, on the reader thread;
    /// ``hasReserve`` tells.
    ///
    /// The journal does it by itself at every start and now and then beside commits; call it about
    /// once a minute while the reserve is missing.
    package func restoreReserve() {
        jobs.put { [reserve] in reserve.restore() }
    }
}

extension Journal {
    private func startThreads(_ writer: sending Writer) throws(JournalError) {
        let (records, jobs, housekeeper) = (records, jobs, housekeeper)
        let (writerEnded, readerEnded, lock) = (writerEnded, readerEnded, lock)
        let overload = JournalError.busy(
            directory.database,
            "\(Self.mostWaitingRecords) records wait for the storage"
        )
        let reads = OwnThread.start(name: "journal-read") {
            while let batch = jobs.take({ _ in 1 }) { batch.forEach { $0() } }
            readerEnded.signal()
        }
        let writes = OwnThread.start(name: "journal-write") {
            Self.write(records, with: writer, housekeeper, jobs, overload: overload)
            // The directory is ours until the last record is on the disk.
            withExtendedLifetime(lock) { writerEnded.signal() }
        }
        guard reads, writes else {
            throw .busy(directory.database, "the system starts no more threads")
        }
    }

    private static func write(
        _ records: Inbox<Entry>,
        with writer: Writer,
        _ housekeeper: Housekeeper,
        _ jobs: Inbox<Job>,
        overload: JournalError,
    ) {
        var rowsStored = 0
        while let batch = records.take(recordsPerCommit) {
            // An adoption is rare and a transaction of its own; what came before it is stored before it.
            for part in batch.split(keepingApart: \.isAdoption) {
                var results = writer.store(part.compactMap(\.record))[...]
                for entry in part {
                    let result: Result<Void, JournalError>? =
                        switch entry.work {
                        case .record: results.popFirst()
                        case .adoption(let adoption): writer.adopt(adoption)
                        case .overload: nil
                        }
                    entry.completion(result ?? .failure(overload))
                    rowsStored += entry.record?.rows.count ?? 0
                }
            }
            if rowsStored >= Housekeeper.rowsPerRound, jobs.put({ housekeeper.tend() }) {
                rowsStored = 0
            }
        }
    }

    /// How many of the waiting records the next transaction takes: all up to the last that a
    /// payment waits for, so that one never waits for more than the commit that is under way.
    private static func recordsPerCommit(_ waiting: [Entry]) -> Int {
        let lastUrgent = waiting.lastIndex { $0.record?.isUrgent == true }
        return lastUrgent.map { $0 + 1 } ?? recordsPerQuietCommit
    }
}

extension Journal {
    /// Checks the whole journal on a thread of its own that gives way to everything else, and
    /// reports; it repairs nothing. `pause` lies between two batches of 500 rows. One check at a
    /// time: while one runs, `busy` is thrown.
    package func checkIntegrity(
        pause: Duration = .milliseconds(10),
        completion: @escaping @Sendable (IntegrityReport) -> Void,
    ) throws(JournalError) {
        try phase.withLock { phase throws(JournalError) in
            guard !phase.isClosed else { throw .closed(directory.path) }
            guard phase.checkEnded == nil else {
                throw .busy(directory.database, "a check already runs")
            }
            let database = try Database.open(directory.database, for: .reading)
            let check = IntegrityCheck(database, pause: pause, stop: stop)
            let ended = Semaphore()
            let isStarted = OwnThread.start(name: "journal-check", priority: .background) {
                [self] in
                check.run()
                if let problem = check.report.problems.first { watch.found(problem) }
                self.phase.withLock { $0.checkEnded = nil }
                ended.signal()
                completion(check.report)
            }
            guard isStarted else {
                throw .busy(directory.database, "the system starts no more threads")
            }
            phase.checkEnded = ended
        }
    }

    /// Stores what waits, stops the threads, moves the log into the file and lets go of the
    /// directory.
    ///
    /// Blocks for at most about three times `limit`. False if a thread did not end in time, because
    /// the storage hangs; nothing recorded is lost by that, and the directory stays locked until
    /// the process ends.
    package func close(within limit: Duration = .seconds(10)) -> Bool {
        let (wasClosed, checkEnded) = phase.withLock { phase in
            defer { phase.isClosed = true }
            return (phase.isClosed, phase.checkEnded)
        }
        guard !wasClosed else { return true }
        stop.stop()
        records.close()
        guard writerEnded.wait(atMost: limit) else { return false }
        jobs.close()
        guard readerEnded.wait(atMost: limit) else { return false }
        if let checkEnded, !checkEnded.wait(atMost: limit) { return false }
        reader.withLock { $0 = nil }
        housekeeper.finish()
        lock.release()
        return true
    }
}

extension Array {
    /// Cut so that every element for which `isApart` holds stands alone.
    fileprivate func split(keepingApart isApart: (Element) -> Bool) -> [[Element]] {
        var parts: [[Element]] = []
        var wasApart = true
        for element in self {
            let isApart = isApart(element)
            if isApart || wasApart {
                parts.append([element])
            } else {
                parts[parts.count - 1].append(element)
            }
            wasApart = isApart
        }
        return parts
    }
}
