import Glibc
import Testing

/// The files below `Tests/Corpus`.
enum Corpus {
    private static let root =
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Corpus"

    static func folders() throws -> [String] { try names(in: root) }

    /// The inputs of one target with their names, in order.
    static func inputs(of target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
        let folder = root + "/" + target.rawValue
        return try names(in: folder).map { ($0, try content(of: folder + "/" + $0)) }
    }

    private static func names(in folder: String) throws -> [String] {
        let directory = try unsafe #require(unsafe opendir(folder), "\(folder) cannot be opened")
        defer { _ = unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            // The entry is valid until the next call, and its name ends with NUL.
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    private static func content(of path: String) throws -> [UInt8] {
        // The path lives for the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        try #require(descriptor >= 0, "\(path) cannot be opened")
        defer { _ = close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let room = bytes.count
        // The buffer is borrowed for the call and as long as said.
        let count = unsafe read(descriptor, &bytes, room)
        try #require(count >= 0 && count < room, "\(path) cannot be read, or is too large")
        return Array(bytes.prefix(count))
    }
}
