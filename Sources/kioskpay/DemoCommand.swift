import ArgumentParser
import Glibc
import Kiosk
import Sandbox
import Threads
import UnixSignals

/// `kioskpay demo`: everything in one terminal.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Sandbox, simulated devices and the real daemon in one terminal.",
        discussion: """
            Press a key to scan, to type the password, to cut the network, to take the paper out, and watch lights, slip \
            and events change. No real money is ever concerned.
            With --script it plays unattended, prints one line for each sequence with what the ledger says, and exits 0 \
            only if ledger, journal, slip and lights agree. The sequences: \
            \(DemoSequence.allCases.map(\.rawValue).joined(separator: ", ")).
            """
    )

    @Option(help: "Play unattended: the name of a sequence, or all.")
    var script: String?

    @Option(help: "The daemon's program; without it, kioskpayd beside this program.")
    var daemon: String?

    @Option(help: "Times of orders and payers by hand, as a factor of the real ones: 0.05 to 1.")
    var scale: Double = 1

    @Flag(help: "Keep the folder with configuration, journal, log and lights at the end.")
    var keep = false

    func validate() throws {
        guard scale >= 0.05, scale <= 1 else { throw ValidationError("--scale is 0.05 to 1.") }
        _ = try sequences
    }

    private var sequences: [DemoSequence]? {
        get throws {
            guard let script else { return nil }
            if script == "all" { return DemoSequence.allCases }
            guard let sequence = DemoSequence(rawValue: script) else {
                let names = DemoSequence.allCases.map(\.rawValue) + ["all"]
                throw ValidationError(
                    "There is no sequence \"\(script)\"; choose one of \(names.joined(separator: ", "))."
                )
            }
            return [sequence]
        }
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let sequences = try sequences
        let stopping = WakeDescriptor()
        let agrees = await withTaskGroup(of: Bool?.self) { group in
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup) {
                    stopping.signal()
                }
                return nil
            }
            group.addTask { await play(sequences, stopping) }
            while let result = await group.next() {
                guard let result else { continue }
                group.cancelAll()
                return result
            }
            return false
        }
        guard agrees else { throw ExitCode(1) }
    }

    /// On a thread of our own, because all of it blocks. Whether all went well.
    private func play(_ sequences: [DemoSequence]?, _ stopping: WakeDescriptor) async -> Bool {
        await withCheckedContinuation { continuation in
            _ = OwnThread(name: "demo") {
                do {
                    let daemon = try program()
                    if let sequences {
                        let script = DemoScript(
                            daemon: daemon,
                            sequences: sequences,
                            keepsFolder: keep
                        )
                        let agrees = try script.run { stopping.wait(atMost: .zero) }
                        continuation.resume(returning: agrees)
                    } else {
                        let options = DemoRig.Options(
                            daemon: daemon,
                            scale: scale,
                            dispenses: .seconds(1)
                        )
                        try DemoConsole.run(options, keepsFolder: keep, until: stopping)
                        continuation.resume(returning: true)
                    }
                } catch {
                    ErrorLine.write("\(error)")
                    continuation.resume(returning: false)
                }
            }
        }
    }

    /// The daemon beside this program.
    private func program() throws -> String {
        if let daemon { return daemon }
        var bytes = [CChar](repeating: 0, count: 4096)
        // The buffer outlives the call and has the length passed.
        let count = unsafe readlink("/proc/self/exe", &bytes, bytes.count)
        let path = String(
            decoding: bytes.prefix(max(0, count)).map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
        guard let slash = path.lastIndex(of: "/") else {
            throw DemoError("This program's own place is not known; name kioskpayd with --daemon.")
        }
        return path[..<slash] + "/kioskpayd"
    }
}
