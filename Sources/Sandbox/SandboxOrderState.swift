/// The platform's view of an order; the words are `trade_state`'s (wire facts, 1.9).
package enum SandboxOrderState: String, Hashable, Sendable, CaseIterable {
    /// The number is known to the ledger, but a query answers ORDERNOTEXIST.
    case absent = "ABSENT"
    case notPaid = "NOTPAY"
    case userPaying = "USERPAYING"
    case success = "SUCCESS"
    case refund = "REFUND"
    case revoked = "REVOKED"
    case closed = "CLOSED"
    case payError = "PAYERROR"

    /// Whether the platform revokes it by itself when its time is over.
    var isOpen: Bool { self == .notPaid || self == .userPaying }

    /// What a query says in `trade_state_desc`.
    var text: String {
        switch self {
        case .absent: "订单不存在"
        case .notPaid: "订单未支付"
        case .userPaying: "需要用户输入支付密码"
        case .success: "支付成功"
        case .refund: "订单已转入退款"
        case .revoked: "订单已撤销"
        case .closed: "订单已关闭"
        case .payError: "支付失败，请撤销订单后重新下单"
        }
    }
}
