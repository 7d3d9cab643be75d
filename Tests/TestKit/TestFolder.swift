package import Glibc

/// A folder of one test's own, which nobody else enters; removed with all that is in it when its owner goes.
package final class TestFolder: Sendable {
    package let path: String

    package init() throws { path = try Files.makeTemporaryFolder() }

    deinit { Files.removeTree(path) }

    /// The path of what has this name in the folder, whether it is there or not.
    package func file(_ name: String) -> String { path + "/" + name }

    /// Makes a pipe that nobody writes to.
    package func makePipe(_ name: String) throws {
        // The path lives for the call.
        guard unsafe mkfifo(file(name), 0o600) == 0 else { throw FilesError("mkfifo: \(errno)") }
    }

    /// Writes a file, the folder before its last slash included, and returns its path.
    @discardableResult
    package func write(_ name: String, _ bytes: [UInt8], mode: mode_t = 0o600) throws -> String {
        if let slash = name.lastIndex(of: "/") {
            let folder = file(String(name[..<slash]))
            if !Files.exists(folder) { try Files.makeFolder(folder) }
        }
        try Files.write(bytes, to: file(name), mode: mode)
        return file(name)
    }

    @discardableResult
    package func write(_ name: String, _ text: String, mode: mode_t = 0o600) throws -> String {
        try write(name, Array(text.utf8), mode: mode)
    }
}
