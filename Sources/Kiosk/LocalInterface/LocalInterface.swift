import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
import Payments
import ServiceLifecycle

/// The local HTTP interface on the Unix socket and on loopback TCP (interfaces, 3).
///
/// One thread serves both. Nothing a client does can make the kiosk wait: each is bounded in number, time and memory.
package struct LocalInterface: Service {
    /// Where it listens, once it does.
    package struct Listening: Hashable, Sendable {
        package let socketPath: String
        /// The port the system chose if the configuration said 0; `nil` without TCP.
        package let port: Int?
    }

    private let settings: LocalInterfaceSettings
    private let routes: Routes
    private let logger: Logger
    private let onListening: @Sendable (Listening) async -> Void

    /// - Parameters:
    ///   - feed: what the shell publishes its committed events and notices to.
    ///   - bodyHash: a hash that nobody can find two sales for, such as SHA-256 in hexadecimal digits; stored with the
    ///     sale to tell whether a repeated `Idempotency-Key` asks for the same.
    ///   - onListening: called once, when both listeners take connections.
    package init(
        settings: LocalInterfaceSettings,
        control: any KioskControl,
        feed: LiveFeed,
        bodyHash: @escaping @Sendable ([UInt8]) -> String,
        logger: Logger,
        onListening: @escaping @Sendable (Listening) async -> Void,
    ) {
        self.settings = settings
        self.logger = logger
        self.onListening = onListening
        routes = Routes(settings: settings, control: control, feed: feed, bodyHash: bodyHash)
    }

    /// Serves until graceful shutdown or cancellation. Calls under way are answered, event streams end.
    ///
    /// - Throws: ``LocalInterfaceError`` when it cannot listen, or no longer does.
    package func run() async throws {
        let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            try await serve(on: threads)
        } catch {
            try? await threads.shutdownGracefully()
            throw error
        }
        try await threads.shutdownGracefully()
    }

    private func serve(on threads: MultiThreadedEventLoopGroup) async throws {
        let file = SocketFile(path: settings.socketPath, group: settings.socketGroup)
        // File calls run on the interface's own thread, which serves nobody yet.
        try await threads.next().submit { try file.checkPlace() }.get()
        let course = ListeningCourse(socketPath: file.path, expectsPort: settings.listen != nil)
        let clients = ClientCount(maximum: settings.limits.clients)
        defer { course.identity.map(file.remove) }
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let socket = BindAddress.unixDomainSocket(path: file.bindPath)
                    try await listen(at: socket, named: file.path, course, clients, threads) {
                        await publish(file, course, listener: $0)
                    }
                }
                if let address = settings.listen {
                    group.addTask {
                        let tcp = BindAddress.hostname(address.host, port: address.port)
                        try await listen(at: tcp, named: "\(address)", course, clients, threads) {
                            course.opened(port: $0.localAddress?.port ?? address.port)
                            await announce(course)
                        }
                    }
                }
                // Not `waitForAll`, which would wait for the other listener before it throws.
                while try await group.next() != nil {}
            }
        } onCancelOrGracefulShutdown: {
            course.stop()
        }
    }

    /// Serves one listener until it ends; an end that nobody asked for is an error.
    private func listen(
        at address: BindAddress,
        named name: String,
        _ course: ListeningCourse,
        _ clients: ClientCount,
        _ threads: MultiThreadedEventLoopGroup,
        whenOpen: @escaping @Sendable (any Channel) async -> Void,
    ) async throws {
        let limits = settings.limits
        let isSocket = settings.socketPath == name
        let server = try HTTPServerBuilder.http1(
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [ClientGuard(clients: clients, limits: limits)],
                httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                    maxHeaderFieldSize: limits.headerBytes,
                    maxHeaderListSize: limits.headerBytes,
                    maxHeaderFieldCount: limits.headerCount,
                ),
            )
        ).buildServer(
            configuration: ServerConfiguration(address: address, backlog: limits.backlog),
            eventLoopGroup: threads,
            logger: quietLogger,
            responder: { request, writer, channel in
                let port = channel.localAddress?.port ?? 0
                let source = CallSource(
                    channel: channel,
                    peer: isSocket ? .unixSocket : .tcp(port: port),
                    logger: logger,
                )
                let response = await routes.respond(to: request, from: source)
                try await writer.write(response: response.head, body: response.body)
            },
            onServerRunning: whenOpen,
        )
        do {
            try await server.run()
        } catch let error as IOError {
            throw LocalInterfaceError.cannotListen(name, reason: SystemCall.reason(error.errnoCode))
        }
        try course.ended(name)
    }

    private func publish(
        _ file: SocketFile,
        _ course: ListeningCourse,
        listener: any Channel,
    ) async {
        do {
            let published = try file.publish()
            switch published.trouble {
            case .missing(let group):
                logger.warning(
                    """
                    The group \(group) does not exist, so applications cannot use \(file.path); \
                    create it or change api.socketGroup.
                    """
                )
            case .refused(let group, let reason):
                logger.warning(
                    """
                    \(file.path) could not be given to the group \(group): \(reason); \
                    make the daemon's user a member of it.
                    """
                )
            case nil: break
            }
            course.opened(published.identity)
            await announce(course)
        } catch {
            course.failed(error)
            listener.close(promise: nil)
        }
    }

    private func announce(_ course: ListeningCourse) async {
        guard let listening = course.takeAnnouncement() else { return }
        logger.info(
            "The local interface listens.",
            metadata: [
                "socket": "\(listening.socketPath)", "port": "\(listening.port ?? 0)",
            ],
        )
        await onListening(listening)
    }

    /// Hummingbird tells of the file's passing name and of every refused connection at `info`.
    private var quietLogger: Logger {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return quiet
    }
}
