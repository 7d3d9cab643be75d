import Glibc
import Sandbox
import Testing

@Suite(
    "A wrong calendar, end to end",
    .enabled(if: Preload.isAvailable, "needs a C compiler")
)
struct ClockTests {
    @Test("Woken up in 1970 it sells; the platform's Date sets the calendar, never before (F1)")
    func nineteenSeventy() async throws {
        try await Kiosk.run { kiosk in
            let environment = try ForeignClock.nineteenSeventy.environment(in: kiosk.folder)
            // The platform's certificate is not valid in 1970, so TLS must not look at dates.
            try kiosk.start(environment: environment)
            try kiosk.payOnce()
            let status = try kiosk.status()
            #expect(status.isSynchronised)
            let now = Int64(time(nil)) * 1_000
            #expect(abs(status.unixMilliseconds - now) < 60_000)
            // What was stored is the floor of the next start.
            try kiosk.awaitPaper()
            try kiosk.kill()
            try kiosk.start(isReady: false, environment: environment)
            #expect(try kiosk.status().unixMilliseconds > now - 120_000)
            try kiosk.awaitReady()
            try kiosk.payOnce()
        }
    }

    @Test("Once the platform's Date vouches for the calendar, TLS checks validity dates (F1)")
    func datesChecked() async throws {
        try await Kiosk.run { kiosk in
            // To the TLS library the certificate has expired. Unchecked at first, the platform is reached; its Date
            // vouches for the kiosk's calendar; from then on no connection is good enough.
            let environment = try ForeignClock.aheadForTLS.environment(in: kiosk.folder)
            try kiosk.start(isReady: false, environment: environment)
            try kiosk.wait("the calendar to be vouched for") { try kiosk.status().isSynchronised }
            try kiosk.wait("the expired certificate to be refused") {
                let status = try kiosk.status()
                return !status.isReachable && !status.isReady
            }
            #expect(kiosk.log.contains("The payment platform cannot be reached"))
            #expect(kiosk.submitCount == 0)
        }
    }
}
