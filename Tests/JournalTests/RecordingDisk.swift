import CSQLite
import Glibc
import Synchronization

/// A file layer under SQLite that counts its calls, fails those that a test chooses, and keeps what was written and when it
/// was synced. It becomes the process's default, so it is for exit tests only.
enum RecordingDisk {
    enum Call: Hashable, Sendable {
        case open
        case read
        case write
        case truncate
        case sync
        case size
        case lock
        case map

        /// What SQLite is told (https://sqlite.org/rescode.html).
        var inputOutputError: CInt {
            switch self {
            case .open: SQLITE_CANTOPEN
            case .read: SQLITE_IOERR | 1 << 8
            case .write: SQLITE_IOERR | 3 << 8
            case .sync: SQLITE_IOERR | 4 << 8
            case .truncate: SQLITE_IOERR | 6 << 8
            case .size: SQLITE_IOERR | 7 << 8
            case .lock: SQLITE_IOERR | 15 << 8
            case .map: SQLITE_IOERR | 21 << 8
            }
        }
    }

    enum Fault: Hashable, Sendable {
        /// Call number `first` fails, and those after it up to `last`.
        case inputOutput(first: Int, last: Int)
        /// From call number `first` on nothing can be written.
        case full(first: Int)
        /// Every call of this kind on the log (`-wal`) fails.
        case log(Call)

        func result(of call: Call, number: Int, file: String?) -> CInt? {
            switch self {
            case .log(let failing):
                call == failing && file?.hasSuffix("-wal") == true ? call.inputOutputError : nil
            case .inputOutput(let first, let last):
                (first...last).contains(number) ? call.inputOutputError : nil
            case .full(let first):
                number >= first && call == .write ? SQLITE_FULL : nil
            }
        }
    }

    /// What happened to a file, by the last part of its name.
    enum Step: Sendable {
        case write(String, offset: Int, [UInt8])
        case truncate(String, size: Int)
        case sync(String)
        /// `isSynced`: the folder is synced before the call returns.
        case delete(String, isSynced: Bool)
        case syncFolder
    }

    private struct State {
        var calls = 0
        var fault: Fault?
        var steps: [Step] = []
        /// Open files by the address of SQLite's structure.
        var files: [Int: File] = [:]
        /// Our table of methods for each of the system's, by address.
        var tables: [Int: Int] = [:]
    }

    private struct File {
        let name: String
        /// The address of the system's own table, which lives as long as the process.
        let methods: Int
    }

    private static let state = Mutex(State())

    // Set once by `install` before SQLite opens any file; exit tests do that on one thread.
    nonisolated(unsafe) private static var system: UnsafeMutablePointer<sqlite3_vfs>?

    static var calls: Int { state.withLock(\.calls) }
    static var steps: [Step] { state.withLock(\.steps) }

    /// Counts from zero, forgets what was written, and lets `fault` happen.
    static func begin(_ fault: Fault?) {
        state.withLock { state in
            state.calls = 0
            state.steps = []
            state.fault = fault
        }
    }

    /// Something beside SQLite has synced the folder: what was deleted stays so.
    static func folderWasSynced() {
        state.withLock { $0.steps.append(.syncFolder) }
    }

    /// The result to give instead of making the call; `nil` to make it.
    private static func failure(
        _ call: Call,
        _ file: UnsafeMutablePointer<sqlite3_file>? = nil,
    ) -> CInt? {
        let key = Int(bitPattern: file)
        return state.withLock { state in
            state.calls += 1
            let name = state.files[key]?.name
            return state.fault?.result(of: call, number: state.calls, file: name)
        }
    }

    private static func note(
        _ file: UnsafeMutablePointer<sqlite3_file>?,
        _ step: (String) -> Step,
    ) {
        let key = Int(bitPattern: file)
        state.withLock { state in
            if let file = state.files[key] { state.steps.append(step(file.name)) }
        }
    }

    static func install() {
        guard let found = unsafe sqlite3_vfs_find(nil) else { return }
        unsafe system = found
        let copy = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        unsafe copy.initialize(to: found.pointee)
        unsafe copy.pointee.zName = UnsafePointer(strdup("recording"))
        unsafe copy.pointee.pNext = nil
        unsafe copy.pointee.xOpen = { vfs, name, file, flags, outFlags in
            unsafe RecordingDisk.open(vfs, name, file, flags, outFlags)
        }
        unsafe copy.pointee.xDelete = { _, name, syncsFolder in
            guard let system = unsafe RecordingDisk.system, let name = unsafe name else {
                return SQLITE_IOERR
            }
            let file = unsafe RecordingDisk.lastPart(name)
            RecordingDisk.state.withLock {
                $0.steps.append(.delete(file, isSynced: syncsFolder != 0))
            }
            return unsafe system.pointee.xDelete(system, name, syncsFolder)
        }
        unsafe sqlite3_vfs_register(copy, 1)
    }

    private static func lastPart(_ path: UnsafePointer<CChar>) -> String {
        // SQLite's names end with a zero.
        unsafe String(cString: path).split(separator: "/").last.map(String.init) ?? ""
    }

    private static func open(
        _ vfs: UnsafeMutablePointer<sqlite3_vfs>?,
        _ name: UnsafePointer<CChar>?,
        _ file: UnsafeMutablePointer<sqlite3_file>?,
        _ flags: CInt,
        _ outFlags: UnsafeMutablePointer<CInt>?,
    ) -> CInt {
        guard let system = unsafe system, let file = unsafe file else { return SQLITE_CANTOPEN }
        if let failure = unsafe failure(.open) {
            // As the documentation of xOpen asks: nothing to close.
            unsafe file.pointee.pMethods = nil
            return failure
        }
        let result = unsafe system.pointee.xOpen(vfs, name, file, flags, outFlags)
        guard result == SQLITE_OK, let found = unsafe file.pointee.pMethods else { return result }
        let last = unsafe name.map { unsafe lastPart($0) } ?? ""
        let (key, methods) = (Int(bitPattern: file), Int(bitPattern: found))
        let table = state.withLock { state in
            state.files[key] = File(name: last, methods: methods)
            if let table = state.tables[methods] { return table }
            let table = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
            unsafe table.initialize(to: found.pointee)
            unsafe patch(table)
            state.tables[methods] = Int(bitPattern: table)
            return Int(bitPattern: table)
        }
        unsafe file.pointee.pMethods = UnsafePointer(bitPattern: table)
        return result
    }

    /// The system's own methods of an open file.
    private static func methods(
        _ file: UnsafeMutablePointer<sqlite3_file>?
    ) -> sqlite3_io_methods {
        let key = Int(bitPattern: file)
        let address = state.withLock { $0.files[key]?.methods } ?? 0
        guard let methods = unsafe UnsafePointer<sqlite3_io_methods>(bitPattern: address) else {
            fatalError("SQLite calls for a file that it has not opened through us.")
        }
        // The system's tables live as long as the process.
        return unsafe methods.pointee
    }

    /// Our calls in front of the system's.
    private static func patch(_ table: UnsafeMutablePointer<sqlite3_io_methods>) {
        unsafe table.pointee.xClose = { file in
            let key = Int(bitPattern: file)
            let methods = unsafe RecordingDisk.methods(file)
            RecordingDisk.state.withLock { _ = $0.files.removeValue(forKey: key) }
            return unsafe methods.xClose(file)
        }
        unsafe table.pointee.xRead = { file, bytes, count, offset in
            if let failure = unsafe RecordingDisk.failure(.read, file) { return failure }
            return unsafe RecordingDisk.methods(file).xRead(file, bytes, count, offset)
        }
        unsafe table.pointee.xWrite = { file, bytes, count, offset in
            if let failure = unsafe RecordingDisk.failure(.write, file) { return failure }
            // SQLite's buffer holds so many bytes.
            let copy = unsafe [UInt8](UnsafeRawBufferPointer(start: bytes, count: Int(count)))
            unsafe RecordingDisk.note(file) { .write($0, offset: Int(offset), copy) }
            return unsafe RecordingDisk.methods(file).xWrite(file, bytes, count, offset)
        }
        unsafe table.pointee.xTruncate = { file, size in
            if let failure = unsafe RecordingDisk.failure(.truncate, file) { return failure }
            unsafe RecordingDisk.note(file) { .truncate($0, size: Int(size)) }
            return unsafe RecordingDisk.methods(file).xTruncate(file, size)
        }
        unsafe table.pointee.xSync = { file, flags in
            if let failure = unsafe RecordingDisk.failure(.sync, file) { return failure }
            unsafe RecordingDisk.note(file) { .sync($0) }
            return unsafe RecordingDisk.methods(file).xSync(file, flags)
        }
        unsafe table.pointee.xFileSize = { file, size in
            if let failure = unsafe RecordingDisk.failure(.size, file) { return failure }
            return unsafe RecordingDisk.methods(file).xFileSize(file, size)
        }
        unsafe table.pointee.xLock = { file, level in
            if let failure = unsafe RecordingDisk.failure(.lock, file) { return failure }
            return unsafe RecordingDisk.methods(file).xLock(file, level)
        }
        // Only files that are locked have a memory to share.
        guard unsafe table.pointee.xShmMap != nil else { return }
        unsafe table.pointee.xShmMap = { file, page, size, extend, out in
            if let failure = unsafe RecordingDisk.failure(.map, file) { return failure }
            return unsafe RecordingDisk.methods(file).xShmMap(file, page, size, extend, out)
        }
    }
}
