internal import Devices
internal import Logging
internal import Payments
internal import Provisioning

/// The devices as configured. None is touched before its own thread runs.
extension Daemon {
    /// A kiosk whose lights fail still takes and returns money; log and status say so.
    static func lights(_ configuration: Configuration, _ log: Logger) -> any StatusLights {
        openStatusLights(configuration.lightsSettings()) { state in
            let metadata: Logger.Metadata = ["device": "lights"]
            switch state {
            case .none: break
            case .working: log.notice("The device is ready.", metadata: metadata)
            case .failed(let error): log.error("\(error.description)", metadata: metadata)
            }
        }
    }

    static func scanner(
        _ configuration: Configuration,
        _ hash: KeyedHash,
        _ relay: EventRelay,
    ) -> SerialScanner {
        SerialScanner(
            settings: configuration.scanner.line.settings(),
            framing: configuration.scanner.framing(),
            onFrame: { relay.scanned($0, hash) },
            onState: { relay.deviceChanged(.scanner, $0) }
        )
    }

    /// `nil` without a printer.
    static func printer(
        _ configuration: Configuration,
        _ relay: EventRelay,
    ) throws(SetupError) -> ReceiptPrinter? {
        guard let printer = configuration.printer,
            let profile = try configuration.printerProfile()
        else { return nil }
        return ReceiptPrinter(
            settings: printer.line.settings(),
            profile: profile,
            merchant: configuration.merchantText(),
            onState: { relay.deviceChanged(.printer, $0) }
        )
    }
}
