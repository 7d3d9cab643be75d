import Glibc
import Testing

@Suite("The programs as built")
struct BinaryTests {
    /// Foundation costs 42 MiB of every kiosk's storage; FoundationEssentials alone would be bearable.
    private static let banned = [
        "libFoundation.so", "libFoundationInternationalization", "lib_FoundationICU",
    ]

    /// The folder of the running tests; the build puts the programs beside them.
    private func buildFolder() throws -> String {
        let (status, program) = try Tree.run("readlink /proc/\(getpid())/exe")
        try #require(status == 0, "\(program)")
        return "/" + program.split(separator: "/").dropLast().joined(separator: "/")
    }

    @Test(
        "Neither program loads Foundation, itself or through a library",
        arguments: ["kioskpayd", "kioskpay"]
    )
    func noFoundation(name: String) throws {
        let program = try buildFolder() + "/" + name
        // The path lives for the call.
        try #require(
            unsafe access(program, X_OK) == 0,
            "\(program) is not there: build the whole package before its tests",
        )
        let (status, output) = try Tree.run("ldd \"\(program)\"")
        try #require(status == 0, "ldd \(program): \(output)")
        let libraries = output.split(separator: "\n").compactMap { line in
            line.split { $0.isWhitespace }.first.map(String.init)
        }
        // Without it the output was not understood, and nothing would be banned for the wrong reason.
        #expect(libraries.contains { $0.hasPrefix("libc.so") }, "\(output)")
        for library in libraries {
            let isBanned = Self.banned.contains { library.contains($0) }
            #expect(!isBanned, "\(name) loads \(library)")
        }
    }
}
