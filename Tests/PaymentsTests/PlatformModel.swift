import Payments
import TestKit

/// A small payment platform: what it really charged, and what it says when asked. The ledger that walks are judged by.
struct PlatformModel {
    enum State {
        case notPay, userPaying, success, refund, revoked, closed, payError
    }

    enum Refund {
        case processing, success, change
    }

    struct Order {
        var state: State
        /// Money moved at some time.
        var wasCharged = false
        /// Its revoke is finally refused, as after seven days (rule C5).
        var refusesRevoke = false
        /// Its one refund.
        var refund: Refund?
        /// And is still with the merchant.
        var isCharged: Bool { state == .success || refund == .processing || refund == .change }
    }

    private(set) var orders: [OrderNumber: Order] = [:]

    func isCharged(_ order: OrderNumber) -> Bool { orders[order]?.isCharged == true }
    func wasCharged(_ order: OrderNumber) -> Bool { orders[order]?.wasCharged == true }

    /// The submit reaches the platform; a repeated one changes nothing.
    mutating func submit(_ order: OrderNumber, using random: inout SplitMix64) -> SubmitVerdict {
        if orders[order] == nil {
            let roll = Int.random(in: 0..<8, using: &random)
            switch roll {
            case 0...2: orders[order] = Order(state: .success, wasCharged: true)
            case 3, 4: orders[order] = Order(state: .userPaying)
            case 5: orders[order] = Order(state: .notPay)
            case 6: orders[order] = Order(state: .payError)
            default: return .refused(notEnough)
            }
        }
        switch orders[order]?.state {
        case .success:
            // The vendor's edge case: says no, and has debited (rule B4).
            let isEdge = Int.random(in: 0..<6, using: &random) == 0
            return isEdge ? .refused(notEnough) : .paid(proof)
        case .userPaying: return .passwordNeeded
        default: return .refused(notEnough)
        }
    }

    /// A payer at the password page pays, gives up or waits.
    mutating func payerActs(using random: inout SplitMix64) {
        for order in orders.keys.sorted() where orders[order]?.state == .userPaying {
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1: orders[order] = Order(state: .success, wasCharged: true)
            case 2: orders[order]?.state = .payError
            default: break
            }
        }
    }

    func query(_ order: OrderNumber) -> QueryVerdict {
        guard let found = orders[order] else { return .orderNotExist }
        let transaction = found.wasCharged ? proof.transactionID : nil
        switch found.state {
        case .notPay: return .notPaid(.notPay, transactionID: nil)
        case .userPaying: return .notPaid(.userPaying, transactionID: nil)
        case .success: return .paid(proof)
        case .refund: return .notPaid(.refund, transactionID: transaction)
        case .revoked: return .notPaid(.revoked, transactionID: transaction)
        case .closed: return .notPaid(.closed, transactionID: transaction)
        case .payError: return .notPaid(.payError, transactionID: nil)
        }
    }

    /// Says SUCCESS of unknown orders too, on purpose.
    mutating func reverse(
        _ order: OrderNumber,
        using random: inout SplitMix64,
    ) -> ReverseVerdict {
        let coin = Bool.random(using: &random)
        if orders[order]?.refusesRevoke == true { return .refused(code: "REVERSE_EXPIRE") }
        switch orders[order]?.state {
        case .userPaying where coin: return .again(code: "USERPAYING")
        case .success: orders[order]?.state = coin ? .refund : .revoked
        case .userPaying, .notPay: orders[order]?.state = coin ? .closed : .revoked
        case .payError, .refund, .revoked, .closed, nil: break
        }
        return .accepted(recall: false)
    }

    /// From now on the order cannot be revoked any more.
    mutating func growsOld(_ order: OrderNumber) { orders[order]?.refusesRevoke = true }

    /// One number refunds once, however often it is asked for.
    mutating func refund(
        _ order: OrderNumber,
        using random: inout SplitMix64,
    ) -> RefundVerdict {
        guard let found = orders[order], found.wasCharged else { return .refused(code: "ERROR") }
        if found.refund != nil { return .accepted }
        guard found.state == .success else { return .refused(code: "ERROR") }
        if Int.random(in: 0..<4, using: &random) == 0 { return .again(code: "NOTENOUGH") }
        orders[order]?.refund = .processing
        orders[order]?.state = .refund
        return .accepted
    }

    /// Banks take their time; a dead card never takes it back.
    mutating func bankActs(using random: inout SplitMix64) {
        for order in orders.keys.sorted() where orders[order]?.refund == .processing {
            switch Int.random(in: 0..<8, using: &random) {
            case 0...4: orders[order]?.refund = .success
            case 5: orders[order]?.refund = .change
            default: break
            }
        }
    }

    func refundQuery(_ order: OrderNumber) -> RefundQueryVerdict {
        switch orders[order]?.refund {
        case .processing: .processing
        case .success: .refunded
        case .change: .stuck(state: "CHANGE")
        case nil: .refundNotExist
        }
    }
}
