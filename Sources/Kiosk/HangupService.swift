internal import Logging
internal import Provisioning
internal import ServiceLifecycle
internal import UnixSignals

/// SIGHUP: looks at the configuration again and says whether the next start can use it. What runs is not changed, so a sale
/// under way and the orders being revoked keep the keys they began with.
struct HangupService: Service {
    let configurationFile: String
    let log: Logger

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            check()
        }
    }

    private func check() {
        do {
            _ = try Installation.forStart(file: configurationFile)
            log.notice("The configuration is usable and takes effect at the next start.")
        } catch {
            for problem in error.problems { log.error("\(problem)") }
            log.error("The configuration is not usable; what runs goes on with the old one.")
        }
    }
}
