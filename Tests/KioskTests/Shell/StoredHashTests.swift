import Payments
import Testing

@testable import Kiosk

@Suite("Repeated requests and the hashes they were stored with (interfaces, 3)")
struct StoredHashTests {
    private static func wish(
        amount: Int64 = 200,
        description: String = "Locker, 24 h",
        reference: String? = "locker 7",
    ) throws -> SaleRequest {
        SaleRequest(
            amount: try #require(Money(minorUnits: amount, currency: .cny)),
            description: description,
            reference: reference,
            idempotencyKey: "key-1",
            bodyHash: "new"
        )
    }

    @Test(
        "A repeat of what an earlier version stored has that row's hash, whatever key it was made under"
    )
    func earlier() throws {
        #expect(try Self.wish().hashed(as: Samples.sale()).bodyHash == "hash")
    }

    @Test("Another wish under the same key keeps a hash of its own, and so does a new one")
    func others() throws {
        for wish in [
            try Self.wish(amount: 201), try Self.wish(description: "Locker"),
            try Self.wish(reference: nil),
        ] {
            #expect(wish.hashed(as: Samples.sale()) == wish)
        }
        #expect(try Self.wish().hashed(as: nil) == Self.wish())
    }
}
