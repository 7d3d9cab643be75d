import CSQLite

/// The daemon's journal as SQLite finds it, read without any of the product's own code.
///
/// Safe: the handle is valid from `init` to `deinit` and never leaves. Only while no daemon has it open, or between its
/// commits: it is opened for reading.
@safe final class JournalFile {
    /// Columns by name; NULL is missing.
    typealias Row = [String: String]

    private let handle: OpaquePointer

    init(_ path: String) throws {
        var opened: OpaquePointer?
        // The path is bridged to a terminated copy; SQLite stores the handle also when it fails. After a kill the log
        // must be replayed, which takes the right to write.
        let code = unsafe sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE, nil)
        guard code == SQLITE_OK, let handle = unsafe opened else {
            throw HarnessError("\(path): SQLite says \(code)")
        }
        unsafe self.handle = handle
        unsafe sqlite3_busy_timeout(handle, 5000)
        // The last connection that closes would remove the log, and a journal without its log counts as a copy (rule A5).
        unsafe _ = kioskpay_sqlite3_configure(handle)
    }

    deinit { unsafe _ = sqlite3_close(handle) }

    func rows(_ query: String) throws -> [Row] {
        var prepared: OpaquePointer?
        // The statement is ours from here to `finalize`; texts are copied at once.
        let code = unsafe sqlite3_prepare_v2(handle, query, -1, &prepared, nil)
        guard code == SQLITE_OK, let statement = unsafe prepared else {
            throw HarnessError("\(query): SQLite says \(code)")
        }
        defer { unsafe _ = sqlite3_finalize(statement) }
        var rows: [Row] = []
        while true {
            let step = unsafe sqlite3_step(statement)
            guard step == SQLITE_ROW else {
                guard step == SQLITE_DONE else {
                    throw HarnessError("\(query): SQLite says \(step)")
                }
                return rows
            }
            var row: Row = [:]
            let count = unsafe sqlite3_column_count(statement)
            for column in 0..<count {
                guard let name = unsafe sqlite3_column_name(statement, column),
                    let text = unsafe sqlite3_column_text(statement, column)
                else { continue }
                unsafe row[String(cString: name)] = String(cString: text)
            }
            rows.append(row)
        }
    }
}
