/// Decides when a connection is opened ahead and what that says about the network (rule B10).
///
/// An opening is due whenever no live connection to the preferred host exists. Openings that
/// succeed and yet leave no connection (a host that always closes) are paced by tokens; a round in
/// which every host failed makes the network unreachable and is retried with back-off.
struct OpeningPlan {
    /// A change to be told to the owner.
    struct Change: Equatable {
        let isReachable: Bool
        let reason: String
    }

    private let hosts: Int
    private let pace: HTTPSConfiguration.OpeningPace
    private let firstBackOff: Duration
    private var isReachable: Bool?
    /// Why no host could be reached, as last told.
    private var told: TransportFailure?
    private var failuresInRound = 0
    private var backOff: Duration
    private var notBefore: Int64
    private var tokens: Int
    private var refilledAt: Int64

    init(hosts: Int, pace: HTTPSConfiguration.OpeningPace, now: Int64) {
        self.hosts = hosts
        self.pace = pace
        // Without a pause, failures would follow one another at once.
        firstBackOff = max(pace.firstBackOff, .milliseconds(10))
        backOff = firstBackOff
        notBefore = now
        tokens = max(1, pace.burst)
        refilledAt = now
    }

    /// The earliest time of the next opening, past or to come.
    var earliest: Int64 {
        tokens > 0 ? notBefore : max(notBefore, refilledAt.advanced(by: pace.refill))
    }

    /// Whether an opening is due as soon as the pace allows. Where nothing was reachable one is, whatever connection is
    /// idle: only a reply says that it is over.
    func needsOpening(hasIdle: Bool) -> Bool { !hasIdle || isReachable == false }

    /// It got no answer, and a request that came after it has: nothing of this says that no host can be reached.
    mutating func openingOvertaken() { tokens += 1 }

    mutating func openingStarted(at now: Int64) {
        refill(at: now)
        tokens = max(0, tokens - 1)
    }

    /// Someone needs the connection now: neither pace nor back-off holds it up.
    mutating func openingAsked(at now: Int64) {
        notBefore = min(notBefore, now)
        tokens = max(tokens, 1)
    }

    /// Any HTTP reply over verified TLS, whatever its status.
    mutating func replyReceived(from host: String, at now: Int64) -> Change? {
        failuresInRound = 0
        backOff = firstBackOff
        notBefore = min(notBefore, now)
        guard isReachable != true else { return nil }
        isReachable = true
        told = nil
        return Change(isReachable: true, reason: "\(host) answers.")
    }

    /// Told at the end of a round, and again only when its cause is another one: whoever repairs what was told must not go
    /// on reading it.
    mutating func openingFailed(
        _ reason: String,
        _ cause: TransportFailure,
        at now: Int64,
    ) -> Change? {
        // A failed opening left no connection to be paced; back-off bounds those.
        tokens += 1
        failuresInRound += 1
        guard failuresInRound >= hosts else { return nil }
        failuresInRound = 0
        notBefore = now.advanced(by: backOff)
        backOff = max(firstBackOff, min(backOff * 2, pace.longestBackOff))
        guard isReachable != false || told != cause else { return nil }
        isReachable = false
        told = cause
        return Change(isReachable: false, reason: reason)
    }

    private mutating func refill(at now: Int64) {
        while tokens < max(1, pace.burst) {
            let next = refilledAt.advanced(by: pace.refill)
            guard next <= now else { return }
            tokens += 1
            refilledAt = next
        }
        refilledAt = now
    }
}
