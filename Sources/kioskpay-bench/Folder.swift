internal import Glibc

/// Folders of the bench.
enum Folder {
    /// Makes it, with mode 0700, unless it is there.
    static func make(_ path: String) throws {
        // The path outlives the call.
        let result = unsafe mkdir(path, 0o700)
        let code = errno
        guard result == 0 || code == EEXIST else { throw BenchError("mkdir \(path)", code: code) }
    }
}
