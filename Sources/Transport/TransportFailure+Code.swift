import CCurl

extension TransportFailure {
    /// The failure that libcurl's result means, given how far the transfer came.
    init(_ code: CURLcode, of transfer: Transfer, throughProxy: Bool) {
        if transfer.wasRepeated {
            self = .repeated
        } else if transfer.reply.isOversized {
            self = .oversized
        } else if throughProxy, !transfer.writes.began, !transfer.easy.hasTunnel,
            Self.endsOnTheWay(code)
        {
            self = .proxy
        } else {
            self = Self.plain(code, writingBegan: transfer.writes.began)
        }
    }

    /// Whether, before a tunnel stands, the proxy is what did not do its part.
    private static func endsOnTheWay(_ code: CURLcode) -> Bool {
        switch code {
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT, CURLE_PROXY,
            CURLE_OPERATION_TIMEDOUT, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR:
            true
        default: false
        }
    }

    private static func plain(_ code: CURLcode, writingBegan: Bool) -> Self {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            .resolve
        case CURLE_COULDNT_CONNECT, CURLE_PROXY:
            .connect
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR:
            .tls
        case CURLE_OPERATION_TIMEDOUT:
            .timedOut
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE,
            // A reply that libcurl takes for whole although its head is not.
            CURLE_OK:
            writingBegan ? .cut : .connect
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING:
            .garbled
        default:
            .internalFault
        }
    }

    /// Whether another host may work where this one did not.
    var concernsReachingTheHost: Bool {
        switch self {
        case .resolve, .connect, .proxy, .tls, .timedOut: true
        case .cut, .garbled, .oversized, .aborted, .repeated, .malformedRequest, .overloaded,
            .stopped, .internalFault:
            false
        }
    }
}
