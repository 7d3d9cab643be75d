/// Why a request has no complete reply. The raw values are stable words for logs and metrics.
///
/// A failure alone never says that nothing left: that is ``TransferReport/writingBegan`` (rule B5).
package enum TransportFailure: String, Sendable, CaseIterable {
    case resolve
    case connect
    case proxy
    case tls
    case timedOut = "timed-out"
    case cut
    case garbled
    case oversized
    case aborted
    case repeated
    case malformedRequest = "malformed-request"
    case overloaded
    case stopped
    case internalFault = "internal-fault"

    /// One sentence for people.
    package var sentence: String {
        switch self {
        case .resolve:
            "The payment platform's name could not be resolved; check network and DNS."
        case .connect:
            "The payment platform could not be reached; check the network."
        case .proxy:
            "No connection to the payment platform through the proxy, which cannot be reached, does "
                + "not answer or refuses; check network.proxy and the network."
        case .tls:
            "No trusted TLS connection to the payment platform; check its certificate, the CA file, "
                + "the client certificate and the clock."
        case .timedOut:
            "The payment platform did not answer in time; the outcome is asked for again."
        case .cut:
            "The connection was cut before the reply was complete; the outcome is asked for again."
        case .garbled:
            "The answer was not HTTP; check for a proxy or a sign-in page in the network."
        case .oversized:
            "The reply was larger than allowed and was dropped; the outcome is asked for again."
        case .aborted:
            "The request was abandoned before its reply was complete."
        case .repeated:
            "The kept-alive connection was dead; the payment was not sent a second time and its "
                + "outcome is asked for."
        case .malformedRequest:
            "The request was not sent because its path cannot stand in a request line."
        case .overloaded:
            "The request was not sent because too many are under way; it is tried again later."
        case .stopped:
            "The request ended because the program is stopping."
        case .internalFault:
            "The request failed inside the HTTPS library; see the log and report it."
        }
    }
}
