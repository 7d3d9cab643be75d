internal import Devices
internal import Logging
internal import Payments
internal import Provisioning
internal import Synchronization
internal import Transport

/// Brings what devices and transport report to the shell, which is made after them. What comes before it is there (the
/// first opening of a connection) is kept and delivered then.
final class EventRelay: Sendable {
    private struct State {
        var shell: Shell?
        var client: HTTPSClient?
        var early: [TillEvent] = []
    }

    private let state = Mutex(State())

    func attach(_ shell: Shell, _ client: HTTPSClient) {
        // Under the lock, so that no younger report overtakes them. The shell only queues before it has begun.
        state.withLock { state in
            state.shell = shell
            state.client = client
            for event in state.early { shell.deliver(event) }
            state.early = []
        }
    }

    private func deliver(_ event: TillEvent) {
        let shell: Shell? = state.withLock { state in
            if state.shell == nil { state.early.append(event) }
            return state.shell
        }
        shell?.deliver(event)
    }

    func networkChanged(_ isReachable: Bool, _ reason: String) {
        if let log = state.withLock({ $0.shell })?.parts.log {
            if isReachable {
                log.notice("The payment platform can be reached.")
            } else {
                log.warning(
                    "The payment platform cannot be reached: no sales until it can; open orders are kept.",
                    metadata: ["reason": "\(reason)"]
                )
            }
        }
        deliver(.networkChanged(isReachable: isReachable))
    }

    /// The `Date` of a reply over verified TLS (rule F1).
    func learn(_ seconds: Int64) {
        let (shell, client) = state.withLock { ($0.shell, $0.client) }
        guard let shell else { return }
        shell.parts.clock.learn(platformSeconds: seconds)
        client?.setValidityDatesChecked(shell.parts.clock.isSystemTimeTrusted)
    }

    func deviceChanged(_ device: Device, _ deviceState: DeviceState) {
        if let log = state.withLock({ $0.shell })?.parts.log {
            let metadata: Logger.Metadata = ["device": "\(device.rawValue)"]
            if deviceState.trouble == .stopped {
                log.debug("The device was let go.", metadata: metadata)
            } else if let trouble = deviceState.trouble {
                log.warning("\(trouble.sentence)", metadata: metadata)
            } else {
                log.notice("The device is ready.", metadata: metadata)
            }
        }
        deliver(.deviceChanged(device, deviceState.condition))
    }

    func scanned(_ frame: ScannedFrame, _ hash: KeyedHash) {
        let fingerprint = CodeFingerprint(hash.hash(Array(frame.text.utf8)))
        state.withLock { $0.shell }?.scanned(frame, fingerprint: fingerprint)
    }
}
