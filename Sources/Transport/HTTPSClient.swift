/// HTTPS requests to the payment platform, through libcurl on one thread of its own.
///
/// Callbacks come on that thread and must return soon, as everything else waits meanwhile; they may
/// call any method of this type. Exactly one completion comes for each request.
///
/// What it keeps:
/// - Rule B5: ``TransferReport/writingBegan`` comes from libcurl's pre-request callback alone, and
///   a submit is never transmitted twice.
/// - Rule C2: a submit's connection is abortive until its reply is complete, so that no byte of it
///   leaves later, whichever way it ends.
/// - Rule B10: one idle connection to the host that the next submit will use is kept open and
///   watched. libcurl cannot open an ordinary connection without a request, so that opening one is
///   a single `HEAD /`, sent only when there is none. A connection that ends is opened again at
///   once; when no host can be reached, again after 1 s, doubling to 10 s.
/// - Rule F1: while told so, chain and name of certificates are checked, but not validity dates.
///
/// With a standby, a host has failed when it cannot be connected to, answers 5xx, or takes a request and does not answer it: it
/// is silent until its time is over, or ends the connection. A kept connection that turns out dead for a submit does not say
/// it, and requests that show the client certificate say it of no host. After a failure of the primary the standby is
/// preferred, until it fails itself or, after 60 s at the earliest, a trial of the primary works: an opening or, where it left
/// a request unanswered, a request that may be sent twice.
///
/// A request itself moves to the other host, once, within its own time:
/// - any request, when no connection to its first host can be made and nothing was written yet;
/// - a submit never after its writing began (rule B5): its outcome is asked for, on the other host;
/// - one that may be sent twice (``HTTPSRequest/Kind/repeatable``) also when its first host ends the connection without a whole
///   answer, or has not answered after a third of the request's time, 10 s at most. One that shows the client certificate does
///   not move in the former case, which may be a refusal of the certificate.
package final class HTTPSClient: Sendable {
    private let inbox: TransferInbox
    private let thread: TransportThread

    /// Starts the thread, which opens the first connection at once.
    ///
    /// - Parameters:
    ///   - onNetworkChange: whether a host can be reached, and why (one line for people). First
    ///     called for the first opening, then on each change, also of the cause alone.
    ///   - onDate: the `Date` of each reply over verified TLS, in seconds since 1970 (rule F1).
    /// - Throws: ``TransportSetupError``, one sentence naming the value or file that cannot be
    ///   used.
    package init(
        _ configuration: HTTPSConfiguration,
        onNetworkChange: @escaping @Sendable (_ isReachable: Bool, _ reason: String) -> Void,
        onDate: @escaping @Sendable (_ seconds: Int64) -> Void
    ) throws {
        let inbox = try TransferInbox()
        let loop = try TransportLoop(
            setup: TransferSetup(configuration),
            inbox: inbox,
            observer: NetworkObserver(onNetworkChange: onNetworkChange, onDate: onDate)
        )
        self.inbox = inbox
        thread = try TransportThread(running: loop)
    }

    deinit { inbox.stop() }

    /// Sends a request. Callable from any thread; never blocks.
    ///
    /// - Parameters:
    ///   - onWritingBegan: called with the boot clock of just before the first byte could leave, at most
    ///     once; if it was not called, none left (rule B5).
    ///   - completion: called exactly once; on the caller's own thread only if the request is
    ///     refused because 64 are under way (60 for what is no submit) or the client was shut down.
    @discardableResult
    package func send(
        _ request: HTTPSRequest,
        onWritingBegan: @escaping @Sendable (_ bootNanoseconds: Int64) -> Void = { _ in },
        completion: @escaping @Sendable (TransferReport) -> Void
    ) -> TransferID {
        let order = TransferOrder(
            id: inbox.newID(),
            request: request,
            onWritingBegan: onWritingBegan,
            completion: completion
        )
        switch inbox.send(order) {
        case .accepted: break
        case .refused(let failure):
            completion(TransferReport(writingBegan: false, result: .failed(failure)))
        }
        return order.id
    }

    /// Ends a request that is under way, resetting its connection (rule C2); its completion reports
    /// ``TransportFailure/aborted``. Does nothing when it has ended.
    package func abandon(_ id: TransferID) { inbox.abandon(id) }

    /// Makes sure that a live connection to the host of the next submit exists, whatever pace or
    /// back-off would say; sends nothing when there is one.
    package func openAhead() { inbox.openAhead() }

    /// Makes ready what a request will need that may follow soon, and the connection like ``openAhead()``; sends nothing of
    /// it. Whether or not it was prepared, ``send(_:onWritingBegan:completion:)`` does the same. One request is kept,
    /// the newest, in memory alone.
    ///
    /// - Parameter make: builds the request, on the transport's thread.
    package func prepare(_ make: @escaping @Sendable () -> HTTPSRequest) {
        inbox.prepare(make)
    }

    /// Forgets what was prepared.
    package func forgetPrepared() { inbox.prepare(nil) }

    /// Whether validity dates of certificates are checked (rule F1). Counts for new connections;
    /// idle ones that were made without the check are dropped when it is switched on.
    package func setValidityDatesChecked(_ on: Bool) { inbox.checkValidityDates(on) }

    /// Ends the thread; open requests complete as ``TransportFailure/stopped``. Returns when the
    /// thread has ended, within 2 s in any case; at once when called from a callback.
    package func shutdown() {
        inbox.stop()
        _ = thread.waitForEnd(atMost: .seconds(2))
    }
}
