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
        /// The port the system chose if the configuration said 0; `nil` without TCP, or while it cannot be had.
        package let port: Int?
    }

    private let course: ListeningCourse

    private let settings: LocalInterfaceSettings
    private let routes: Routes
    private let logger: Logger
    private let onListening: @Sendable (Listening) async -> Void

    /// - Parameters:
    ///   - feed: what the shell publishes its committed events and notices to.
    ///   - bodyHash: a hash that nobody can find two sales for, such as SHA-256 in hexadecimal digits; stored with the
    ///     sale to tell whether a repeated `Idempotency-Key` asks for the same, for as long as the journal lives.
    ///   - onListening: called once, when the socket takes connections and TCP does too, or was tried in vain.
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
        course = ListeningCourse(
            socketPath: settings.socketPath,
            expectsPort: settings.listen != nil
        )
        routes = Routes(
            settings: settings,
            control: control,
            feed: feed,
            course: course,
            bodyHash: bodyHash
        )
    }

    /// Serves until graceful shutdown or cancellation. Calls under way are answered, event streams end. Once only.
    ///
    /// - Throws: ``LocalInterfaceError`` when it cannot listen on the socket, or no longer does. TCP that cannot be had is
    ///   logged, shown in status and tried again; the kiosk goes on without it.
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
        let clients = ClientCount(maximum: settings.limits.clients)
        defer { course.identity.map(file.remove) }
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let socket = BindAddress.unixDomainSocket(path: file.bindPath)
                    do {
                        try await listen(at: socket, named: file.path, clients, threads) {
                            await publish(file, listener: $0)
                        }
                    } catch {
                        // The other listener is cancelled now, which is not worth a word.
                        course.stop()
                        throw error
                    }
                }
                if let address = settings.listen {
                    group.addTask { try await keepListening(at: address, clients, threads) }
                }
                // Not `waitForAll`, which would wait for the other listener before it throws.
                while try await group.next() != nil {}
            }
        } onCancelOrGracefulShutdown: {
            course.stop()
        }
    }

    /// Serves TCP while it can be had. The display waits for it; open orders, and applications on the socket, must not
    /// (rule C1).
    private func keepListening(
        at address: LoopbackAddress,
        _ clients: ClientCount,
        _ threads: MultiThreadedEventLoopGroup,
    ) async throws {
        let tcp = BindAddress.hostname(address.host, port: address.port)
        let limits = settings.limits
        var delay = limits.reopen
        while !course.isEnding {
            do {
                try await listen(at: tcp, named: "\(address)", clients, threads) {
                    let port = $0.localAddress?.port ?? address.port
                    if course.opened(port: port) {
                        logger.notice(
                            "The local interface listens on TCP now.",
                            metadata: ["port": "\(port)"]
                        )
                    }
                    await announce()
                }
                return
            } catch {
                try Task.checkCancellation()
                if course.port != nil { delay = limits.reopen }
                let trouble = LocalInterfaceError.portLost(
                    "\(address)",
                    reason: (error as? LocalInterfaceError)?.reason ?? "\(error)"
                )
                if course.lostPort(trouble) { logger.error("\(trouble.description)") }
            }
            await announce()
            let pause = delay
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: pause) }
            delay = min(delay * 2, limits.longestReopen)
        }
    }

    /// Serves one listener until it ends; an end that nobody asked for is an error.
    private func listen(
        at address: BindAddress,
        named name: String,
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
            logger: listenerLog,
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

    private func publish(_ file: SocketFile, listener: any Channel) async {
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
            await announce()
        } catch {
            course.failed(error)
            listener.close(promise: nil)
        }
    }

    private func announce() async {
        guard let listening = course.takeAnnouncement() else { return }
        var metadata: Logger.Metadata = ["socket": "\(listening.socketPath)"]
        if let port = listening.port { metadata["port"] = "\(port)" }
        logger.info("The local interface listens.", metadata: metadata)
        await onListening(listening)
    }

    private var listenerLog: Logger {
        Logger(label: logger.label) { _ in ListenerLog(logger: logger, course: course) }
    }
}
