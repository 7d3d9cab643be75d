import Glibc
import Testing

/// A text that lies beside the tests.
enum TextFile {
    /// - Parameters:
    ///   - source: the `#filePath` of who asks.
    ///   - name: relative to the source file's folder; at most 64 KiB.
    static func read(beside source: StaticString, _ name: String) throws -> String {
        let folder = "\(source)".split(separator: "/").dropLast().joined(separator: "/")
        // The path lives for the call.
        let descriptor = unsafe open("/\(folder)/\(name)", O_RDONLY | O_CLOEXEC)
        try #require(descriptor >= 0, "\(name) is missing")
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        // The array outlives the call and has the length passed.
        let count = unsafe Glibc.read(descriptor, &bytes, bytes.count)
        try #require((1..<bytes.count).contains(count))
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
