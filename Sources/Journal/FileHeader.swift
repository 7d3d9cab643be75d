import Glibc

/// The first hundred bytes of a database file (https://sqlite.org/fileformat2.html, 1.3), as far as our files all have the
/// same. SQLite itself would take some changed bytes for a wish, such as a file that may not be written.
enum FileHeader {
    static let length = 100
    private static let magic = Array("SQLite format 3\0".utf8)

    /// What is wrong with the header of a file that is not empty; `nil` if nothing.
    static func problem(of file: String) throws(JournalError) -> String? {
        let bytes = try FileBytes(file).bytes(at: 0, count: length)
        guard !bytes.isEmpty else { return nil }
        guard bytes.count == length, Array(bytes.prefix(16)) == magic else {
            return "it is no database"
        }
        let pageSize = Int(bytes[16]) << 8 | Int(bytes[17])
        let isSizeSound = pageSize == 1 || (pageSize >= 512 && pageSize & (pageSize - 1) == 0)
        // A journal whose first start was cut is not in WAL mode yet.
        let isVersionSound = (1...2).contains(bytes[18]) && (1...2).contains(bytes[19])
        // Reserved bytes of a page, and the fractions of a page, which are fixed.
        let isLayoutSound = Array(bytes[20..<24]) == [0, 64, 32, 32]
        // Schema format 4, no automatic vacuum, UTF-8, reserved. Before the first table there is neither format nor encoding.
        let isKindSound =
            Array(bytes[44..<47]) == [0, 0, 0] && [0, 4].contains(bytes[47])
            && bytes[52..<59].allSatisfy { $0 == 0 } && (0...1).contains(bytes[59])
        let isRestSound =
            bytes[64..<68].allSatisfy { $0 == 0 } && bytes[72..<92].allSatisfy { $0 == 0 }
        guard isSizeSound, isVersionSound, isLayoutSound, isKindSound, isRestSound else {
            return "its header is not what was written"
        }
        return nil
    }
}

/// A file that is read in pieces; empty if it is not there.
struct FileBytes: ~Copyable {
    private let descriptor: CInt
    private let file: String

    init(_ file: String) throws(JournalError) {
        self.file = file
        descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 || errno == ENOENT else { throw .system(file, errno) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Up to `count` bytes, fewer at the end. A place that the storage cannot read comes as zeros (rule A6: the rest counts).
    func bytes(at offset: Int, count: Int) throws(JournalError) -> [UInt8] {
        guard descriptor >= 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: count)
        var have = 0
        while have < count {
            // The pointer is valid during the call, and the room behind it is what is asked for.
            let got = unsafe bytes.withUnsafeMutableBytes {
                unsafe pread(
                    descriptor,
                    $0.baseAddress.map { unsafe $0 + have },
                    count - have,
                    offset + have
                )
            }
            if got < 0, errno == EINTR { continue }
            if got < 0, errno == EIO { return bytes }
            guard got >= 0 else { throw .system(file, errno) }
            guard got > 0 else { break }
            have += got
        }
        return Array(bytes.prefix(have))
    }
}
