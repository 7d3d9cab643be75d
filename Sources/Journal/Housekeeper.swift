import Synchronization

/// What is done beside the commits, on the reader thread: moving the log into the file, making the
/// reserve again.
///
/// The writer leaves both alone, so a payment's record never waits for them.
final class Housekeeper: Sendable {
    private let database: Mutex<Connection?>
    private let reserve: Reserve
    private let status: Status

    /// A connection of its own, so that a checkpoint holds up no read.
    private final class Connection {
        let database: Database
        init(_ database: consuming Database) { self.database = database }
    }

    /// Rows stored between two checkpoints. A new row with its indexes is about four pages, a
    /// changed one fewer, so a round comes well before the writer itself would have to stop for one
    /// (`wal_autocheckpoint`, 1000 pages).
    static let rowsPerRound = 64

    init(_ database: consuming sending Database, reserve: Reserve, status: Status) {
        self.database = Mutex(Connection(database))
        self.reserve = reserve
        self.status = status
    }

    func tend() {
        checkpoint(emptying: false)
        reserve.restore()
    }

    /// Empties the log and closes. After a failure nothing is touched: the next start reads what is
    /// there.
    func finish() {
        checkpoint(emptying: true)
        database.withLock { $0 = nil }
    }

    private func checkpoint(emptying: Bool) {
        guard status.failure == nil else { return }
        database.withLock { connection in
            do throws(JournalError) {
                try connection?.database.checkpoint(emptying: emptying)
            } catch {
                // A full disk or a busy file only leaves the pages in the log, where they are just
                // as safe.
                status.note(error)
            }
        }
    }
}
