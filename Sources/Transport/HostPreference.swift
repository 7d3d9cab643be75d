/// Which host the next request uses: 0 is the primary, 1 the standby.
///
/// The standby is preferred after the primary failed. After a set time the primary is due for a trial, and it is preferred
/// again only when that works, so that no payment waits for a host that is still dead. If the standby fails too, the primary
/// is next, so that there always is a host.
///
/// What a trial is depends on how the primary failed. After a 5xx, or where no connection could be made, it is an opening.
/// A front can answer openings for a platform that answers nothing: after a request without an answer it is a request.
struct HostPreference {
    private let hasStandby: Bool
    private let standbyTime: Duration
    /// When the primary is due for a trial; `nil` while the primary is preferred.
    private var primaryDueAt: Int64?
    /// When it became certain that the primary left a request unanswered; `nil` when an opening is trial enough.
    private var unansweredAt: Int64?
    /// When each host last answered a request.
    private var answeredAt: [Int64?] = [nil, nil]

    init(hasStandby: Bool, standbyTime: Duration) {
        self.hasStandby = hasStandby
        // Without a pause, trials would follow one another at once.
        self.standbyTime = max(standbyTime, .milliseconds(100))
    }

    var preferred: Int { primaryDueAt == nil ? 0 : 1 }

    /// The hosts in the order in which a request tries them.
    var order: [Int] { hasStandby ? [preferred, 1 - preferred] : [0] }

    /// When an opening shall try the primary.
    var openingDueAt: Int64? { unansweredAt == nil ? primaryDueAt : nil }

    /// Whether the request that is about to start shall try the primary. Once asked it is the next one's turn only after
    /// the set time, as this one may stay without an answer.
    mutating func takeRequestTrial(at now: Int64) -> Bool {
        guard unansweredAt != nil, let due = primaryDueAt, due <= now else { return false }
        primaryDueAt = now.advanced(by: standbyTime)
        return true
    }

    /// No connection could be made, or the answer was a 5xx.
    mutating func hostFailed(_ host: Int, at now: Int64) {
        guard hasStandby else { return }
        primaryDueAt = host == 0 ? now.advanced(by: standbyTime) : nil
        if host == 1 { unansweredAt = nil }
    }

    /// The host took a request that began at `start` and did not answer it. One that has answered another since then works.
    mutating func leftUnanswered(_ host: Int, since start: Int64, at now: Int64) {
        if hasAnswered(host, since: start) { return }
        hostFailed(host, at: now)
        if hasStandby && host == 0 { unansweredAt = now }
    }

    /// Whether it answered any request since then.
    func hasAnswered(_ host: Int, since start: Int64) -> Bool {
        answeredAt[host].map { $0 >= start } ?? false
    }

    /// The host answered a request that began at `start`, with anything but a 5xx.
    mutating func answered(_ host: Int, since start: Int64, at now: Int64) {
        answeredAt[host] = now
        // An answer to what was asked before proves less than the silence since.
        if host == 0, let unansweredAt, start >= unansweredAt { primaryWorked() }
    }

    /// An opening on the primary worked.
    mutating func primaryOpened() {
        if unansweredAt == nil { primaryWorked() }
    }

    private mutating func primaryWorked() {
        primaryDueAt = nil
        unansweredAt = nil
    }
}
