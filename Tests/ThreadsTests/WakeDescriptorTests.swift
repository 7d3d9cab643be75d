import Testing
import Threads

@Suite("Waking a thread")
struct WakeDescriptorTests {
    @Test("A wait of no length looks once")
    func noLength() {
        let wake = WakeDescriptor()
        #expect(!wake.wait(atMost: .zero))
        wake.signal()
        #expect(wake.wait(atMost: .zero))
        // Looking does not use the signal up.
        #expect(wake.wait(atMost: .zero))
        wake.clear()
        #expect(!wake.wait(atMost: .zero))
    }

    @Test("A signal ends a wait early, and silence ends it in time")
    func limits() {
        let wake = WakeDescriptor()
        let start = BootClock.nanoseconds()
        #expect(!wake.wait(atMost: .milliseconds(30)))
        #expect(BootClock.nanoseconds() - start >= 30_000_000)
        let thread = OwnThread(name: "test-signal") { wake.signal() }
        #expect(wake.wait(atMost: .seconds(20)))
        #expect(thread.waitUntilEnded(atMost: .seconds(20)))
    }
}
