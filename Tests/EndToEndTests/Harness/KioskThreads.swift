import Synchronization
import Threads

/// Runs whole-program tests on threads of their own: they block, and the cooperative pool is for everybody. As many
/// daemons run at once as there are threads: three, or `KIOSKPAY_TEST_KIOSKS`.
final class KioskThreads: TaskExecutor {
    static let shared = KioskThreads(
        count: Tests.variable("KIOSKPAY_TEST_KIOSKS").flatMap { Int($0) } ?? 3
    )

    private let jobs = Mutex<[UnownedJob]>([])
    private let wake = WakeDescriptor()

    private init(count: Int) {
        for _ in 0..<count { _ = OwnThread(name: "e2e") { self.work() } }
    }

    /// Runs `body`, which may block, with the test's task still around it: what it expects is the test's.
    static func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withTaskExecutorPreference(shared) { try await onExecutor(body) }
    }

    @concurrent private static func onExecutor<Value: Sendable>(
        _ body: @Sendable () throws -> Value
    ) async throws -> Value {
        try body()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        wake.signal()
    }

    private func work() {
        while true {
            _ = wake.wait(atMost: .seconds(3600))
            wake.clear()
            let job: UnownedJob? = jobs.withLock { jobs in
                guard !jobs.isEmpty else { return nil }
                let job = jobs.removeFirst()
                // One signal can stand for several jobs: the next thread is called on.
                if !jobs.isEmpty { wake.signal() }
                return job
            }
            // The executor lives as long as the process.
            unsafe job?.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}
