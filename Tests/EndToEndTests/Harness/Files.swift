import Glibc

/// Small things with files, without Foundation. Paths are bridged to terminated copies for each call.
enum Files {
    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// The whole file; `nil` if it cannot be opened.
    static func bytes(_ path: String) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        // The buffer outlives the call and has the length passed.
        while case let count = unsafe read(descriptor, &buffer, buffer.count), count > 0 {
            bytes += buffer[..<count]
        }
        return bytes
    }

    static func text(_ path: String) -> String {
        String(decoding: bytes(path) ?? [], as: UTF8.self)
    }

    static func write(_ text: String, to path: String, mode: mode_t = 0o600) throws {
        try write(Array(text.utf8), to: path, mode: mode)
    }

    static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o600) throws {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw HarnessError("\(path) cannot be written: \(errno)") }
        defer { close(descriptor) }
        // The array lives through the call, with its own count; past the umask.
        guard unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count,
            fchmod(descriptor, mode) == 0
        else { throw HarnessError("\(path) cannot be written: \(errno)") }
    }

    static func change(_ path: String, mode: mode_t) { _ = unsafe chmod(path, mode) }

    static func makeFolder(_ path: String) throws {
        // The path lives through the call.
        guard unsafe mkdir(path, 0o700) == 0 else { throw HarnessError("\(path): \(errno)") }
    }

    static func remove(_ path: String) { _ = unsafe unlink(path) }

    /// The names in a folder, without `.` and `..`.
    static func names(in folder: String) -> [String] {
        guard let stream = unsafe opendir(folder) else { return [] }
        // Ours until closed; an entry is valid until the next one is read.
        defer { unsafe _ = closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes a folder with all that is in it.
    static func removeTree(_ path: String) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            remove(path)
            return
        }
        for name in names(in: path) { removeTree(path + "/" + name) }
        _ = unsafe rmdir(path)
    }

    /// A new folder that only its owner enters.
    static func makeTemporaryFolder() throws -> String {
        var template = Array("/tmp/kioskpay-e2e-XXXXXX".utf8CString)
        // The template ends in a zero and is written in place.
        guard unsafe mkdtemp(&template) != nil else { throw HarnessError("mkdtemp: \(errno)") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Something the tests themselves need did not work, or did not happen in time.
struct HarnessError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension [UInt8] {
    /// Whether `needle` stands anywhere in the bytes.
    func contains(bytes needle: [UInt8]) -> Bool {
        guard let first = needle.first, needle.count <= count else { return needle.isEmpty }
        // Every access is within the array, which is not changed meanwhile.
        return unsafe withUnsafeBytes { all in
            guard let start = all.baseAddress else { return false }
            var offset = 0
            while offset + needle.count <= all.count {
                let left = all.count - needle.count + 1 - offset
                guard let hit = unsafe memchr(start + offset, Int32(first), left) else {
                    return false
                }
                if unsafe memcmp(hit, needle, needle.count) == 0 { return true }
                offset = unsafe UnsafeRawPointer(hit) - start + 1
            }
            return false
        }
    }
}
