import HTTPTypes
import Hummingbird

/// Who may call what (rule G2), and the checks that keep web pages of others out: a browser lets any page send a request
/// to loopback, and DNS rebinding makes it look as if it came from there.
struct Gate: Sendable {
    /// What a call needs on TCP. The Unix socket's permissions are enough for all of them.
    enum Access: Hashable, Sendable {
        /// Changes nothing and shows what the display shows.
        case open
        case token
    }

    let token: AccessToken?

    /// For every request, whatever its path.
    func check(_ request: Request, from peer: Peer) throws {
        guard request.head.path?.hasPrefix("/") == true else {
            throw ProblemDocument.invalid("The request's target must be a path.")
        }
        let origins = request.headers.values(named: "origin")
        switch peer {
        case .unixSocket:
            // No page can open a Unix socket. An origin means that something forwards pages' calls here.
            guard origins.isEmpty else { throw ProblemDocument.foreignOrigin }
        case .tcp(let port):
            let hosts = ["127.0.0.1:\(port)", "localhost:\(port)", "[::1]:\(port)"]
            guard let host = request.head.authority?.lowercased(), hosts.contains(host),
                request.headers.values(named: "host").isEmpty
            else { throw ProblemDocument.wrongHost }
            guard origins.allSatisfy({ hosts.map { "http://" + $0 }.contains($0.lowercased()) }),
                origins.count <= 1
            else { throw ProblemDocument.foreignOrigin }
            let sites = request.headers.values(named: "sec-fetch-site")
            guard sites.allSatisfy(["same-origin", "none"].contains) else {
                throw ProblemDocument.foreignOrigin
            }
        }
    }

    /// For one route.
    func admit(_ request: Request, from peer: Peer, to access: Access) throws {
        switch (peer, access) {
        case (.unixSocket, _), (_, .open): return
        case (.tcp, .token): break
        }
        guard let token else { throw ProblemDocument.socketOnly }
        let given = request.headers.values(named: "authorization")
        let scheme = "bearer "
        guard given.count == 1, let value = given.first,
            value.prefix(scheme.count).lowercased() == scheme,
            token.matches(value.utf8.dropFirst(scheme.utf8.count))
        else { throw ProblemDocument.tokenRequired }
    }
}

extension HTTPFields {
    /// Every value of a field, by its name in small letters.
    func values(named name: String) -> [String] {
        compactMap { $0.name.canonicalName == name ? $0.value : nil }
    }
}
