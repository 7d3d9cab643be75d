import Payments
import StrictJSON

/// What the body of a call says, read strictly: a key nobody knows, a key twice or a number with decimals is an error
/// that names the path (rule E1). Pure: bytes go in.
struct CallDocument {
    /// A sale as its body describes it.
    struct Sale: Hashable {
        let amount: Money
        let description: String
        let reference: String?

        /// What counts as the same body is what it says: an application may repeat it with its keys in another order.
        var canonical: [UInt8] {
            JSONWriter.object { body in
                body.integer("amount", amount.minorUnits)
                body.string("currency", amount.currency.code)
                body.string("description", description)
                body.string("reference", reference)
            }
        }
    }

    private let reader: JSONReader

    init(_ bytes: [UInt8], maximumBytes: Int) throws(JSONError) {
        reader = try JSONReader.parse(bytes, maximumBytes: maximumBytes)
    }

    func sale() throws(JSONError) -> Sale {
        let amount = try reader.integer("amount", in: Int64(1)...Money.maximum)
        let code = try reader.string("currency", bytes: 3...3)
        let description = try reader.optionalString("description", bytes: 0...127)
        let reference = try reader.optionalString("reference", bytes: 0...64)
        try reader.finish()
        guard let currency = Currency(code) else {
            throw reader.error("currency", "must be three capital letters such as CNY")
        }
        guard let money = Money(minorUnits: amount, currency: currency) else {
            throw reader.error("amount", "must be a whole number from 1 to \(Money.maximum)")
        }
        return Sale(amount: money, description: description ?? "", reference: reference)
    }

    /// The key of a claim (rule D1).
    func claimKey() throws(JSONError) -> String {
        let key = try reader.string("claim", bytes: 1...64)
        try reader.finish()
        guard key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw reader.error("claim", "must be visible ASCII characters without spaces")
        }
        return key
    }

    /// A person's word on an order (rule C5).
    func settlement() throws(JSONError) -> (SettlementOutcome, note: String) {
        let outcome = try reader.choice("outcome", of: SettlementOutcome.self)
        let note = try reader.string("note", bytes: 1...500)
        try reader.finish()
        return (outcome, note: note)
    }

    func serviceMode() throws(JSONError) -> ServiceMode {
        let mode = try reader.choice("mode", of: ServiceMode.self)
        try reader.finish()
        return mode
    }

    /// An object without keys.
    func nothing() throws(JSONError) { try reader.finish() }
}
