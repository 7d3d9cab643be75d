/// Reads what was set aside, page by page: the database, then its log. Memory does not grow with the file.
struct RemainsReader {
    let remains: Remains

    private static let usualPageSize = 4_096
    /// https://sqlite.org/fileformat2.html, 4.1
    private static let logHeader = 32
    private static let frameHeader = 24

    /// Every page that can be read, as it lies there; the last one may be cut.
    func forEachPage(_ body: ([UInt8]) throws(JournalError) -> Void) throws(JournalError) {
        try forEach(in: remains.database, from: 0, skipping: 0, pageSize: databasePageSize(), body)
        try forEach(
            in: remains.log,
            from: Self.logHeader,
            skipping: Self.frameHeader,
            pageSize: logPageSize(),
            body
        )
    }

    private func forEach(
        in file: String,
        from start: Int,
        skipping gap: Int,
        pageSize: Int,
        _ body: ([UInt8]) throws(JournalError) -> Void,
    ) throws(JournalError) {
        let bytes = try FileBytes(file)
        var offset = start + gap
        while true {
            let page = try bytes.bytes(at: offset, count: pageSize)
            guard !page.isEmpty else { return }
            try body(page)
            offset += pageSize + gap
        }
    }

    private func databasePageSize() throws(JournalError) -> Int {
        let header = try FileBytes(remains.database).bytes(at: 16, count: 2)
        return Self.pageSize(header.count == 2 ? Int(header[0]) << 8 | Int(header[1]) : 0)
    }

    private func logPageSize() throws(JournalError) -> Int {
        let header = try FileBytes(remains.log).bytes(at: 8, count: 4)
        return Self.pageSize(header.reduce(0) { $0 << 8 | Int($1) })
    }

    /// A damaged header names any size; ours is always the usual one.
    private static func pageSize(_ said: Int) -> Int {
        (1_024...65_536).contains(said) && said & (said - 1) == 0 ? said : usualPageSize
    }
}
