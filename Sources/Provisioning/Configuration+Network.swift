extension Configuration {
    /// Who talks to the platform. Only the kiosk itself so far.
    struct Access {
        enum Mode: String, CaseIterable {
            case direct
            case backend
        }

        let mode: Mode

        init(_ section: Section) {
            mode = section.choice("mode", default: .direct)
            section.require(
                mode == .direct,
                "mode",
                "\"backend\" is not supported by this version; use \"direct\"",
            )
        }
    }

    /// The merchant's own server. Checked for form so that it can be prepared, and not used by `direct`.
    enum Backend {
        static func check(_ section: Section) {
            _ = section.parsed(
                "baseURL",
                bytes: 9...300,
                placeholder: "",
                HostURL.rule,
                HostURL.https,
            )
            _ = section.file("certificateFile")
            _ = section.file("privateKeyFile")
            _ = section.optionalFile("caFile")
        }
    }

    package struct Network: Hashable, Sendable {
        /// `http://host:port` and the like; payments stay inside TLS on their way through it. `nil` for none.
        package let proxy: String?

        init(_ section: Section) {
            proxy = section.optionalParsed(
                "proxy",
                bytes: 8...300,
                """
                must be like http://host:port (or https, socks5, socks5h), without user and password, or null
                """,
                HostURL.proxy,
            )
        }
    }
}
