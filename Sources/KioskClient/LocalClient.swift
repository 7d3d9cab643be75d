internal import Threads

/// A client of the daemon's local interface on its Unix socket, as small as an application's could be. Calls block, so they
/// belong on threads of ours.
package struct LocalClient: Sendable {
    package struct Reply: Hashable, Sendable {
        package let status: Int
        package let body: [UInt8]
    }

    /// A whole reply is at most this long.
    private static let longestReply = 1 << 20

    package let socket: String
    /// For a whole call.
    package let patience: Duration

    package init(socket: String, patience: Duration = .seconds(10)) {
        self.socket = socket
        self.patience = patience
    }

    package func get(_ path: String) throws(LocalCallError) -> Reply {
        try call("GET", path, headers: [], body: nil)
    }

    /// - Parameter body: JSON; empty for calls that carry nothing.
    package func post(
        _ path: String,
        _ body: [UInt8] = [],
        headers: [String] = [],
    ) throws(LocalCallError) -> Reply {
        try call("POST", path, headers: headers, body: body)
    }

    private func call(
        _ method: String,
        _ path: String,
        headers: [String],
        body: [UInt8]?,
    ) throws(LocalCallError) -> Reply {
        let end = BootClock.nanoseconds() + BootClock.nanoseconds(of: patience)
        let connection = try LocalConnection(socket)
        try connection.send(Self.head(method, path, headers: headers, body: body) + (body ?? []))
        var reader = HTTPReplyReader()
        var collected: [UInt8] = []
        while !reader.isComplete {
            guard let bytes = try connection.receive(until: end) else {
                throw LocalCallError("The daemon did not answer \(path) in time.")
            }
            if bytes.isEmpty { try reader.ended() }
            collected += try reader.received(bytes)
            guard collected.count <= Self.longestReply else {
                throw LocalCallError("The daemon's answer to \(path) is too long.")
            }
        }
        return Reply(status: reader.status ?? 0, body: collected)
    }

    static func head(
        _ method: String,
        _ path: String,
        headers: [String],
        body: [UInt8]?,
    ) -> [UInt8] {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: kiosk", "Connection: close"] + headers
        if let body {
            lines.append("Content-Length: \(body.count)")
            if !body.isEmpty { lines.append("Content-Type: application/json") }
        }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }
}
