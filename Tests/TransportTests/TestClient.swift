import Glibc
import TestKit
import Transport

/// An ``HTTPSClient`` with logs of what it says, shut down with its owner.
final class TestClient: Sendable {
    struct NetworkChange: Sendable {
        let isReachable: Bool
        let reason: String
    }

    let client: HTTPSClient
    let changes: Log<NetworkChange>
    let dates: Log<Int64>

    /// Trusts the tests' own authority unless `change` says otherwise. With `trustsClock` each reply's `Date` has the
    /// transport check validity dates from then on, as the daemon does.
    init(
        _ primary: String,
        _ standby: String? = nil,
        trustsClock: Bool = false,
        change: (inout HTTPSConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = HTTPSConfiguration(primary: primary, standby: standby)
        configuration.caFile = TestFiles.authority
        configuration.connectTimeout = .seconds(3)
        configuration.requestTimeout = .seconds(5)
        change(&configuration)
        let changes = Log<NetworkChange>()
        let dates = Log<Int64>()
        let told = Log<HTTPSClient>()
        client = try HTTPSClient(
            configuration,
            onNetworkChange: { changes.add(NetworkChange(isReachable: $0, reason: $1)) },
            onDate: { seconds in
                dates.add(seconds)
                told.entries.last?.setValidityDatesChecked(true)
            }
        )
        if trustsClock { told.add(client) }
        self.changes = changes
        self.dates = dates
    }

    deinit { client.shutdown() }

    /// Waits until the connection opened at start is idle.
    func warmedUp() async throws { _ = try await changes.first() }

    func post(
        _ body: String = "<xml/>",
        path: String = "/pay/micropay",
        kind: HTTPSRequest.Kind = .submit,
        usesClientCertificate: Bool = false
    ) async -> TransferReport {
        await withCheckedContinuation { continuation in
            client.send(
                HTTPSRequest(
                    path: path,
                    body: Array(body.utf8),
                    usesClientCertificate: usesClientCertificate,
                    kind: kind
                ),
                completion: { continuation.resume(returning: $0) }
            )
        }
    }
}

/// Files the client reads, in a folder of this test run.
enum TestFiles {
    static let authority = write(TestAuthority.shared.own.certificate, "authority.pem")
    static let client = TestAuthority.shared.issue("DNS:client.test")
    static let clientCertificate = write(client.certificate, "client-cert.pem")
    static let clientKey = write(client.key, "client-key.pem")

    /// A path, not a folder that removes itself: nothing of this lives as long as the tests' process.
    private static let folder: String = {
        let folder = try? Files.makeTemporaryFolder()
        guard let folder else { preconditionFailure("There is no room for the tests' files.") }
        return folder
    }()

    /// The path of a new file with these bytes.
    static func write(_ bytes: [UInt8], _ name: String) -> String {
        let path = folder + "/" + name
        do {
            try Files.write(bytes, to: path)
        } catch {
            preconditionFailure("\(error)")
        }
        return path
    }
}

extension TransferReport {
    var reply: HTTPSReply? {
        if case .reply(let reply) = result { reply } else { nil }
    }

    var failure: TransportFailure? {
        if case .failed(let failure) = result { failure } else { nil }
    }

    var bodyText: String? { reply.map { String(decoding: $0.body, as: UTF8.self) } }
}
