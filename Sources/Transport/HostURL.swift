import CCurl

/// A host as configured: `https://host` or `https://host:port`, and nothing more.
struct HostURL: Sendable, Equatable {
    /// Without a trailing slash.
    let text: String

    /// Throws one sentence that names `key` when the text is no such URL.
    init(_ text: String, key: String) throws(TransportSetupError) {
        let fault = TransportSetupError(
            "The \(key) host \"\(text)\" is not of the form https://host or https://host:port; "
                + "correct it in the configuration."
        )
        guard let parts = URLParts(text), parts.scheme == "https", parts.isOnlyHost else {
            throw fault
        }
        self.text = text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    /// Throws one sentence when the text cannot name a proxy. A password in it is not repeated.
    static func checkProxy(_ text: String) throws(TransportSetupError) {
        guard let parts = URLParts(text),
            ["http", "https", "socks5h", "socks5"].contains(parts.scheme)
        else {
            throw TransportSetupError(
                "The proxy is not of the form http://host:port (or https, socks5, socks5h); "
                    + "correct it in the configuration."
            )
        }
    }
}

/// The parts of a URL as libcurl itself reads them, so that no second parser can disagree.
private struct URLParts {
    let scheme: String
    let isOnlyHost: Bool

    init?(_ text: String) {
        guard text.utf8.count <= 512, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            let handle = unsafe curl_url()
        else { return nil }
        // The handle is ours until here; libcurl copies the text.
        defer { unsafe curl_url_cleanup(handle) }
        // Proxies have schemes that are none of a transfer's.
        let flags = UInt32(CURLU_NON_SUPPORT_SCHEME)
        guard unsafe curl_url_set(handle, CURLUPART_URL, text, flags) == CURLUE_OK,
            let scheme = unsafe Self.part(CURLUPART_SCHEME, of: handle),
            unsafe Self.part(CURLUPART_HOST, of: handle)?.isEmpty == false
        else { return nil }
        self.scheme = scheme
        let path = unsafe Self.part(CURLUPART_PATH, of: handle) ?? ""
        let others = [CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT]
        isOnlyHost =
            path.isEmpty || path == "/"
            ? others.allSatisfy { unsafe Self.part($0, of: handle) == nil } : false
    }

    private static func part(_ part: CURLUPart, of handle: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        // On success libcurl hands over a terminated string that is ours to free.
        guard unsafe curl_url_get(handle, part, &text, 0) == CURLUE_OK, let text = unsafe text
        else {
            return nil
        }
        defer { unsafe curl_free(text) }
        return unsafe String(cString: text)
    }
}
