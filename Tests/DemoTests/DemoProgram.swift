import Glibc
import Sandbox
import Testing

/// The program as built, run as a child process with its output in a file.
struct DemoProgram {
    let exitCode: Int32
    /// The lines of standard output and of standard error.
    let output: [String]
    let errors: [String]

    /// The folder of the running tests; the build puts the programs beside them.
    static func buildFolder() throws -> String {
        var bytes = [CChar](repeating: 0, count: 4096)
        // The buffer outlives the call and has the length passed.
        let count = unsafe readlink("/proc/self/exe", &bytes, bytes.count)
        let path = String(
            decoding: bytes.prefix(max(0, count)).map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
        let slash = try #require(path.lastIndex(of: "/"))
        return String(path[..<slash])
    }

    /// Runs `kioskpay` with the arguments to its end, at most two minutes.
    static func run(_ arguments: [String]) async throws -> DemoProgram {
        let folder = try TemporaryFolder(prefix: "kioskpay-test-")
        defer { folder.remove() }
        let log = folder.path + "/errors"
        let output = folder.path + "/output"
        let program = try buildFolder() + "/kioskpay"
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let process = try DaemonProcess(
            program: program,
            arguments: arguments,
            log: log,
            output: output,
            onEnd: { end.finish() }
        )
        let isInTime = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in ends {}
                return !Task.isCancelled
            }
            group.addTask {
                try? await Task.sleep(for: .seconds(120))
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
        if !isInTime { process.stop() }
        try #require(isInTime, "\(arguments) did not end by itself")
        return DemoProgram(
            exitCode: try #require(process.exitCode),
            output: text(of: output).split(separator: "\n").map(String.init),
            errors: text(of: log).split(separator: "\n").map(String.init)
        )
    }

    static func text(of file: String) -> String {
        // The path lives for the call.
        let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        // The buffer outlives the call and has the length passed.
        let count = unsafe read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
