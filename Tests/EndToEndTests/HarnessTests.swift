import Sandbox
import TestKit
import Testing

@Suite("The tests' own tools")
struct HarnessTests {
    @Test("A secret is found wherever it stands, and only it")
    func finding() {
        let bytes = Array("a13134567890123456789z".utf8)
        #expect(bytes.contains(bytes: Array("134567890123456789".utf8)))
        #expect(bytes.contains(bytes: Array("9z".utf8)))
        #expect(bytes.contains(bytes: bytes))
        #expect(!bytes.contains(bytes: Array("134567890123456780".utf8)))
        #expect(!bytes.contains(bytes: bytes + [0]))
    }

    @Test("The audit finds what somebody has doctored")
    func doctored() async throws {
        try await Kiosk.run(isAudited: false) { kiosk in
            try kiosk.start()
            let paid = try kiosk.payOnce()
            let order = try kiosk.order(of: paid)
            let undone = try kiosk.sell()
            kiosk.show(try named("late-payment"))
            try kiosk.awaitState(undone, "expired")
            try kiosk.settle()
            try kiosk.awaitPaper()
            #expect(try kiosk.stop() == .exit(0))
            #expect(try Audit(kiosk, Audit.Allowance()).findings == [])

            let file = kiosk.stateDirectory + "/journal.db"
            for change in [
                "UPDATE sales SET state = 'cancelled' WHERE id = '\(paid.id)'",
                "UPDATE sales SET amount = 100 WHERE id = '\(paid.id)'",
                "UPDATE sales SET truth = 'nothing-taken' WHERE id = '\(undone.id)'",
                "UPDATE attempts SET amount = 100 WHERE order_number = '\(order)'",
                "UPDATE attempts SET state = 'void' WHERE order_number = '\(order)'",
                "UPDATE attempts SET prepared_boot_ns = prepared_boot_ns + 10000000000",
                "UPDATE attempts SET outcome = 'nothing-charged' WHERE state = 'undone'",
                "UPDATE revokes SET order_number = '\(order)'",
                "UPDATE attempts SET order_number = 'K0007-00000000000000000000' "
                    + "WHERE order_number = '\(order)'",
            ] {
                // The changes are taken back with the connection that made them.
                let journal = try JournalFile(file)
                _ = try journal.rows("BEGIN")
                _ = try journal.rows(change)
                let findings = try Audit(kiosk, Audit.Allowance(), journal: journal).findings
                #expect(!findings.isEmpty, "\(change)")
                _ = try journal.rows("ROLLBACK")
            }
            for (name, bytes) in [
                ("code", Array(kiosk.codes[0].utf8)),
                ("key", Files.bytes(kiosk.material.keyFile) ?? []),
            ] {
                let place = kiosk.stateDirectory + "/" + name
                try Files.write(Array("x".utf8) + bytes, to: place)
                let findings = try Audit(kiosk, Audit.Allowance()).findings
                #expect(findings.count == 1, "\(findings)")
                Files.remove(place)
            }
            #expect(try Audit(kiosk, Audit.Allowance()).findings == [])
        }
    }

    @Test("The lights' trace is counted by what is lit, not by lines")
    func lights() {
        let trace = LightsTrace("1 ready 0\n2 ready 1\n3 ready 1\n4 ready 0\n5 ready 1\nx\n")
        #expect(trace.times("ready") == 2)
        #expect(trace.isLit("ready"))
        #expect(!trace.isLit("busy"))
        #expect(trace.strangeLines == ["x"])
    }
}
