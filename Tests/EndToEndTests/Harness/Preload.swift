import Glibc
import TestKit

/// A small library of C that stands before the system's in one program, built with the machine's compiler.
enum Preload {
    /// The library's path, for `LD_PRELOAD`.
    static func build(
        _ name: String,
        _ text: String,
        _ flags: [String] = [],
        in folder: String,
    ) throws -> String {
        let (source, library) = ("\(folder)/\(name).c", "\(folder)/\(name).so")
        try Files.write(text, to: source)
        try run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source] + flags)
        return library
    }

    /// Whether there is a C compiler.
    static let isAvailable = (try? tryOut()) != nil

    private static func tryOut() throws {
        let folder = try Files.makeTemporaryFolder()
        defer { Files.removeTree(folder) }
        _ = try build("try", "int kioskpay_try;\n", in: folder)
    }

    private static func run(_ words: [String]) throws {
        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        // Every string lives until here.
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var pid = pid_t()
        let result = unsafe posix_spawnp(&pid, words[0], nil, nil, &arguments, environ)
        guard result == 0 else { throw HarnessError("\(words[0]) did not start: \(result)") }
        var status: Int32 = 0
        // Ends by itself: one file of a few lines. The kernel writes one int.
        guard unsafe waitpid(pid, &status, 0) == pid, status == 0 else {
            throw HarnessError("\(words[0]) failed.")
        }
    }
}
