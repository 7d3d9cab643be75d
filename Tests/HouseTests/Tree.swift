import Glibc
import Testing

/// The files of the product, seen from the tests.
enum Tree {
    /// The folder that holds `Package.swift`.
    static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    /// Whether the tree is a checkout; an unpacked archive tracks nothing.
    static let isCheckout = unsafe access(root + "/.git", F_OK) == 0

    /// What a command printed to both outputs, and how it ended. Ended from outside after 60 s.
    ///
    /// - Parameter command: for `sh`; quote what comes from outside.
    static func run(_ command: String) throws -> (status: Int32, output: String) {
        let whole = "cd '\(root)' && timeout 60 sh -c '\(command)' </dev/null 2>&1"
        // The stream is ours until pclose; the buffer is borrowed for each call and as long as said.
        let stream = try unsafe #require(unsafe popen(whole, "r"))
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe fread(&buffer, 1, buffer.count, stream)
            if count == 0 { break }
            bytes += buffer.prefix(count)
        }
        let status = unsafe pclose(stream)
        return ((status >> 8) & 0xFF, String(decoding: bytes, as: UTF8.self))
    }

    /// All files below a folder of the product, as paths from the root, in order.
    static func files(below folder: String) throws -> [String] {
        let (status, output) = try run("find \(folder) -type f")
        try #require(status == 0, "\(folder): \(output)")
        return output.split(separator: "\n").map(String.init).sorted()
    }

    /// The scripts that come with the product.
    static func scripts() throws -> [String] {
        let (status, output) = try run("find tools .ci -type f -perm -u+x")
        try #require(status == 0, "\(output)")
        return output.split(separator: "\n").map(String.init).sorted()
    }

    static func text(of path: String) throws -> String {
        let (status, output) = try run("cat \"\(path)\"")
        try #require(status == 0, "\(path): \(output)")
        return output
    }

    /// All Swift sources of the product by room.
    static func sources() throws -> [(room: String, path: String)] {
        try files(below: "Sources").filter { $0.hasSuffix(".swift") }.map { path in
            (String(path.split(separator: "/")[1]), path)
        }
    }
}
