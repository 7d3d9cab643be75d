internal import Glibc

/// Files of `/proc`: read whole, taken apart.
enum ProcFile {
    static func text(_ path: String) throws -> String {
        // The path outlives the call.
        let file = try Descriptor(unsafe open(path, O_RDONLY | O_CLOEXEC), of: "open \(path)")
        return String(decoding: try file.readToEnd(), as: UTF8.self)
    }

    /// The first number behind `label` at the beginning of a line, as in `VmRSS:     31234 kB`.
    static func number(after label: String, in text: String) -> Int64? {
        let line = text.split(separator: "\n").first { $0.hasPrefix(label) }
        return line?.dropFirst(label.count).split { !$0.isNumber }.first.flatMap { Int64($0) }
    }

    /// The size of any file, in bytes.
    static func size(of path: String) throws -> Int64 {
        var status = stat()
        // The path and the structure outlive the call.
        guard unsafe stat(path, &status) == 0 else { throw BenchError("stat \(path)", code: errno) }
        return Int64(status.st_size)
    }

    /// Our own environment, as `NAME=value`.
    static func environment() throws -> [String] {
        try text("/proc/self/environ").split(separator: "\0").map(String.init)
    }

    /// The names in a folder that are numbers.
    static func numbers(in folder: String) throws -> [Int64] {
        guard let stream = unsafe opendir(folder) else {
            throw BenchError("opendir \(folder)", code: errno)
        }
        // The stream is ours from the call above until here; an entry lives until the next is read.
        defer { unsafe closedir(stream) }
        var found: [Int64] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { raw in
                unsafe String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let number = Int64(name) { found.append(number) }
        }
        return found
    }
}
