internal import Logging
internal import Payments
internal import Provisioning
internal import Transport
internal import WeChatPay

/// The way to the platform as configured.
extension Daemon {
    static func client(
        _ configuration: Configuration,
        _ clock: KioskClock,
        _ relay: EventRelay,
    ) throws -> HTTPSClient {
        var https = configuration.httpsConfiguration()
        https.checksValidityDates = clock.isSystemTimeTrusted
        return try HTTPSClient(
            https,
            onNetworkChange: { relay.networkChanged($0, $1) },
            onDate: { relay.learn($0) }
        )
    }

    static func platform(
        _ installation: Installation,
        _ client: HTTPSClient,
        _ log: Logger,
    ) throws -> PlatformLink {
        PlatformLink(
            dialect: try installation.configuration.dialect(installation.secrets),
            client: client,
            log: log
        )
    }
}
