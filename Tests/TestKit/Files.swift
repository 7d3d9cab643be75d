package import Glibc

/// Small things with files, without Foundation. Paths are bridged to terminated copies for each call.
package enum Files {
    package static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// The whole file; `nil` if it cannot be opened.
    package static func bytes(_ path: String) -> [UInt8]? {
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

    package static func text(_ path: String) -> String {
        String(decoding: bytes(path) ?? [], as: UTF8.self)
    }

    package static func write(_ text: String, to path: String, mode: mode_t = 0o600) throws {
        try write(Array(text.utf8), to: path, mode: mode)
    }

    package static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o600) throws {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw FilesError("\(path) cannot be written: \(errno)") }
        defer { close(descriptor) }
        // The array lives through the call, with its own count; past the umask.
        guard unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count,
            fchmod(descriptor, mode) == 0
        else { throw FilesError("\(path) cannot be written: \(errno)") }
    }

    package static func change(_ path: String, mode: mode_t) { _ = unsafe chmod(path, mode) }

    package static func makeFolder(_ path: String) throws {
        // The path lives through the call.
        guard unsafe mkdir(path, 0o700) == 0 else { throw FilesError("\(path): \(errno)") }
    }

    package static func isFolder(_ path: String) -> Bool {
        var status = stat()
        // Both live through the call.
        return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    package static func remove(_ path: String) { _ = unsafe unlink(path) }

    /// The names in a folder, without `.` and `..`.
    package static func names(in folder: String) -> [String] {
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
    package static func removeTree(_ path: String) {
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
    package static func makeTemporaryFolder() throws -> String {
        var template = Array("/tmp/kioskpay-test-XXXXXX".utf8CString)
        // The template ends in a zero and is written in place.
        guard unsafe mkdtemp(&template) != nil else { throw FilesError("mkdtemp: \(errno)") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// A file or folder of the tests' own could not be made, read or written.
package struct FilesError: Error, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}
