package import Payments

/// Whose the journal is, for people (rules A5, A6).
package struct JournalStatus: Hashable, Sendable {
    package let custody: JournalCustody
    /// What happened, whether money is concerned, what to do; `nil` for a journal that is the kiosk's own.
    package let detail: String?

    package init(_ custody: JournalCustody, detail: String? = nil) {
        self.custody = custody
        self.detail = detail
    }

    /// The stable word in status.
    package var word: String {
        switch custody {
        case .own: "own"
        case .foreign: "foreign"
        case .damaged: "damaged"
        }
    }
}
