import Glibc

/// The journal's directory and the files in it.
struct Directory: Sendable {
    let path: String

    /// The database; SQLite keeps `-wal` and `-shm` beside it.
    var database: String { path + "/journal.db" }
    var log: String { database + "-wal" }
    /// Room that is given up when the disk is full (rule A3).
    var reserve: String { path + "/reserve" }
    /// Machine id and start counter outside the database (rule A5).
    var starts: String { path + "/starts" }
    var lock: String { path + "/lock" }
    /// Damage that was noticed while the journal was in use: the next start sets it aside (rule A6).
    var suspicion: String { path + "/suspect" }
    /// Journals that were set aside, each in a folder of its own: `1`, `2`, … (rule A6).
    var damaged: String { path + "/damaged" }

    /// Refuses a directory that is missing or that other users can enter.
    func check() throws(JournalError) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            throw JournalError.directory(
                path,
                because: Self.text(of: errno),
                remedy: "create it with mode 0700"
            )
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw JournalError.directory(
                path,
                because: "it is not a directory",
                remedy: "name another state directory"
            )
        }
        guard status.st_mode & 0o077 == 0 else {
            throw JournalError.directory(
                path,
                because: "other users can enter it",
                remedy: "run `chmod 700` on it"
            )
        }
    }

    /// Makes the names in the directory durable.
    func sync() throws(JournalError) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(path, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system(path, errno, isSync: true) }
    }

    static func exists(_ file: String) -> Bool {
        var status = stat()
        return unsafe lstat(file, &status) == 0
    }

    /// The size in bytes, 0 if there is no such file.
    static func size(of file: String) -> Int {
        var status = stat()
        return unsafe stat(file, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Makes an empty file that only we can read, if there is none. SQLite would make one that
    /// everybody can read.
    func makeDatabaseFile() throws(JournalError) {
        // SQLite throws a log away whose database is missing; it may be all that is left (rule A6).
        guard Self.size(of: database) > 0 || Self.size(of: log) == 0 else {
            throw JournalError.damaged(database, "it is missing or empty, its log is not")
        }
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW
        let descriptor = unsafe open(database, flags, 0o600)
        guard descriptor >= 0 else { throw .system(database, errno) }
        close(descriptor)
        try sync()
    }

    /// Replaces `file` by `text` so that after a power cut it is the old one or the new one.
    func replace(_ file: String, with text: String) throws(JournalError) {
        let draft = file + ".new"
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW
        let descriptor = unsafe open(draft, flags, 0o600)
        guard descriptor >= 0 else { throw .system(draft, errno) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        // The pointer is valid during the call.
        let written = unsafe bytes.withUnsafeBytes {
            unsafe write(descriptor, $0.baseAddress, $0.count)
        }
        guard written == bytes.count else { throw .system(draft, written < 0 ? errno : ENOSPC) }
        guard fsync(descriptor) == 0 else { throw .system(draft, errno, isSync: true) }
        guard unsafe rename(draft, file) == 0 else { throw .system(file, errno) }
        try sync()
    }

    /// The first 256 bytes of `file` as text; `nil` if there is no such file.
    func text(of file: String) throws(JournalError) -> String? {
        let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .system(file, errno)
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 256)
        // The pointer is valid during the call.
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe read(descriptor, $0.baseAddress, $0.count)
        }
        guard count >= 0 else { throw .system(file, errno) }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    /// The C library's words for an error number.
    static func text(of error: CInt) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        // The buffer is valid during the call; the C library never writes past its length and ends
        // it with a zero.
        let result = unsafe strerror_r(error, &buffer, buffer.count)
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return result == 0 ? String(decoding: bytes, as: UTF8.self) : "system error \(error)"
    }
}

extension JournalError {
    /// A file operation of our own failed with `error`.
    static func system(_ file: String, _ error: CInt, isSync: Bool = false) -> Self {
        switch error {
        case ENOSPC where !isSync, EDQUOT where !isSync: .diskFull(file)
        case EACCES, EPERM, EROFS: .readOnly(file)
        default: .inputOutput(file, Directory.text(of: error))
        }
    }
}
