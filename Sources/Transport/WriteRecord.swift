/// What is known of the bytes of one request that left (rules B5 and C2).
struct WriteRecord {
    /// The pre-request callback was called: bytes may have left from then on.
    private(set) var began = false
    private(set) var firstWrite: Int64?
    private var lastWrite: Int64?
    private var bodyBytes = 0
    private var closing: Closing?

    private struct Closing {
        let time: Int64
        let everythingWasAcknowledged: Bool
    }

    /// A transmission starts: the first, or a repetition of a repeatable request.
    mutating func transmissionBegan() {
        began = true
        bodyBytes = 0
        closing = nil
    }

    /// Bytes were handed to the socket before `time`.
    mutating func bytesWritten(ofBody count: Int, at time: Int64) {
        firstWrite = firstWrite ?? time
        lastWrite = time
        bodyBytes += count
    }

    mutating func connectionClosed(everythingWasAcknowledged: Bool, at time: Int64) {
        closing = Closing(time: time, everythingWasAcknowledged: everythingWasAcknowledged)
    }

    /// The last moment at which a byte can have left. While the peer has not acknowledged all of it,
    /// or libcurl had not handed over all of it, the kernel may have sent until the connection was
    /// closed.
    func lastPossibleWrite(ofBody count: Int, replyIsComplete: Bool, now: Int64) -> Int64? {
        guard began else { return nil }
        if replyIsComplete, let lastWrite { return lastWrite }
        guard let closing else { return now }
        guard closing.everythingWasAcknowledged, count > 0, bodyBytes >= count, let lastWrite else {
            return closing.time
        }
        return lastWrite
    }
}
