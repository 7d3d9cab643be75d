import Testing

@testable import kioskpay_bench

@Suite("What the bench reads of the daemon's log and of the kernel")
struct LogLineTests {
    @Test("The time from scan to wire is read in nanoseconds, from its own line alone")
    func scanToWire() {
        let line = LogLine(
            text:
                "<7>The submit's transmission has ended. order=K0007-ABC scan-to-wire-us=1234"
        )
        #expect(line.scanToWire == 1_234_000)
        let failed = LogLine(
            text: "<7>The submit's transmission has ended. failure=timedOut order=K0007-ABC"
        )
        #expect(failed.scanToWire == nil)
        #expect(LogLine(text: "<7>Another line. scan-to-wire-us=1234").scanToWire == nil)
    }

    @Test("Only the own sale's delivery counts")
    func delivered() {
        let line = LogLine(text: "<6>The sale changed. sale=7Q state=delivered truth=paid")
        #expect(line.saysDelivered("7Q"))
        #expect(!line.saysDelivered("7"))
        let paid = LogLine(text: "<6>The sale changed. sale=7Q state=paid")
        #expect(!paid.saysDelivered("7Q"))
    }

    @Test("Errors alarm, warnings do not")
    func alarms() {
        #expect(LogLine(text: "<3>The journal is full.").isAlarming)
        #expect(!LogLine(text: "<4>The printer has little paper.").isAlarming)
        #expect(!LogLine(text: "").isAlarming)
    }

    @Test("The kernel's numbers are found by their labels, whatever the process is called")
    func kernel() {
        let status = "Name:\tkioskpayd\nVmRSS:\t   31234 kB\nvoluntary_ctxt_switches:\t42\n"
        #expect(ProcFile.number(after: "VmRSS:", in: status) == 31_234)
        #expect(ProcFile.number(after: "voluntary_ctxt_switches:", in: status) == 42)
        #expect(ProcFile.number(after: "Pss:", in: status) == nil)
        let stat = "77 (a b) c) S 1 77 77 0 -1 4194560 900 0 0 0 12 30 0 0 20 0 9 0 100"
        #expect(ProcessFacts.processorTicks(stat) == 42)
        #expect(ProcessFacts.processorTicks("77 (x) S 1") == nil)
    }
}
