import Glibc
import Synchronization
import Testing

/// A folder of one test's own, removed with it.
final class TemporaryFolder: Sendable {
    let path: String
    /// What was made in it, folders before what is in them.
    private let made = Mutex<[String]>([])

    init() throws {
        var template = Array("/tmp/kioskpay-test-XXXXXX".utf8CString)
        // mkdtemp replaces the X in the array, which is borrowed for the call and ends in NUL.
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.flatMap { start in
                unsafe mkdtemp(start).map { unsafe String(cString: $0) }
            }
        }
        path = try #require(made)
    }

    deinit {
        let names = made.withLock { $0 }
        // The paths live for the calls.
        for name in names.reversed() { unsafe _ = remove(path + "/" + name) }
        unsafe _ = rmdir(path)
    }

    /// A pipe that nobody writes to.
    func makePipe(_ name: String) throws {
        // The path lives for the call.
        try #require(unsafe mkfifo(path + "/" + name, 0o600) == 0)
        made.withLock { $0.append(name) }
    }

    /// Writes a file, its folders included, and returns its path.
    @discardableResult
    func write(_ name: String, _ bytes: [UInt8], mode: mode_t = 0o600) throws -> String {
        let file = path + "/" + name
        if let slash = name.lastIndex(of: "/") {
            // The path lives for the call; a folder that exists already is as good.
            let folder = String(name[..<slash])
            if unsafe mkdir(path + "/" + folder, 0o700) == 0 {
                made.withLock { $0.append(folder) }
            }
        }
        made.withLock { $0.append(name) }
        // As above.
        let descriptor = unsafe open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        try #require(descriptor >= 0, "\(file): \(errno)")
        defer { close(descriptor) }
        // The bytes are borrowed for the call; a local file takes them whole.
        let written = unsafe bytes.withUnsafeBytes { buffer in
            unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
        }
        try #require(written == bytes.count)
        // Again, past the umask.
        try #require(fchmod(descriptor, mode) == 0)
        return file
    }

    @discardableResult
    func write(_ name: String, _ text: String, mode: mode_t = 0o600) throws -> String {
        try write(name, Array(text.utf8), mode: mode)
    }
}
