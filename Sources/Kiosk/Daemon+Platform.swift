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
        _ kiosk: KioskID,
        _ client: HTTPSClient,
    ) throws -> PlatformLink {
        let configuration = installation.configuration
        return PlatformLink(
            dialect: try V2Dialect(
                credentials: try configuration.credentials(installation.secrets),
                terminalIP: configuration.weChat.terminalIP ?? MachineFacts.address(),
                kiosk: kiosk
            ),
            client: client
        )
    }
}
