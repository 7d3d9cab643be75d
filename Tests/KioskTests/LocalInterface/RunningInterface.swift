import Dispatch
import Glibc
import Kiosk
import Payments
import ServiceLifecycleTestKit
import TestKit
import Testing

/// A local interface that serves a ``FakeKiosk``, and where to reach it.
struct RunningInterface: Sendable {
    let kiosk: FakeKiosk
    let socket: Endpoint
    let tcp: Endpoint
    let socketPath: String
    let port: Int
    /// Asks for a graceful stop.
    let stop: @Sendable () -> Void

    /// The `Host` of the TCP listener.
    var host: String { "127.0.0.1:\(port)" }

    static let token = "a-token-of-enough-length"
    static let tokenHeader = "Authorization: Bearer \(token)"

    /// Serves while `story` runs on a thread of its own, then stops gracefully and checks that it ends.
    static func serve(
        withToken: Bool = true,
        limits change: (inout LocalInterfaceLimits) -> Void = { _ in },
        _ story: @escaping @Sendable (RunningInterface) throws -> Void,
    ) async throws {
        let folder = try TestFolder()
        var limits = LocalInterfaceLimits()
        change(&limits)
        let settings = LocalInterfaceSettings(
            socketPath: folder.path + "/k.sock",
            socketGroup: nil,
            listen: LoopbackAddress("127.0.0.1:0"),
            token: withToken ? AccessToken(fileContent: Array(token.utf8)) : nil,
            limits: limits,
        )
        try await run(settings) { running in try await onThread { try story(running) } }
        withExtendedLifetime(folder) {}
    }

    static func run(
        _ settings: LocalInterfaceSettings,
        log: CapturedLog = CapturedLog(),
        _ story: @escaping @Sendable (RunningInterface) async throws -> Void,
    ) async throws {
        let kiosk = FakeKiosk()
        let (listening, opened) = AsyncStream.makeStream(of: LocalInterface.Listening.self)
        let interface = LocalInterface(
            settings: settings,
            control: kiosk,
            feed: kiosk.feed,
            bodyHash: { bytes in String(decoding: bytes, as: UTF8.self) },
            logger: log.logger,
            onListening: { opened.yield($0) },
        )
        try await testGracefulShutdown { shutdown in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { opened.finish() }
                    try await interface.run()
                }
                if let place = await listening.first(where: { _ in true }) {
                    let running = RunningInterface(
                        kiosk: kiosk,
                        socket: .socket(place.socketPath),
                        tcp: .port(place.port ?? 0),
                        socketPath: place.socketPath,
                        port: place.port ?? 0,
                        stop: { shutdown.triggerGracefulShutdown() },
                    )
                    try await story(running)
                    shutdown.triggerGracefulShutdown()
                }
                try await group.waitForAll()
            }
        }
    }
}
