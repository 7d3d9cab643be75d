import Glibc
import Testing
import Threads

@Suite("Keeping processors awake")
struct AwakeProcessorsTests {
    private func processorTime() -> Int64 {
        var time = timespec()
        // The structure is a local.
        _ = unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    @Test("They are busy for the time that was asked, and cost nothing before and after")
    func bounded() {
        let processors = AwakeProcessors()
        let quiet = WakeDescriptor()
        processors.keep(for: .milliseconds(50))
        let before = processorTime()
        _ = quiet.wait(atMost: .milliseconds(400))
        let used = processorTime() - before
        // Other tests of this process run beside it: only a busy loop without an end would use all of the time.
        #expect(used > 0)
        processors.keep(for: .seconds(3_600))
        processors.sleep()
        let after = processorTime()
        _ = quiet.wait(atMost: .milliseconds(400))
        #expect(processorTime() - after < 350_000_000)
    }
}
