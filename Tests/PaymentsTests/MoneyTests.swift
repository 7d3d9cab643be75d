import Payments
import Testing

@Suite("Money (E1)")
struct MoneyTests {
    @Test("Amounts are whole smallest units, never zero, negative or beyond the bound")
    func bounds() {
        #expect(Money(minorUnits: 1, currency: .cny)?.minorUnits == 1)
        #expect(Money(minorUnits: Money.maximum, currency: .cny) != nil)
        for wrong in [0, -1, Money.maximum + 1, .max, .min] {
            #expect(Money(minorUnits: wrong, currency: .cny) == nil)
        }
    }

    @Test("Wire digits: no sign, point, exponent, leading zero, blank or overflow")
    func digits() {
        #expect(Money(digits: "888", currency: .cny)?.minorUnits == 888)
        for wrong in ["", "0", "01", "1.0", "1e2", "+1", "-1", " 1", "1 ", "99999999999", "١"] {
            #expect(Money(digits: wrong, currency: .cny) == nil, "\(wrong)")
        }
    }

    @Test("People read decimals that fit the currency")
    func decimal() throws {
        #expect(Money(minorUnits: 1, currency: .cny)?.decimal == "0.01")
        #expect(Money(minorUnits: 12_345, currency: .cny)?.decimal == "123.45")
        let yen = try #require(Currency("JPY"))
        #expect(Money(minorUnits: 200, currency: yen)?.decimal == "200")
        #expect(Currency("cny") == nil)
        #expect(Currency("CN") == nil)
    }
}
