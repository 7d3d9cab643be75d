import CSQLite
import Glibc
import Synchronization

/// A file layer under SQLite whose log cannot be written or synced while a fault is set. It becomes
/// the process's default, so it is for exit tests only.
enum FaultyDisk {
    enum Fault {
        case sync
        case write
    }

    static let fault = Mutex<Fault?>(nil)

    // Set once by `install` before SQLite opens any file; exit tests do that on one thread.
    nonisolated(unsafe) private static var system: UnsafeMutablePointer<sqlite3_vfs>?
    nonisolated(unsafe) private static var logMethods = sqlite3_io_methods()
    nonisolated(unsafe) private static var patched: UnsafeMutablePointer<sqlite3_io_methods>?

    static func install() {
        guard let found = unsafe sqlite3_vfs_find(nil) else { return }
        unsafe system = found
        let copy = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        unsafe copy.initialize(to: found.pointee)
        unsafe copy.pointee.zName = UnsafePointer(strdup("faulty"))
        unsafe copy.pointee.pNext = nil
        unsafe copy.pointee.xOpen = { vfs, name, file, flags, outFlags in
            unsafe FaultyDisk.open(vfs, name, file, flags, outFlags)
        }
        unsafe patched = .allocate(capacity: 1)
        unsafe sqlite3_vfs_register(copy, 1)
    }

    /// Opens as the system does, then puts our sync and write in front of the log's.
    private static func open(
        _ vfs: UnsafeMutablePointer<sqlite3_vfs>?,
        _ name: UnsafePointer<CChar>?,
        _ file: UnsafeMutablePointer<sqlite3_file>?,
        _ flags: CInt,
        _ outFlags: UnsafeMutablePointer<CInt>?,
    ) -> CInt {
        guard let system = unsafe system, let patched = unsafe patched, let file = unsafe file
        else { return SQLITE_CANTOPEN }
        let result = unsafe system.pointee.xOpen(vfs, name, file, flags, outFlags)
        guard result == SQLITE_OK, flags & SQLITE_OPEN_WAL != 0,
            let methods = unsafe file.pointee.pMethods
        else { return result }
        unsafe logMethods = methods.pointee
        unsafe patched.initialize(to: methods.pointee)
        unsafe patched.pointee.xSync = { file, flags in
            guard FaultyDisk.fault.withLock({ $0 }) != .sync else {
                return SQLITE_IOERR | 4 << 8
            }
            return unsafe FaultyDisk.logMethods.xSync(file, flags)
        }
        unsafe patched.pointee.xWrite = { file, bytes, count, offset in
            guard FaultyDisk.fault.withLock({ $0 }) != .write else {
                return SQLITE_IOERR | 3 << 8
            }
            return unsafe FaultyDisk.logMethods.xWrite(file, bytes, count, offset)
        }
        unsafe file.pointee.pMethods = UnsafePointer(patched)
        return result
    }
}
