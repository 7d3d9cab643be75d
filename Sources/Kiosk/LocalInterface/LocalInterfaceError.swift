/// Why the local interface cannot serve. No money is concerned by any of these.
package enum LocalInterfaceError: Error, Hashable, Sendable, CustomStringConvertible {
    case pathTooLong(String, maximum: Int)
    case folderMissing(String)
    case notASocket(String)
    case inUse(String)
    case cannotListen(String, reason: String)
    case cannotPublish(String, reason: String)
    case listenerEnded(String)
    /// TCP, without which the kiosk goes on.
    case portLost(String, reason: String)

    package var description: String {
        switch self {
        case .pathTooLong(let path, let maximum):
            "The socket path \(path) is longer than \(maximum) bytes; shorten api.socket."
        case .folderMissing(let path):
            "The folder of the socket \(path) does not exist; create it or change api.socket."
        case .notASocket(let path):
            "\(path) exists and is not a socket; remove it or change api.socket."
        case .inUse(let path):
            "Another program listens on \(path); stop it or change api.socket."
        case .cannotListen(let address, let reason):
            "The local interface cannot listen on \(address): \(reason); "
                + "stop what uses it or change the configuration under api."
        case .cannotPublish(let path, let reason):
            "The socket \(path) cannot be put in place: \(reason); check the folder's owner."
        case .listenerEnded(let address):
            "The local interface stopped listening on \(address) by itself; restart kioskpayd."
        case .portLost(let address, let reason):
            "The display and TCP applications are not served, because \(address) cannot be listened "
                + "on: \(reason); stop what uses it or change api.listen. It is tried again, and "
                + "payments, returns and the Unix socket go on."
        }
    }

    /// What the system said, without our advice.
    var reason: String {
        switch self {
        case .cannotListen(_, let reason), .cannotPublish(_, let reason), .portLost(_, let reason):
            reason
        case .listenerEnded: "it stopped by itself"
        case .pathTooLong, .folderMissing, .notASocket, .inUse: description
        }
    }
}
