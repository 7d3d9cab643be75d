import Glibc
import Testing

/// A folder of a test's own, removed with its files when the test ends.
final class TemporaryFolder {
    let path: String
    private var names: [String] = []

    init() throws {
        var template = Array("/tmp/kioskpay-devices-XXXXXX".utf8CString)
        // The template ends in a zero and is written in place.
        let isMade = unsafe mkdtemp(&template) != nil
        try #require(isMade)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        // The paths are strings that live through the calls.
        for name in names { unsafe unlink(path + "/" + name) }
        unsafe rmdir(path)
    }

    /// The path of a file in the folder, which is removed with it.
    func file(_ name: String) -> String {
        names.append(name)
        return path + "/" + name
    }
}

/// Small text files, without Foundation.
enum TextFile {
    static func read(_ path: String) throws -> String {
        // The path is a string that lives through the call.
        let descriptor = unsafe open(path, O_RDONLY)
        try #require(descriptor >= 0, "\(path) cannot be opened")
        defer { close(descriptor) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        // The buffer outlives the call and has the length passed.
        while case let count = unsafe Glibc.read(descriptor, &buffer, buffer.count), count > 0 {
            text += buffer[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func write(_ text: String, to path: String) throws {
        let bytes = Array(text.utf8)
        // The path and the array live through the calls.
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        try #require(descriptor >= 0, "\(path) cannot be opened")
        defer { close(descriptor) }
        let count = unsafe Glibc.write(descriptor, bytes, bytes.count)
        try #require(count == bytes.count)
    }
}
