internal import Threads

/// The floor under a payment's way from scan to wire: its record on the disk, then its request on the wire, by the
/// shortest way there is.
struct Floor: ~Copyable {
    private var journal: JournalFloor
    private let wire: TLSFloor

    /// - Parameter file: where to write; it should be on the journal's file system.
    init(file: String, port: UInt16, authorityFile: String) throws {
        let journal = try JournalFloor(path: file)
        let wire = try TLSFloor(port: port, authorityFile: authorityFile)
        self.journal = journal
        self.wire = wire
    }

    /// Nanoseconds of one passage.
    mutating func measure() throws -> (disk: Int64, both: Int64) {
        let start = BootClock.nanoseconds()
        try journal.commit()
        let middle = BootClock.nanoseconds()
        try wire.write()
        let end = BootClock.nanoseconds()
        try wire.readReply()
        return (middle - start, end - start)
    }
}
