import Glibc

/// URLs that name a host and nothing else: no path, query, fragment, user or password.
enum HostURL {
    static let rule = """
        must be https://host or https://host:port and nothing more; plain http is refused, because money goes by TLS only
        """

    /// The URL without a trailing slash and in lower case, as hosts are the same in either; `nil` unless it is
    /// `https://host[:port]`.
    static func https(_ text: String) -> String? { accept(text, schemes: ["https"]) }

    static func proxy(_ text: String) -> String? {
        accept(text, schemes: ["http", "https", "socks5", "socks5h"])
    }

    /// Whether the text is an IPv4 or IPv6 address.
    static func isAddress(_ text: String) -> Bool {
        isAddress(text, family: AF_INET) || isAddress(text, family: AF_INET6)
    }

    static func isAddress(_ text: String, family: Int32) -> Bool {
        var address = in6_addr()
        // An in6_addr has room for either family; both live for the call.
        return unsafe inet_pton(family, text, &address) == 1
    }

    /// `host:port`, with IPv6 addresses in brackets; the port is `nil` if none is written. `nil` if it is neither.
    static func hostAndPort(_ text: Substring) -> (host: String, port: UInt16?)? {
        let host: Substring
        let rest: Substring
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            rest = text[text.index(after: end)...]
            guard isAddress(String(host), family: AF_INET6) else { return nil }
        } else {
            let end = text.firstIndex(of: ":") ?? text.endIndex
            host = text[..<end]
            rest = text[end...]
            guard isName(host) else { return nil }
        }
        if rest.isEmpty { return (String(host), nil) }
        let digits = rest.dropFirst()
        guard rest.hasPrefix(":"), (1...5).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits)
        else { return nil }
        return (String(host), port)
    }

    private static func accept(_ text: String, schemes: [String]) -> String? {
        let trimmed = text.hasSuffix("/") ? text.dropLast() : text[...]
        guard let scheme = schemes.first(where: { trimmed.hasPrefix($0 + "://") }),
            let (_, port) = hostAndPort(trimmed.dropFirst(scheme.count + 3)), port != 0
        else { return nil }
        return trimmed.lowercased()
    }

    /// Letters, digits, hyphens and dots, no empty label: a host name or an IPv4 address.
    private static func isName(_ host: Substring) -> Bool {
        guard (1...253).contains(host.utf8.count) else { return false }
        return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { byte in
                    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                        || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "-")
                }
        }
    }
}
