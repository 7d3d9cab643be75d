internal import Glibc

/// A folder that nobody else can read, for everything a sandbox kiosk writes.
package struct TemporaryFolder: Sendable {
    package let path: String

    /// Makes the folder (0700) under `$TMPDIR`, or under `/tmp`.
    package init(prefix: String) throws(SandboxError) {
        // The environment's text is copied at once; nobody here changes the environment.
        let named = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? ""
        let parent = named.hasPrefix("/") ? named : "/tmp"
        var template = Array((parent + "/" + prefix + "XXXXXX").utf8CString)
        // mkdtemp changes the terminated array in place.
        guard unsafe mkdtemp(&template) != nil else {
            throw SandboxError("No folder could be made in \(parent); set TMPDIR to one that can.")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes the folder with all that is in it. Links are removed, never followed.
    package func remove() { Self.remove(path, depth: 0) }

    private static let deepest = 8

    private static func remove(_ path: String, depth: Int) {
        for name in depth < deepest ? names(in: path) : [] {
            let entry = path + "/" + name
            // The paths live for the calls; unlink refuses folders.
            if unsafe unlink(entry) != 0 { remove(entry, depth: depth + 1) }
        }
        unsafe rmdir(path)
    }

    private static func names(in folder: String) -> [String] {
        guard let stream = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        // An entry is valid until the next call; its name is copied before that.
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
