import CCurl
import Threads

/// One request on one host: the libcurl handle and what its callbacks found out. Lives on the
/// transport thread alone.
@safe final class Transfer {
    enum Purpose {
        /// A request someone sent.
        case request(TransferOrder)
        /// `HEAD /`, so that a connection is open when a request comes (rule B10).
        case opening
        /// The same on a primary host that failed a while ago.
        case trial
    }

    private(set) var purpose: Purpose
    /// Index of the host: 0 is the primary.
    let host: Int
    /// Hosts to try when this one cannot be reached.
    let otherHosts: [Int]
    /// Boot time at which it started.
    private(set) var started: Int64
    /// Boot time at which it is given up.
    private(set) var deadline: Int64
    /// Boot time at which the request is given up, whatever host has it.
    private(set) var requestDeadline: Int64
    let easy: EasyHandle
    let sockets: SocketTable
    let checksValidityDates: Bool
    var reply: ReplyCollector
    private(set) var writes: WriteRecord
    /// Whether writing began on this host.
    private(set) var hasWritten = false
    /// When writing began, while the sender has not been told.
    private var untoldBeginning: Int64?
    /// libcurl was about to send a submit a second time and was stopped.
    private(set) var wasRepeated = false
    /// libcurl writes its message here; freed with the transfer.
    let message: UnsafeMutablePointer<CChar>
    /// Extra header lines; freed with the transfer.
    var headers: UnsafeMutablePointer<curl_slist>?

    /// What one attempt needs besides its purpose.
    struct Attempt {
        let hosts: [Int]
        let started: Int64
        /// Of the whole request.
        let deadline: Int64
        /// After which the next host is tried, if there is one.
        var patience: Duration?
        let checksValidityDates: Bool
        let maximumBodyBytes: Int
        /// Of the attempts on other hosts before this one.
        var writes = WriteRecord()

        /// When it ends on its first host.
        var end: Int64 {
            guard let patience, hosts.count > 1 else { return deadline }
            return min(deadline, started.advanced(by: patience))
        }
    }

    /// `nil` only without memory or hosts.
    init?(_ purpose: Purpose, attempt: Attempt, sockets: SocketTable) {
        guard let host = attempt.hosts.first, let easy = EasyHandle() else { return nil }
        self.purpose = purpose
        self.host = host
        otherHosts = Array(attempt.hosts.dropFirst())
        started = attempt.started
        deadline = attempt.end
        requestDeadline = attempt.deadline
        self.easy = easy
        self.sockets = sockets
        checksValidityDates = attempt.checksValidityDates
        reply = ReplyCollector(maximumBodyBytes: attempt.maximumBodyBytes)
        writes = attempt.writes
        unsafe message = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        // The easy handle goes first, as it points at the other two.
        easy.free()
        unsafe curl_slist_free_all(headers)
        unsafe message.deallocate()
    }

    /// What was prepared for a request becomes this order's attempt, if nothing is new but whom to tell and the
    /// times.
    func adopt(_ order: TransferOrder, _ attempt: Attempt) -> Bool {
        guard self.order?.request == order.request, [host] + otherHosts == attempt.hosts,
            checksValidityDates == attempt.checksValidityDates, !attempt.writes.began
        else { return false }
        purpose = .request(order)
        started = attempt.started
        deadline = attempt.end
        requestDeadline = attempt.deadline
        return true
    }

    var order: TransferOrder? {
        if case .request(let order) = purpose { order } else { nil }
    }

    var isSubmit: Bool { order?.request.kind == .submit }

    var showsCertificate: Bool { order?.request.usesClientCertificate ?? false }

    /// Whether the reply's head came whole and is not an interim one such as `100 Continue`.
    var hasFinalReply: Bool { reply.headIsComplete && easy.responseCode >= 200 }

    /// libcurl's own words, empty without any.
    var detail: String { unsafe String(cString: message) }

    /// Whether it opens a connection that must not be used once validity dates count (rule F1).
    var isUncheckedOpening: Bool { isOpening && !checksValidityDates }

    /// Whether it leads, if it ends well, to an idle connection of the kind submits use.
    func warms(_ host: Int) -> Bool { self.host == host && !showsCertificate }

    var isOpening: Bool { order == nil }
}

// What libcurl's callbacks tell.
extension Transfer {
    /// Before the first byte of a request; `false` stops it. This alone says that writing began
    /// (rule B5). A submit is never begun twice: libcurl would repeat it by itself when a kept-
    /// alive connection turns out dead.
    func writingBegins(on endpoints: SocketEndpoints) -> Bool {
        let isFirst = !writes.began
        guard isFirst || !isSubmit else {
            wasRepeated = true
            return false
        }
        writes.transmissionBegan()
        hasWritten = true
        guard sockets.begin(self, on: endpoints) || !isSubmit else { return false }
        if isFirst { untoldBeginning = BootClock.now }
        return true
    }

    /// Tells the sender, once, that writing began. Not from the callback above: what the sender does with it would keep the
    /// bytes waiting.
    func tellBeginning() {
        guard let time = untoldBeginning else { return }
        untoldBeginning = nil
        order?.onWritingBegan(time)
    }

    /// A new connection; -1 when a submit that has begun must not get a second one.
    func socketOpens(family: Int32, type: Int32, transportProtocol: Int32) -> Int32 {
        guard !(isSubmit && writes.began) else {
            wasRepeated = true
            return -1
        }
        return sockets.open(family: family, type: type, transportProtocol: transportProtocol)
    }

    /// Request bytes were handed to the socket. Before the request begins these are a proxy's.
    func bytesWritten(ofBody count: Int) {
        guard writes.began else { return }
        writes.bytesWritten(ofBody: count, at: BootClock.now)
    }

    func connectionClosed(everythingWasAcknowledged: Bool) {
        writes.connectionClosed(
            everythingWasAcknowledged: everythingWasAcknowledged,
            at: BootClock.now
        )
    }
}
