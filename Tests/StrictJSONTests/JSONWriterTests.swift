import StrictJSON
import TestKit
import Testing

@Suite("Writing JSON")
struct JSONWriterTests {
    private func text(_ body: (inout JSONWriter) -> Void) -> String {
        String(decoding: JSONWriter.object(body), as: UTF8.self)
    }

    @Test("Members stand in the order given, with commas where they belong")
    func order() {
        let sale = text { sale in
            sale.string("id", "S01")
            sale.integer("amount", 200)
            sale.boolean("paid", false)
            sale.string("reference", nil)
            sale.integer("line", Int?.none)
            sale.null("message")
            sale.object("money") { $0.string("currency", "CNY") }
            sale.array("attempts") { attempts in
                attempts.object { $0.string("order", "K7-1") }
                attempts.object { _ in }
            }
            sale.array("reasons") { reasons in
                reasons.string("a")
                reasons.string("b")
            }
            sale.array("none") { _ in }
        }
        #expect(
            sale == #"{"id":"S01","amount":200,"paid":false,"reference":null,"line":null,"#
                + #""message":null,"money":{"currency":"CNY"},"#
                + #""attempts":[{"order":"K7-1"},{}],"reasons":["a","b"],"none":[]}"#
        )
        #expect(text { _ in } == "{}")
    }

    @Test("Strings are escaped for JSON and for pages")
    func escaping() {
        #expect(
            text { $0.string("a\"", "\"\\\n\r\t\0\u{1F}</script>&\u{2028}寄存🙂") }
                == #"{"a\"":"\"\\\n\r\t\u0000\u001f\u003c/script\u003e\u0026\u2028寄存🙂"}"#
        )
    }

    @Test("Whatever it writes, the strict reader reads back")
    func roundTrip() throws {
        var generator = SplitMix64(seed: 7)
        for _ in 0..<300 {
            let scalars = (0..<20).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0x20...0x2FFF, using: &generator))
            }.filter { $0.properties.generalCategory != .control }
            let value = String(String.UnicodeScalarView(scalars))
            let number = Int64.random(in: .min ... .max, using: &generator)
            let bytes = JSONWriter.object { writer in
                writer.string("text", value)
                writer.integer("number", number)
            }
            let reader = try JSONReader.parse(bytes, maximumBytes: 4096)
            #expect(try reader.string("text", bytes: 0...1000) == value)
            #expect(try reader.integer("number", in: Int64.min...Int64.max) == number)
            try reader.finish()
        }
    }
}
