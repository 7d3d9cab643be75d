import Payments
import Testing
import Threads

@testable import Kiosk

@Suite("The day of the build (F1)")
struct BuildDateTests {
    private static let day: Int64 = 86_400_000

    @Test("The floor is the day before the build, whatever the builder's time zone")
    func floor() {
        // 2026-11-20 and 2028-02-29.
        #expect(BuildDate.floor(builtOn: "Nov 21 2026") == 1_795_132_800_000)
        #expect(BuildDate.floor(builtOn: "Mar  1 2028") == 1_835_395_200_000)
    }

    @Test(
        "A builder whose calendar is not set, or says nothing, makes no floor below the compiler's own day"
    )
    func earliest() {
        for text in ["Jan  1 1970", "Sep 15 2025", "??? ?? ????", ""] {
            #expect(BuildDate.floor(builtOn: text) == BuildDate.earliest, "\(text)")
        }
    }

    @Test("This build's floor is past, so that a right calendar is believed from the first day on")
    func past() {
        #expect(BuildDate.floor < SystemClock.milliseconds())
        #expect(BuildDate.floor >= BuildDate.earliest)
        let clock = KioskClock(
            bootID: .init("b"),
            latestStored: nil,
            system: KioskClock.SystemTime(milliseconds: { 5_000 }, isSynchronised: { false })
        )
        clock.learn(platformSeconds: SystemClock.milliseconds() / 1_000)
        #expect(clock.now().wall.isSynchronised)
    }
}
