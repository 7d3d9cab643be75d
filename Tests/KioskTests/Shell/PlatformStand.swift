import Payments
import Synchronization
import Testing
import Transport
import WeChatPay

@testable import Kiosk
@testable import Sandbox

/// A link to a running stand-in over real TLS, with whatever is wrong between them.
final class PlatformStand: Sendable {
    /// Whose client certificate the kiosk shows.
    enum Certificate {
        case own
        case foreign
        case none
    }

    let server: SandboxServer
    let link: PlatformLink
    let log = CapturedLog()
    private let client: HTTPSClient
    private let received = ReceivedCalls()
    private let folder: TemporaryFolder

    /// - Parameter hasKey: whether the kiosk knows the merchant's key.
    init(
        certificate: Certificate = .own,
        hasKey: Bool = true,
        refusal: SandboxOptions.CertificateRefusal = .page,
        requestTimeout: Duration = .seconds(20),
    ) throws {
        let folder = try TemporaryFolder(prefix: "kioskpay-link-")
        let material = try SandboxMaterial.prepare(in: folder.path + "/own")
        let shown =
            certificate == .own
            ? material : try SandboxMaterial.prepare(in: folder.path + "/foreign")
        self.folder = folder
        server = try SandboxServer(
            material: material,
            options: SandboxOptions(timings: .scaled(by: 0.01), certificateRefusal: refusal)
        )
        server.onEvent { [received] in received.add($0) }
        try server.start()
        var configuration = HTTPSConfiguration(primary: try #require(server.baseURL))
        configuration.caFile = material.authorityFile
        configuration.requestTimeout = requestTimeout
        if certificate != .none {
            configuration.clientCertificateFile = shown.certificateFile
            configuration.clientKeyFile = shown.privateKeyFile
        }
        client = try HTTPSClient(
            configuration,
            onNetworkChange: { _, _ in },
            onDate: { _ in }
        )
        let key = hasKey ? material.key : String(material.key.reversed())
        link = PlatformLink(
            dialect: try V2Dialect(
                credentials: try V2Credentials(
                    appID: material.identity.appID,
                    merchantID: material.identity.merchantID,
                    signType: .hmacSHA256,
                    key: SecretKey(Array(key.utf8))
                ),
                terminalIP: "127.0.0.1",
                kiosk: try #require(KioskID("K0007"))
            ),
            client: client,
            log: log.logger
        )
    }

    deinit {
        client.shutdown()
        server.stop()
        folder.remove()
    }

    func newOrder() throws -> OrderNumber {
        var generator = SystemRandomNumberGenerator()
        return OrderNumber(kiosk: try #require(KioskID("K0007")), using: &generator)
    }

    func probe(_ order: OrderNumber? = nil) async throws -> ProbeResult {
        let order = try order ?? newOrder()
        return await withCheckedContinuation { waiting in
            link.probe(order) { waiting.resume(returning: $0) }
        }
    }

    /// Submits a code that chooses the case with these digits, and answers its order.
    func submit(_ digits: String, _ amount: Money) async throws -> OrderNumber {
        guard case .weChat(let code) = ScannedCode(recognising: "134567890123456" + digits) else {
            throw SandboxError("no payment code")
        }
        let order = try newOrder()
        await withCheckedContinuation { (waiting: CheckedContinuation<Void, Never>) in
            link.submit(
                order,
                code,
                amount,
                description: "Locker",
                deliver: { if case .submitEnded = $0 { waiting.resume() } },
                trace: { _ in }
            )
        }
        return order
    }

    /// How often that operation was read whole.
    func count(_ operation: SandboxOperation, of order: OrderNumber) -> Int {
        received.count(operation, of: order.text)
    }
}

/// Every call that the stand-in has read whole.
private final class ReceivedCalls: Sendable {
    private let events = Mutex<[SandboxEvent]>([])

    func add(_ event: SandboxEvent) { events.withLock { $0.append(event) } }

    func count(_ operation: SandboxOperation, of order: String) -> Int {
        events.withLock { events in
            events.count { event in
                if case .received(operation, _) = event.kind { event.order == order } else { false }
            }
        }
    }
}
