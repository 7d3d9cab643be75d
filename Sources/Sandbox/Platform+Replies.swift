internal import Payments

/// What the platform's replies consist of (wire facts, 1.5, 1.8, 1.9).
extension Platform {
    func document(for refusal: CheckedRequest.Refusal) -> ReplyDocument {
        switch refusal {
        case .communication(_, let message): .communicationFailure(message)
        case .business(_, let code, let message, let signature):
            ReplyDocument(
                fields: head(subMerchant: nil) + failed(code, message),
                signature: signature,
                key: key
            )
        }
    }

    /// A signed `result_code=FAIL`.
    func failure(_ request: CheckedRequest, _ code: String, _ message: String) -> Ticket {
        Ticket(
            operation: request.operation,
            order: request["out_trade_no"],
            content: .document(document(request, failed(code, message)))
        )
    }

    func document(
        _ request: CheckedRequest,
        _ fields: [(name: String, value: String)],
    ) -> ReplyDocument {
        ReplyDocument(
            fields: head(subMerchant: request["sub_mch_id"]) + fields,
            signature: request.signature,
            key: key
        )
    }

    private func head(subMerchant: String?) -> [(name: String, value: String)] {
        [
            ("return_code", "SUCCESS"), ("return_msg", "OK"), ("appid", identity.appID),
            ("mch_id", identity.merchantID),
        ] + (subMerchant.map { [("sub_mch_id", $0)] } ?? []) + [
            ("nonce_str", Identifiers.nonce())
        ]
    }

    func failed(_ code: String, _ message: String) -> [(name: String, value: String)] {
        [("result_code", "FAIL"), ("err_code", code), ("err_code_des", message)]
    }

    /// Everything a reply says of a paid order.
    func paidFields(of order: PlatformOrder) -> [(name: String, value: String)] {
        guard let payment = order.payment, let amount = order.amount else { return [] }
        let cash = amount.minorUnits - payment.couponFee
        let coupon: [(name: String, value: String)] =
            payment.couponFee == 0
            ? []
            : [
                ("settlement_total_fee", String(amount.minorUnits)),
                ("coupon_fee", String(payment.couponFee)),
            ]
        return [
            ("openid", payment.openID), ("is_subscribe", "N"), ("trade_type", "MICROPAY"),
            ("bank_type", "CMB_DEBIT"), ("total_fee", String(amount.minorUnits)),
            ("fee_type", amount.currency.code),
        ] + coupon + [
            ("cash_fee", String(cash)), ("cash_fee_type", amount.currency.code),
            ("transaction_id", payment.transactionID), ("out_trade_no", order.number),
            ("attach", order.parameters["attach"] ?? ""), ("time_end", payment.time.beijing),
        ]
    }
}

extension ReplyDocument {
    /// What it says, in a few words.
    var summary: String {
        func value(_ name: String) -> String? { fields.first { $0.name == name }?.value }
        guard value("return_code") == "SUCCESS" else {
            return "return_code FAIL (\(value("return_msg") ?? ""))"
        }
        let result = [
            value("result_code"), value("err_code"), value("trade_state"),
            value("recall").map { "recall=" + $0 },
        ]
        return result.compactMap(\.self).joined(separator: " ")
    }
}
