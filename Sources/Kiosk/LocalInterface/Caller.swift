import Glibc
import NIOCore

/// Who is at the other end of a connection, for the log (rule G2).
enum Caller: Hashable, Sendable, CustomStringConvertible {
    /// The kernel's word on the process that connected to the Unix socket.
    case process(id: Int32, user: UInt32, group: UInt32)
    /// Whoever holds the token.
    case tokenHolder
    /// The kernel did not say.
    case unknown

    static func of(_ context: CallContext) async -> Caller {
        switch context.peer {
        case .tcp: return .tokenHolder
        case .unixSocket:
            guard let channel = context.channel as? any SocketOptionProvider,
                let kernel = try? await credentials(channel)
            else { return .unknown }
            return .process(id: kernel.process, user: kernel.user, group: kernel.group)
        }
    }

    var description: String {
        switch self {
        case .process(let id, let user, let group): "process \(id) of user \(user), group \(group)"
        case .tokenHolder: "a holder of the token"
        case .unknown: "an unknown process"
        }
    }

    /// `struct ucred` of unix(7), which Swift's Glibc module leaves out: three fields of 32 bits.
    private struct Credentials: Sendable {
        let process: Int32
        let user: UInt32
        let group: UInt32
    }

    private static func credentials(
        _ channel: any SocketOptionProvider
    ) async throws -> Credentials {
        // Safe: the kernel writes exactly a `struct ucred`, which Credentials has the size and layout of.
        let future: EventLoopFuture<Credentials> = channel.unsafeGetSocketOption(
            level: .socket,
            name: NIOBSDSocket.Option(rawValue: SO_PEERCRED),
        )
        return try await future.get()
    }
}
