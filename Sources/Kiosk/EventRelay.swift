internal import Devices
internal import Logging
internal import Payments
internal import Provisioning
internal import Synchronization
internal import Transport

/// Brings what devices and transport report to the shell, which is made after them. Each report is logged when it comes;
/// what comes before the shell is there (the first opening of a connection) is kept and delivered then.
final class EventRelay: Sendable {
    /// Who takes the reports.
    struct Receiver: Sendable {
        let deliver: @Sendable (TillEvent) -> Void
        let scanned: @Sendable (ScannedFrame, CodeFingerprint) -> Void
        /// Whether TLS looks at validity dates from now on (rule F1).
        let checkValidityDates: @Sendable (Bool) -> Void
    }

    private struct State {
        var receiver: Receiver?
        var early: [TillEvent] = []
        var isReachable: Bool?
        var networkTrouble: String? = "The first connection to the platform is being opened."
        var hasLearned = false
    }

    private let clock: KioskClock
    private let log: Logger
    private let state = Mutex(State())

    init(clock: KioskClock, log: Logger) {
        self.clock = clock
        self.log = log
    }

    /// Once only.
    func attach(_ receiver: Receiver) {
        // Under the lock, so that no younger report overtakes them. The shell only queues before it has begun.
        let hasLearned = state.withLock { state in
            state.receiver = receiver
            for event in state.early { receiver.deliver(event) }
            state.early = []
            return state.hasLearned
        }
        if hasLearned { receiver.checkValidityDates(clock.isSystemTimeTrusted) }
    }

    /// Why the platform cannot be reached, in one sentence; `nil` when it can (rule B10).
    var networkTrouble: String? { state.withLock { $0.networkTrouble } }

    private func deliver(_ event: TillEvent) {
        let receiver: Receiver? = state.withLock { state in
            if state.receiver == nil { state.early.append(event) }
            return state.receiver
        }
        receiver?.deliver(event)
    }

    func networkChanged(_ isReachable: Bool, _ reason: String) {
        if isReachable {
            log.notice("The payment platform can be reached.")
        } else {
            log.warning(
                "The payment platform cannot be reached: no sales until it can; open orders are kept.",
                metadata: ["reason": "\(reason)"]
            )
        }
        let isNews = state.withLock { state in
            defer { state.isReachable = isReachable }
            state.networkTrouble = isReachable ? nil : reason
            return state.isReachable != isReachable
        }
        // Another reason for the same state is for people; the machine knows already.
        if isNews { deliver(.networkChanged(isReachable: isReachable)) }
    }

    /// The `Date` of a reply over verified TLS (rule F1).
    func learn(_ seconds: Int64) {
        clock.learn(platformSeconds: seconds)
        let receiver = state.withLock { state in
            state.hasLearned = true
            return state.receiver
        }
        receiver?.checkValidityDates(clock.isSystemTimeTrusted)
    }

    func deviceChanged(_ device: Device, _ deviceState: DeviceState) {
        let metadata: Logger.Metadata = ["device": "\(device.rawValue)"]
        if deviceState.trouble == .stopped {
            log.debug("The device was let go.", metadata: metadata)
        } else if let trouble = deviceState.trouble {
            log.warning("\(trouble.sentence)", metadata: metadata)
        } else {
            log.notice("The device is ready.", metadata: metadata)
        }
        deliver(.deviceChanged(device, deviceState.condition))
    }

    /// Codes that come before anybody can take them are dropped (rule B8).
    func scanned(_ frame: ScannedFrame, _ hash: KeyedHash) {
        let fingerprint = CodeFingerprint(hash.hash(Array(frame.text.utf8)))
        state.withLock { $0.receiver }?.scanned(frame, fingerprint)
    }
}
