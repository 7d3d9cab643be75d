import Testing

@testable import kioskpay

@Suite("The demo as a person starts it")
struct DemoProgramTests {
    @Test("All sequences of the source document: ledger, journal, slip and lights agree")
    func script() async throws {
        let demo = try await DemoProgram.run(["demo", "--script", "all"])
        #expect(demo.exitCode == 0, "\((demo.output + demo.errors).joined(separator: "\n"))")
        let expected = [
            (
                "password-exempt", "paid",
                ["charged 2.00 CNY, kept", "delivered", "receipt", "approved"]
            ),
            ("password", "paid", ["charged 2.00 CNY, kept", "delivered", "receipt", "approved"]),
            (
                "payer-too-late", "revoked",
                ["charged 2.00 CNY, returned", "expired, undone", "not known yet", "declined"]
            ),
            (
                "refused-then-paid", "paid",
                [
                    "charged nothing; charged 2.00 CNY, kept", "delivered, undone", "receipt",
                    "declined, approved",
                ]
            ),
            (
                "network-cut", "revoked",
                ["charged 2.00 CNY, returned", "expired, undone", "not known yet"]
            ),
        ]
        try #require(demo.output.count == expected.count + 1)
        for (line, (name, ending, parts)) in zip(demo.output, expected) {
            let words = line.split(separator: " ")
            #expect(words.first == name[...] && words.dropFirst().first == ending[...], "\(line)")
            #expect(words.last == "ok", "\(line)")
            for part in parts { #expect(line.contains(part), "\(line)") }
        }
        // Fault while the network is away, declined if it comes back in that moment.
        let cut = demo.output[expected.count - 1]
        #expect(cut.contains("lights: fault") || cut.contains("lights: declined"), "\(cut)")
        #expect(demo.output.last?.contains("5 sales, 6 attempts, each as in the ledger") == true)
    }

    @Test("Without a terminal and without keys it starts, stops in order, and leaves nothing open")
    func noKeys() async throws {
        let demo = try await DemoProgram.run(["demo", "--scale", "0.1"])
        #expect(demo.exitCode == 0, "\((demo.output + demo.errors).joined(separator: "\n"))")
        #expect(demo.output.last?.contains("0 sales, 0 attempts") == true, "\(demo.output)")
    }

    @Test("Wrong usage and a missing daemon are one clear sentence")
    func mistakes() async throws {
        let unknown = try await DemoProgram.run(["demo", "--script", "nonsense"])
        #expect(unknown.exitCode == 2)
        #expect(unknown.errors.contains { $0.contains("There is no sequence \"nonsense\"") })
        #expect(try await DemoProgram.run(["demo", "--scale", "2"]).exitCode == 2)
        let missing = try await DemoProgram.run([
            "demo", "--script", "all", "--daemon", "/nonexistent",
        ])
        #expect(missing.exitCode == 1)
        #expect(missing.output.isEmpty)
        #expect(missing.errors.count == 1)
        #expect(missing.errors.first?.contains("/nonexistent") == true)
    }
}
