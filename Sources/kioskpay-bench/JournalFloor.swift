internal import Glibc

/// The least that a durable commit costs on this disk: what SQLite does to its write-ahead log for one commit of a
/// submit's record, and nothing of SQLite itself.
///
/// A commit writes each page it changed as a frame, header and page with a call of their own, and ends with `fdatasync`
/// (https://sqlite.org/walformat.html; seen by tracing the daemon). The log grows, and is written over from its beginning after a
/// checkpoint.
struct JournalFloor: ~Copyable {
    /// Pages that the commit of a new attempt writes.
    static let framesPerCommit = 7
    /// Frames after which the log begins anew (`wal_autocheckpoint`).
    static let framesPerLog = 1_000
    private static let frameHeader = [UInt8](repeating: 0x37, count: 24)
    private static let page = [UInt8](repeating: 0x52, count: 4_096)

    private let file: Descriptor
    private var frame = 0

    init(path: String) throws {
        // The path outlives the call.
        let number = unsafe open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        file = try Descriptor(number, of: "open \(path)")
    }

    mutating func commit() throws {
        if frame + Self.framesPerCommit > Self.framesPerLog { frame = 0 }
        for _ in 0..<Self.framesPerCommit {
            let offset = 32 + frame * (Self.frameHeader.count + Self.page.count)
            try write(Self.frameHeader, at: offset)
            try write(Self.page, at: offset + Self.frameHeader.count)
            frame += 1
        }
        guard fdatasync(file.number) == 0 else { throw BenchError("fdatasync", code: errno) }
    }

    private func write(_ bytes: [UInt8], at offset: Int) throws {
        // The array outlives the call and has the length passed.
        let count = unsafe pwrite(file.number, bytes, bytes.count, offset)
        guard count == bytes.count else { throw BenchError("pwrite", code: errno) }
    }
}
