internal import Glibc

/// Files that only their owner may read.
enum PrivateFile {
    private static let maxSize = 65_536

    static func exists(_ path: String) -> Bool {
        // The path is bridged to a terminated copy for the call.
        unsafe access(path, F_OK) == 0
    }

    /// Makes the folder (0700); one that is there already is good.
    static func makeFolder(_ path: String) throws(SandboxError) {
        guard unsafe mkdir(path, 0o700) != 0 else { return }
        let error = errno
        guard error == EEXIST else {
            throw SandboxError("The folder \(path) could not be made: \(reason(error)).")
        }
    }

    /// Writes a new file (0600); it must not be there yet.
    static func create(_ path: String, _ bytes: [UInt8]) throws(SandboxError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let error = errno
            throw SandboxError(
                "\(path) could not be made: \(reason(error)). Remove an unfinished folder and try again."
            )
        }
        // `bytes` is alive for the call; files this small are written in one piece or not at all.
        let count = unsafe write(descriptor, bytes, bytes.count)
        let error = errno
        guard close(descriptor) == 0, count == bytes.count else {
            throw SandboxError("\(path) could not be written: \(reason(error)).")
        }
    }

    /// Writes a file (0600), replacing one that is there.
    static func replace(_ path: String, _ bytes: [UInt8]) throws(SandboxError) {
        // The path is bridged to a terminated copy for the call.
        guard unsafe unlink(path) == 0 || errno == ENOENT else {
            let error = errno
            throw SandboxError("\(path) could not be replaced: \(reason(error)).")
        }
        try create(path, bytes)
    }

    static func read(_ path: String) throws(SandboxError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let error = errno
            throw SandboxError("\(path) could not be read: \(reason(error)).")
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: maxSize)
        // At most the buffer's size is written into it.
        let count = unsafe Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else {
            let error = errno
            throw SandboxError("\(path) could not be read: \(reason(error)).")
        }
        return Array(bytes.prefix(count))
    }

    private static func reason(_ error: Int32) -> String {
        // strerror answers a terminated text that is copied at once.
        unsafe String(cString: strerror(error))
    }
}
