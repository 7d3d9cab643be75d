package import Payments

/// What a person does with a journal that no daemon has open: `kioskpay journal` (rules A5, A6). Everything here blocks.
package struct JournalCare: Sendable {
    let directory: Directory
    private let machineID: String

    /// - Parameter directory: the state directory of a kiosk.
    package init(directory: String, machineID: String) throws(JournalError) {
        self.directory = Directory(path: directory)
        self.machineID = machineID
        try self.directory.check()
    }

    /// What adopting means here.
    package struct AdoptionPlan: Hashable, Sendable {
        /// Why the journal may be a copy; `nil` if it is this kiosk's own.
        package let reason: String?
        package let openOrders: Int
        /// In each currency's smallest unit.
        package let openSums: [String: Int64]
    }

    package var adoptionPlan: AdoptionPlan {
        get throws(JournalError) {
            try withJournal { database throws(JournalError) in try plan(database) }
        }
    }

    /// A person vouches for the journal (rule A5). Stores that, and who it was; nothing for a journal that is the kiosk's own.
    package func adopt(by person: String, now: Moment) throws(JournalError) {
        try withJournal { database throws(JournalError) in
            guard try plan(database).reason != nil else { return }
            let identity =
                try Identity.stored(in: database)
                ?? Identity(machine: machineID, starts: 0, latestWallMilliseconds: nil)
            let adoption = Adoption(
                directory: directory,
                machineID: machineID,
                person: person,
                now: now
            )
            _ = try adoption.store(in: database, after: identity)
            try database.checkpoint(emptying: true)
        }
    }

    /// Salvages what was set aside (rule A6); sets a journal aside first that is damaged and was not noticed yet. `nil` if
    /// nothing is damaged.
    ///
    /// - Parameter encode: the report as JSON, which lies beside it afterwards.
    package func recover(
        by person: String,
        now: Moment,
        encode: (RecoveryReport) -> String,
    ) throws(JournalError) -> RecoveryReport? {
        let lock = try DirectoryLock(directory)
        defer { lock.release() }
        try setAsideIfDamaged(now)
        let remains = directory.unrecovered
        guard !remains.isEmpty else { return nil }
        let report: RecoveryReport
        do {
            report = try recover(remains, by: person, now)
        } catch {
            guard error.kind == .diskFull, Reserve(in: directory, bytes: 0).giveUp() else {
                throw error
            }
            report = try recover(remains, by: person, now)
        }
        for folder in remains {
            let place = Directory(path: folder.path)
            try place.replace(folder.report, with: report.lines.joined(separator: "\n") + "\n")
            try place.replace(folder.reportJSON, with: encode(report) + "\n")
            try folder.markRecovered()
        }
        return report
    }

    // MARK: - Inside

    private func recover(
        _ remains: [Remains],
        by person: String,
        _ now: Moment,
    ) throws(JournalError) -> RecoveryReport {
        let recovery = try Recovery(
            openedDatabase(),
            of: remains,
            in: directory,
            machineID: machineID,
            by: person,
            now: now
        )
        return try recovery.run()
    }

    private func setAsideIfDamaged(_ now: Moment) throws(JournalError) {
        if let reason = try directory.suspectedDamage() {
            try directory.setAside(because: reason)
            return
        }
        do {
            let database = try openedDatabase()
            _ = try Identity.stored(in: database)
            _ = try JournalReader(database).openRows(now: now)
        } catch {
            guard error.kind == .damaged else { throw error }
            try directory.setAside(because: error.description)
        }
    }

    private func openedDatabase() throws(JournalError) -> Database {
        try directory.noteMissingLog(machineID: machineID)
        try directory.makeDatabaseFile()
        if let problem = try directory.problem() {
            throw JournalError.damaged(directory.database, problem)
        }
        let database = try Database.open(directory.database, for: .writing)
        try database.migrate()
        return database
    }

    private func withJournal<Result>(
        _ body: (borrowing Database) throws(JournalError) -> Result
    ) throws(JournalError) -> Result {
        let lock = try DirectoryLock(directory)
        defer { lock.release() }
        if let damage = JournalDamage(directory.unrecovered) {
            throw JournalError.damaged(directory.database, damage.reason)
        }
        if let reason = try directory.suspectedDamage() {
            throw JournalError.damaged(directory.database, reason)
        }
        return try body(openedDatabase())
    }

    private func plan(_ database: borrowing Database) throws(JournalError) -> AdoptionPlan {
        let stored =
            try Identity.stored(in: database)
            ?? Identity(machine: machineID, starts: 0, latestWallMilliseconds: nil)
        let outside = try directory.text(of: directory.starts)
        let origin = JournalOrigin(
            stored: stored,
            outside: outside,
            machineID: machineID,
            isPutBack: directory.isPutBack
        )
        let rows = try database.rows(
            "SELECT currency, count(*), sum(amount) FROM attempts WHERE open = 1 GROUP BY currency"
        )
        var count = 0
        var sums: [String: Int64] = [:]
        for row in rows {
            guard case .text(let currency) = row[0], case .integer(let number) = row[1],
                case .integer(let sum) = row[2]
            else { continue }
            count += Int(number)
            sums[currency] = sum
        }
        guard case .differs(let reason) = origin else {
            return AdoptionPlan(reason: nil, openOrders: count, openSums: sums)
        }
        return AdoptionPlan(reason: reason, openOrders: count, openSums: sums)
    }
}
