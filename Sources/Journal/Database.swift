import CSQLite
import Glibc

/// One connection to the journal's file, used by one thread at a time.
///
/// Every connection is made alike: WAL with a sync per commit, so that what was called committed
/// survives a power cut.
@safe struct Database: ~Copyable {
    // Owned by this value alone; closed in deinit. Statements that outlive it keep it open inside
    // SQLite (sqlite3_close_v2), so no order of release leaves a dangling handle.
    private let handle: OpaquePointer
    /// The file, for errors.
    let file: String
    /// Kept alive while SQLite may call it back.
    private var watch: Watch?

    enum Access {
        case writing
        case reading
    }

    /// Called by SQLite every so many instructions; true stops the statement.
    final class Watch {
        let shouldStop: () -> Bool
        init(_ shouldStop: @escaping () -> Bool) { self.shouldStop = shouldStop }
    }

    /// Longest a connection waits for a lock, such as one that a technician's tool holds.
    private static let busyMilliseconds: CInt = 2_000
    /// No row comes near it; more is a fault of the program and is rejected.
    private static let longestValue: CInt = 64 * 1024

    /// Configures SQLite once. Another user of it in the same process may have come first; that
    /// costs speed only.
    private static let library = kioskpay_sqlite3_start()

    /// Opens an existing file (an empty one is a new journal).
    static func open(_ file: String, for access: Access) throws(JournalError) -> Database {
        _ = library
        var opened: OpaquePointer?
        let flags =
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW
            | SQLITE_OPEN_EXRESCODE
        let code = unsafe sqlite3_open_v2(file, &opened, flags, nil)
        guard code == SQLITE_OK, let handle = unsafe opened else {
            // Also after a failure SQLite may hand out a handle, which holds the system's error and
            // must be closed.
            let systemError = unsafe opened.map { unsafe sqlite3_system_errno($0) } ?? 0
            unsafe sqlite3_close_v2(opened)
            throw JournalError(file: file, code: code, systemError: systemError, message: "open")
        }
        let database = unsafe Database(handle, file: file)
        try database.configure(for: access)
        return database
    }

    private init(_ handle: OpaquePointer, file: String) {
        unsafe self.handle = handle
        self.file = file
        watch = nil
    }

    private func configure(for access: Access) throws(JournalError) {
        unsafe sqlite3_busy_timeout(handle, Self.busyMilliseconds)
        unsafe sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, Self.longestValue)
        guard unsafe kioskpay_sqlite3_configure(handle) == SQLITE_OK else {
            throw JournalError.inputOutput(file, "SQLite refuses its configuration")
        }
        // SQLite opens what it may not write for reading, silently.
        guard unsafe sqlite3_db_readonly(handle, "main") == 0 else {
            throw JournalError.readOnly(file)
        }
        // SQLite's own 2 MiB of pages per connection fill within some thousand sales, and look like memory that grows.
        try execute(
            """
            PRAGMA cache_size = -512;
            PRAGMA synchronous = FULL;
            PRAGMA foreign_keys = ON;
            PRAGMA cell_size_check = ON;
            PRAGMA trusted_schema = OFF;
            PRAGMA temp_store = MEMORY;
            PRAGMA journal_size_limit = 1048576;
            PRAGMA wal_autocheckpoint = 1000;
            """
        )
        if access == .reading { try execute("PRAGMA query_only = ON") }
    }

    deinit { unsafe sqlite3_close_v2(handle) }

    /// Runs statements that return nothing.
    func execute(_ sql: String) throws(JournalError) {
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw unsafe JournalError(file: file, handle, code) }
    }

    /// `isKept`: the statement lives long and is run often.
    func prepare(_ sql: String, isKept: Bool = false) throws(JournalError) -> Statement {
        var prepared: OpaquePointer?
        let flags = isKept ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
        let code = unsafe sqlite3_prepare_v3(handle, sql, -1, flags, &prepared, nil)
        guard code == SQLITE_OK, let statement = unsafe prepared else {
            throw unsafe JournalError(file: file, handle, code)
        }
        return unsafe Statement(statement, file: file)
    }

    /// All rows of a query that returns few.
    func rows(_ sql: String, _ values: [Value] = []) throws(JournalError) -> [[Value]] {
        try prepare(sql).rows(values)
    }

    /// The first column of the first row as an integer; `nil` for NULL and for no row.
    func integer(_ sql: String, _ values: [Value] = []) throws(JournalError) -> Int64? {
        guard case .integer(let integer) = try rows(sql, values).first?.first else { return nil }
        return integer
    }

    /// Whether a transaction is open: some errors end it by themselves.
    var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

    /// Copies committed pages from the log into the file as far as readers allow, and with
    /// `emptying` empties the log.
    func checkpoint(emptying: Bool = false) throws(JournalError) {
        let mode = emptying ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE
        let code = unsafe sqlite3_wal_checkpoint_v2(handle, nil, mode, nil, nil)
        guard code == SQLITE_OK else { throw unsafe JournalError(file: file, handle, code) }
    }

    /// Asks `watch` every `instructions` whether to stop.
    mutating func install(_ watch: Watch, every instructions: Int32) {
        self.watch = watch
        // SQLite calls back only while a statement of this connection runs; `self.watch` keeps the
        // object until then.
        unsafe sqlite3_progress_handler(
            handle,
            instructions,
            { context in
                guard let context = unsafe context else { return 0 }
                let watch = unsafe Unmanaged<Watch>.fromOpaque(context).takeUnretainedValue()
                return watch.shouldStop() ? 1 : 0
            },
            Unmanaged.passUnretained(watch).toOpaque()
        )
    }
}

extension JournalError {
    /// The error that the connection or statement `handle` belongs to has just reported.
    fileprivate init(file: String, _ handle: OpaquePointer, _ code: CInt) {
        // Both are valid until the next call on the connection; the text is copied here.
        let message = unsafe String(cString: sqlite3_errmsg(handle))
        let systemError = unsafe sqlite3_system_errno(handle)
        self.init(file: file, code: code, systemError: systemError, message: message)
    }

    /// The error of a statement's own connection.
    init(file: String, statement: OpaquePointer, code: CInt) {
        if let handle = unsafe sqlite3_db_handle(statement) {
            unsafe self.init(file: file, handle, code)
        } else {
            self.init(file: file, code: code, systemError: 0, message: "no connection")
        }
    }

    /// What an (extended) SQLite result code means (https://sqlite.org/rescode.html).
    fileprivate init(file: String, code: CInt, systemError: CInt, message: String) {
        let isOutOfRoom = systemError == ENOSPC || systemError == EDQUOT
        let isDenied = systemError == EACCES || systemError == EPERM || systemError == EROFS
        // A sync that fails for lack of room has lost pages like any other failed sync.
        let isSync = code == SQLITE_IOERR | 4 << 8 || code == SQLITE_IOERR | 5 << 8
        let detail = systemError == 0 ? message : "\(message), system error \(systemError)"
        switch code & 0xFF {
        case SQLITE_FULL:
            self = .diskFull(file)
        case SQLITE_IOERR where isOutOfRoom && !isSync:
            self = .diskFull(file)
        case SQLITE_CANTOPEN where isOutOfRoom:
            self = .diskFull(file)
        case SQLITE_READONLY, SQLITE_PERM:
            self = .readOnly(file)
        case SQLITE_CANTOPEN where isDenied:
            self = .readOnly(file)
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            self = .damaged(file, message)
        case SQLITE_ERROR:
            // Our statements fit our tables, so the tables are not what was made.
            self = .damaged(file, message)
        case SQLITE_CONSTRAINT, SQLITE_TOOBIG, SQLITE_MISMATCH:
            self = .rejected(file, message)
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_INTERRUPT:
            self = .busy(file, message)
        default:
            // Whatever else it is, nobody can say what of the commit is on the disk.
            self = .inputOutput(file, detail)
        }
    }
}
