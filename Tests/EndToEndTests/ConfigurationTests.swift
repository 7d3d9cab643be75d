import Glibc
import Sandbox
import TestKit
import Testing

@Suite("Configurations that cannot work, end to end")
struct ConfigurationTests {
    /// One configuration, and a word of each problem that must be named on a line of its own.
    struct Fault: Sendable, CustomTestStringConvertible {
        let name: String
        var sections: [String: String] = [:]
        /// Instead of the whole file.
        var text: String?
        let problems: [String]

        var testDescription: String { name }
    }

    static let faults = [
        Fault(name: "no JSON", text: "not json at all", problems: ["kiosk.json"]),
        Fault(name: "an empty file", text: "", problems: ["kiosk.json"]),
        Fault(name: "cut short", text: #"{"kiosk": {"id": "K0007""#, problems: ["kiosk.json"]),
        Fault(
            name: "an unknown key",
            sections: ["scanner": #"{"port":"/dev/null","bauds":9600}"#],
            problems: ["scanner.bauds"]
        ),
        Fault(name: "an unknown section", sections: ["colour": "{}"], problems: ["colour"]),
        Fault(name: "a missing key", sections: ["scanner": "{}"], problems: ["scanner.port"]),
        Fault(
            name: "three problems, three lines",
            sections: [
                "kiosk": #"{"id":"k-7"}"#, "scanner": #"{"port":7}"#,
                "sale": #"{"maxAmount":2e2}"#,
            ],
            problems: ["kiosk.id", "scanner.port", "sale.maxAmount"]
        ),
        Fault(
            name: "fixed price without a release",
            sections: ["sale": #"{"mode":"fixed","amount":200,"description":"Coffee"}"#],
            problems: ["sale.mode"]
        ),
        Fault(
            name: "an unknown printer",
            sections: ["printer": #"{"port":"/dev/null","profile":"inkjet"}"#],
            problems: ["printer.profile"]
        ),
        Fault(
            name: "a public address",
            sections: ["api": #"{"socket":"/tmp/x.sock","listen":"0.0.0.0:80"}"#],
            problems: ["api.listen"]
        ),
        Fault(
            name: "another loopback address",
            sections: ["api": #"{"socket":"/tmp/x.sock","listen":"127.0.0.2:8090"}"#],
            problems: ["api.listen"]
        ),
        Fault(
            name: "a socket's path that is a byte too long",
            sections: ["api": #"{"socket":"/tmp/\#(String(repeating: "x", count: 99))"}"#],
            problems: ["api.socket"]
        ),
    ]

    @Test("Each problem is one line that names its key, and the exit code is 78", arguments: faults)
    func fault(_ fault: Fault) async throws {
        try await Kiosk.run { kiosk in
            try kiosk.configure(fault.sections)
            if let text = fault.text { try Files.write(text, to: kiosk.files.configurationFile) }
            try Self.expectRefused(kiosk, fault.problems)
        }
    }

    @Test("Key files that are missing, readable by others or wrong: exit code 78, and why")
    func keyFiles() async throws {
        try await Kiosk.run { kiosk in
            let folder = kiosk.folder
            let good = Files.bytes(kiosk.material.keyFile) ?? []
            try Files.write(good, to: folder + "/open.key", mode: 0o644)
            try Files.write("too short", to: folder + "/short.key")
            for name in ["none.key", "open.key", "short.key"] {
                try kiosk.configure(["wechat": kiosk.weChat(key: folder + "/" + name)])
                try Self.expectRefused(kiosk, ["wechat.keyFile"])
            }
            // A certificate that does not belong to its key, and files that are neither.
            try Files.write("-----BEGIN NOTHING-----\n", to: folder + "/bad.pem")
            let own = kiosk.material
            let swapped = kiosk.weChat().replacing(own.certificateFile, with: folder + "/bad.pem")
            try kiosk.configure(["wechat": swapped])
            try Self.expectRefused(kiosk, ["wechat.certificateFile"])
            let mixed = kiosk.weChat().replacing(own.certificateFile, with: own.authorityFile)
            try kiosk.configure(["wechat": mixed])
            try Self.expectRefused(kiosk, ["wechat."])
            try kiosk.configure(["wechat": kiosk.weChat()])
            try kiosk.start()
            try kiosk.payOnce()
        }
    }

    @Test("--check says what is wrong, or that all is well, and sells nothing")
    func check() async throws {
        try await Kiosk.run { kiosk in
            let good = try kiosk.spawn(arguments: ["--check"])
            #expect(try kiosk.awaitEnd(of: good, within: .seconds(20)) == .exit(0))
            #expect(kiosk.log.contains("is usable"))
            #expect(!Files.exists(kiosk.stateDirectory + "/journal.db"))
            for wrong in [["--no-such-option"], ["--log-level", "loud"]] {
                let known = kiosk.log.lines.count
                let daemon = try kiosk.spawn(arguments: wrong)
                #expect(try kiosk.awaitEnd(of: daemon, within: .seconds(20)) == .exit(2))
                let said = kiosk.log.lines.dropFirst(known)
                #expect(said.count == 1, "\(said)")
                #expect(said.allSatisfy { $0.hasPrefix("error: ") && $0.contains(wrong[0]) })
            }
        }
    }

    @Test("--check takes the documented example with this kiosk's keys")
    func documentedExample() async throws {
        try await Kiosk.run { kiosk in
            let tests = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
            let fixture = "/\(tests)/ProvisioningTests/Fixtures/example.json"
            var text = String(decoding: try #require(Files.bytes(fixture)), as: UTF8.self)
            let material = kiosk.material
            for (gap, value) in [
                ("wx…", "wx2421b1c4370ec43b"),
                ("\"merchantID\": \"…\"", "\"merchantID\": \"1\""),
                (
                    "\"printer\": {\"port\": \"/dev/serial/by-id/…",
                    "\"printer\": {\"port\": \"/dev/p"
                ),
                ("api-v2.key", material.keyFile),
                ("apiclient_cert.pem", material.certificateFile),
                ("apiclient_key.pem", material.privateKeyFile),
            ] {
                try #require(text.contains(gap))
                text = text.replacing(gap, with: value)
            }
            let board = Files.bytes("/\(tests)/../board/qemu-virt.json") ?? []
            try Files.makeFolder(kiosk.files.directory + "/board")
            try Files.write(board, to: kiosk.files.directory + "/board/qemu-virt.json")
            try Files.write(text, to: kiosk.files.configurationFile)
            let check = try kiosk.spawn(arguments: ["--check"])
            #expect(try kiosk.awaitEnd(of: check, within: .seconds(20)) == .exit(0))
            #expect(kiosk.log.contains("is usable"))
        }
    }

    @Test("SIGHUP says whether the next start can use the configuration, and the kiosk goes on")
    func hangup() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            let daemon = try kiosk.running()
            daemon.send(SIGHUP)
            try kiosk.wait("the good file to be read") {
                kiosk.log.contains("notice: The configuration is usable and takes effect")
            }
            try kiosk.configure(["colour": "{}", "scanner": #"{"port":7}"#])
            let known = kiosk.log.lines.count
            daemon.send(SIGHUP)
            try kiosk.wait("the bad file to be read") {
                kiosk.log.contains("error: The configuration is not usable; what runs", from: known)
            }
            let errors = kiosk.log.lines.dropFirst(known).filter { $0.hasPrefix("error: ") }
            #expect(errors.contains { $0.contains("colour") }, "\(errors)")
            #expect(errors.contains { $0.contains("scanner.port") }, "\(errors)")
            #expect(!daemon.hasEnded)
            try kiosk.payOnce()
        }
    }

    @Test("The daemon may write no core file, and cannot take that back (G1)")
    func noCoreFile() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            let daemon = try kiosk.running()
            let limits = Files.text("/proc/\(daemon.pid)/limits")
            let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
            #expect(core?.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"], "\(limits)")
        }
    }

    @Test("A state directory that is missing or open to others: exit code 1, one sentence")
    func stateDirectory() async throws {
        var settings = KioskSettings()
        settings.stateDirectory = "/nowhere/state"
        try await Kiosk.run(settings) { kiosk in
            let daemon = try kiosk.spawn()
            #expect(try kiosk.awaitEnd(of: daemon, within: .seconds(20)) == .exit(1))
            let errors = kiosk.log.lines.filter { $0.hasPrefix("error: ") }
            #expect(errors.count == 1 && errors[0].contains("/nowhere/state cannot be used"))
        }
        try await Kiosk.run { kiosk in
            Files.change(kiosk.stateDirectory, mode: 0o755)
            let daemon = try kiosk.spawn()
            #expect(try kiosk.awaitEnd(of: daemon, within: .seconds(20)) == .exit(1))
            #expect(kiosk.log.contains("chmod 700"))
            Files.change(kiosk.stateDirectory, mode: 0o700)
            try kiosk.start()
            try kiosk.payOnce()
        }
    }

    private static func expectRefused(_ kiosk: Kiosk, _ problems: [String]) throws {
        let known = kiosk.log.lines.count
        let daemon = try kiosk.spawn()
        #expect(try kiosk.awaitEnd(of: daemon, within: .seconds(20)) == .exit(78))
        let lines = kiosk.log.lines.dropFirst(known)
        #expect(lines.count == problems.count, "\(lines)")
        for problem in problems {
            #expect(lines.contains { $0.contains(problem) }, "\(problem) is not in \(lines)")
        }
    }
}
