/// Which host the next request uses: 0 is the primary, 1 the standby.
///
/// The standby is preferred after the primary failed (no connection, or 5xx). After a set time the
/// primary is due for a trial opening; it is preferred again only when that works, so that no
/// payment waits for a host that is still dead. If the standby fails too, the primary is next.
struct HostPreference {
    private let hasStandby: Bool
    private let standbyTime: Duration
    /// When the primary is due for a trial; `nil` while the primary is preferred.
    private(set) var primaryDueAt: Int64?

    init(hasStandby: Bool, standbyTime: Duration) {
        self.hasStandby = hasStandby
        self.standbyTime = standbyTime
    }

    var preferred: Int { primaryDueAt == nil ? 0 : 1 }

    /// The hosts in the order in which a request tries them.
    var order: [Int] { hasStandby ? [preferred, 1 - preferred] : [0] }

    mutating func hostFailed(_ host: Int, at now: Int64) {
        guard hasStandby else { return }
        primaryDueAt = host == 0 ? now.advanced(by: standbyTime) : nil
    }

    mutating func primaryWorked() { primaryDueAt = nil }

    func primaryIsDue(at now: Int64) -> Bool { primaryDueAt.map { $0 <= now } ?? false }
}
