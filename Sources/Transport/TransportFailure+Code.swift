import CCurl

extension TransportFailure {
    /// The failure that libcurl's result means, given how far the transfer came.
    init(_ code: CURLcode, of transfer: Transfer) {
        if transfer.wasRepeated {
            self = .repeated
        } else if transfer.reply.isOversized {
            self = .oversized
        } else {
            self = Self.plain(code, writingBegan: transfer.writes.began)
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
        case .resolve, .connect, .tls, .timedOut: true
        case .cut, .garbled, .oversized, .aborted, .repeated, .malformedRequest, .overloaded,
            .stopped, .internalFault:
            false
        }
    }
}
