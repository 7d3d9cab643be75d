import Hummingbird
import Logging
import NIOCore

/// Where a request comes from.
struct CallSource: RequestContextSource {
    let channel: any Channel
    let peer: Peer
    let logger: Logger
}

/// What a handler knows beside the request.
struct CallContext: RequestContext {
    typealias Source = CallSource

    var coreContext: CoreRequestContextStorage
    let channel: any Channel
    let peer: Peer

    init(source: CallSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
        peer = source.peer
    }
}

/// Which listener a call came through. The listener itself says so, never the connection.
enum Peer: Hashable, Sendable {
    /// Whoever may open the socket: its owner and group.
    case unixSocket
    /// Any program or page on this machine.
    case tcp(port: Int)
}
