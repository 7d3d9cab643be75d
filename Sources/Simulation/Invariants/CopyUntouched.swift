import Payments

/// Rules A5 and A6: under a journal that may be a copy, or that stands in for a damaged one, nothing is sold, released,
/// revoked or refunded and no row is changed until a person has vouched for it. One that turns out to be damaged in use sells
/// nothing new.
struct CopyUntouched: Invariant {
    private var isHeld = false
    private var isDamaged = false

    mutating func saw(_ fact: Fact, _ books: Books) -> String? {
        switch fact {
        case .starts(_, _, let custody):
            isHeld = custody == .copy || custody == .damaged
            isDamaged = custody == .damaged
        case .hears(.journalAdopted): isHeld = false
        case .hears(.journalDamaged): isDamaged = true
        case .isGone:
            isHeld = false
            isDamaged = false
        case .acts(.prepareSubmit(let order, _, _, _)) where isHeld || isDamaged:
            return "\(order) begins under a journal that is not to be trusted"
        case .acts(let action) where isHeld: return held(action)
        default: break
        }
        return nil
    }

    private func held(_ action: TillAction) -> String? {
        switch action {
        case .submit(let order, _, _, _), .reverse(let order), .refund(let order, _):
            return "\(order) is submitted, revoked or refunded before anybody adopted the journal"
        case .record(let record):
            let isChanged = record.rows.contains { if case .event = $0 { false } else { true } }
            return isChanged ? "a row is changed before anybody adopted the journal" : nil
        case .announce(let event) where event.kind == .releaseOffered:
            return "goods are offered before anybody adopted the journal"
        default: return nil
        }
    }
}
