internal import Logging
internal import Synchronization
internal import Threads
internal import Transport

/// Tells the log why requests to the platform have no complete reply: each cause at most once a minute, so that no outage
/// fills it.
final class FailureLog: Sendable {
    static let pause: Duration = .seconds(60)

    private let log: Logger
    /// When each cause was told last, in nanoseconds on the boot clock.
    private let told = Mutex<[TransportFailure: Int64]>([:])

    init(_ log: Logger) { self.log = log }

    /// - Parameters:
    ///   - path: of the request, which holds no secret.
    ///   - now: nanoseconds on the boot clock.
    func noted(_ report: TransferReport, path: String, at now: Int64 = BootClock.nanoseconds()) {
        guard case .failed(let failure) = report.result else { return }
        switch failure {
        // Our own doing.
        case .aborted, .stopped: return
        case .resolve, .connect, .proxy, .tls, .timedOut, .cut, .garbled, .oversized, .repeated,
            .malformedRequest, .overloaded, .internalFault:
            break
        }
        let isNews = told.withLock { told in
            if let last = told[failure], now - last < BootClock.nanoseconds(of: Self.pause) {
                return false
            }
            told[failure] = now
            return true
        }
        guard isNews else { return }
        var metadata: Logger.Metadata = ["request": "\(path)"]
        if !report.detail.isEmpty { metadata["detail"] = "\(report.detail)" }
        log.warning("\(failure.sentence)", metadata: metadata)
    }
}
