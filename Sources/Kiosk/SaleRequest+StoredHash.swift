internal import Payments

extension SaleRequest {
    /// The same wish under the hash that the row was stored with, if it asks for what the row says.
    ///
    /// A hash counts only beside another of its kind. Rows of earlier versions hold one under the installation's key, which may
    /// be lost; what they were asked for stands in them, and a repeat of it must find its sale.
    func hashed(as stored: SaleRow?) -> SaleRequest {
        guard let stored, stored.amount == amount, stored.description == description,
            stored.reference == reference
        else { return self }
        return SaleRequest(
            amount: amount,
            description: description,
            reference: reference,
            idempotencyKey: idempotencyKey,
            bodyHash: stored.bodyHash
        )
    }
}
