import CSQLite

/// One prepared statement, reusable.
@safe struct Statement: ~Copyable {
    // Owned by this value alone and finalized in deinit; its connection stays open inside SQLite
    // until then.
    private let handle: OpaquePointer
    private let file: String

    init(_ handle: OpaquePointer, file: String) {
        unsafe self.handle = handle
        self.file = file
    }

    deinit { unsafe sqlite3_finalize(handle) }

    /// Runs it to its end; the number of rows that a change has touched.
    @discardableResult
    func run(_ values: [Value] = []) throws(JournalError) -> Int {
        try forEachRow(values) { _ in true }
        guard let database = unsafe sqlite3_db_handle(handle) else { return 0 }
        return unsafe Int(sqlite3_changes(database))
    }

    func rows(_ values: [Value] = []) throws(JournalError) -> [[Value]] {
        var rows: [[Value]] = []
        try forEachRow(values) {
            rows.append($0)
            return true
        }
        return rows
    }

    /// Hands out row after row until `body` returns false.
    func forEachRow(_ values: [Value], _ body: ([Value]) -> Bool) throws(JournalError) {
        defer {
            // Ends the read transaction; an error of the last step is repeated here and was already
            // thrown.
            unsafe sqlite3_reset(handle)
            unsafe sqlite3_clear_bindings(handle)
        }
        for (index, value) in values.enumerated() { try bind(value, at: CInt(index + 1)) }
        while true {
            let code = unsafe sqlite3_step(handle)
            switch code {
            case SQLITE_ROW:
                guard body(row()) else { return }
            case SQLITE_DONE:
                return
            default:
                throw unsafe JournalError(file: file, statement: handle, code: code)
            }
        }
    }

    private func bind(_ value: Value, at index: CInt) throws(JournalError) {
        let code: CInt
        switch value {
        case .null:
            code = unsafe sqlite3_bind_null(handle, index)
        case .integer(let integer):
            code = unsafe sqlite3_bind_int64(handle, index, integer)
        case .text(let text):
            // The pointer is valid during the call, in which SQLite copies the bytes.
            code = unsafe text.withCString { pointer in
                unsafe kioskpay_sqlite3_bind_text(
                    handle,
                    index,
                    pointer,
                    CInt(clamping: text.utf8.count)
                )
            }
        }
        guard code == SQLITE_OK else {
            throw unsafe JournalError(file: file, statement: handle, code: code)
        }
    }

    private func row() -> [Value] {
        unsafe (0..<sqlite3_column_count(handle)).map { column in
            switch unsafe sqlite3_column_type(handle, column) {
            case SQLITE_INTEGER:
                return unsafe .integer(sqlite3_column_int64(handle, column))
            case SQLITE_NULL:
                return .null
            default:
                // The text is valid until the next step; it is copied here. STRICT tables hold
                // neither blobs nor reals in our columns; in a damaged file they become text that
                // no checksum fits.
                guard let text = unsafe sqlite3_column_text(handle, column) else { return .null }
                let count = unsafe Int(sqlite3_column_bytes(handle, column))
                return unsafe .text(
                    String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
                )
            }
        }
    }
}
