/// An address that only this machine can reach. Nothing else can be listened on: no other value exists.
package struct LoopbackAddress: Hashable, Sendable, CustomStringConvertible {
    /// `127.0.0.1` or `::1`.
    package let host: String
    /// 0 lets the system choose.
    package let port: Int

    /// Reads `127.0.0.1:8090`, `localhost:8090` or `[::1]:8090`; `nil` for anything else.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard (1...5).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(digits), port <= 65_535
        else { return nil }
        switch text[..<colon] {
        case "127.0.0.1", "localhost": host = "127.0.0.1"
        case "[::1]": host = "::1"
        default: return nil
        }
        self.port = port
    }

    package var description: String {
        host == "::1" ? "[::1]:\(port)" : "\(host):\(port)"
    }
}
