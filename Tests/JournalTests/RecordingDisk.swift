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

        func result(of call: Call, number: Int) -> CInt? {
            switch self {
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
    }

    private struct State {
        var calls = 0
        var fault: Fault?
        var steps: [Step] = []
        var names: [Int: String] = [:]
    }

    private static let state = Mutex(State())

    // Set once by `install` before SQLite opens any file; exit tests do that on one thread. Every file of the system's layer
    // has the same methods.
    nonisolated(unsafe) private static var system: UnsafeMutablePointer<sqlite3_vfs>?
    nonisolated(unsafe) private static var methods = sqlite3_io_methods()
    nonisolated(unsafe) private static var patched: UnsafeMutablePointer<sqlite3_io_methods>?

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

    /// The result to give instead of making the call; `nil` to make it.
    private static func failure(_ call: Call) -> CInt? {
        state.withLock { state in
            state.calls += 1
            return state.fault?.result(of: call, number: state.calls)
        }
    }

    private static func note(
        _ file: UnsafeMutablePointer<sqlite3_file>?,
        _ step: (String) -> Step,
    ) {
        let key = Int(bitPattern: file)
        state.withLock { state in
            if let name = state.names[key] { state.steps.append(step(name)) }
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
        unsafe patched = .allocate(capacity: 1)
        unsafe sqlite3_vfs_register(copy, 1)
    }

    private static func open(
        _ vfs: UnsafeMutablePointer<sqlite3_vfs>?,
        _ name: UnsafePointer<CChar>?,
        _ file: UnsafeMutablePointer<sqlite3_file>?,
        _ flags: CInt,
        _ outFlags: UnsafeMutablePointer<CInt>?,
    ) -> CInt {
        guard let system = unsafe system, let patched = unsafe patched, let file = unsafe file
        else { return SQLITE_CANTOPEN }
        if let failure = failure(.open) {
            // As the documentation of xOpen asks: nothing to close.
            unsafe file.pointee.pMethods = nil
            return failure
        }
        let result = unsafe system.pointee.xOpen(vfs, name, file, flags, outFlags)
        guard result == SQLITE_OK, let found = unsafe file.pointee.pMethods else { return result }
        let path = unsafe name.map { unsafe String(cString: $0) } ?? ""
        let last = path.split(separator: "/").last.map(String.init) ?? ""
        let key = Int(bitPattern: file)
        state.withLock { $0.names[key] = last }
        unsafe methods = found.pointee
        unsafe patch(patched)
        unsafe file.pointee.pMethods = UnsafePointer(patched)
        return result
    }

    /// Our calls in front of the system's.
    private static func patch(_ table: UnsafeMutablePointer<sqlite3_io_methods>) {
        unsafe table.initialize(to: methods)
        unsafe table.pointee.xClose = { file in
            let key = Int(bitPattern: file)
            RecordingDisk.state.withLock { _ = $0.names.removeValue(forKey: key) }
            return unsafe RecordingDisk.methods.xClose(file)
        }
        unsafe table.pointee.xRead = { file, bytes, count, offset in
            if let failure = RecordingDisk.failure(.read) { return failure }
            return unsafe RecordingDisk.methods.xRead(file, bytes, count, offset)
        }
        unsafe table.pointee.xWrite = { file, bytes, count, offset in
            if let failure = RecordingDisk.failure(.write) { return failure }
            // SQLite's buffer holds so many bytes.
            let copy = unsafe [UInt8](UnsafeRawBufferPointer(start: bytes, count: Int(count)))
            unsafe RecordingDisk.note(file) { .write($0, offset: Int(offset), copy) }
            return unsafe RecordingDisk.methods.xWrite(file, bytes, count, offset)
        }
        unsafe table.pointee.xTruncate = { file, size in
            if let failure = RecordingDisk.failure(.truncate) { return failure }
            unsafe RecordingDisk.note(file) { .truncate($0, size: Int(size)) }
            return unsafe RecordingDisk.methods.xTruncate(file, size)
        }
        unsafe table.pointee.xSync = { file, flags in
            if let failure = RecordingDisk.failure(.sync) { return failure }
            unsafe RecordingDisk.note(file) { .sync($0) }
            return unsafe RecordingDisk.methods.xSync(file, flags)
        }
        unsafe table.pointee.xFileSize = { file, size in
            if let failure = RecordingDisk.failure(.size) { return failure }
            return unsafe RecordingDisk.methods.xFileSize(file, size)
        }
        unsafe table.pointee.xLock = { file, level in
            if let failure = RecordingDisk.failure(.lock) { return failure }
            return unsafe RecordingDisk.methods.xLock(file, level)
        }
        unsafe table.pointee.xShmMap = { file, page, size, extend, out in
            if let failure = RecordingDisk.failure(.map) { return failure }
            return unsafe RecordingDisk.methods.xShmMap(file, page, size, extend, out)
        }
    }
}
