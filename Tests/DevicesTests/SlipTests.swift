import Payments
import TestKit
import Testing

@testable import Devices

@Suite("Slips")
struct SlipTests {
    @Test("Only a receipt says paid (D4)")
    func onlyReceiptsSayPaid() throws {
        let typesetter = try self.typesetter(.chinese, columns: 32)
        for (name, slip) in try SampleSlips.all() {
            let text = try #require(typesetter.lines(of: slip)).map(\.text).joined(separator: "\n")
            let isReceipt = name.hasPrefix("receipt")
            #expect(text.contains("已支付") == isReceipt, "\(name)")
            #expect(text.contains("Paid") == isReceipt, "\(name)")
            #expect(text.contains("副本") == (name == "receipt-copy"), "\(name)")
        }
        let contradiction = try SampleSlips.slip(.notCompleted(.paid, nil), nil)
        #expect(typesetter.lines(of: contradiction) == nil)
    }

    @Test("Not known yet says to leave the password page, that it comes back, and the order (G3)")
    func notKnownYet() throws {
        let order = try #require(OrderNumber("K0007-0123456789ABCDEFGHJK"))
        let slip = try SampleSlips.slip(.notCompleted(.notKnownYet(order), nil), nil)
        let english = try text(of: slip, .english).replacing("\n", with: " ")
        #expect(english.contains("Leave WeChat's password page."))
        #expect(english.contains("Anything taken comes back by itself, order"))
        #expect(english.contains(order.text))
        let chinese = try text(of: slip, .chinese)
        #expect(chinese.contains("请离开微信的密码页面"))
        #expect(chinese.contains("款项会自动退回"))
        #expect(chinese.contains(order.text))
        #expect(chinese.contains("Not known yet"))
    }

    @Test(
        "Times are printed at the configured offset; an unset clock is not printed as a time (F1)"
    )
    func times() throws {
        #expect(
            LocalTime.text(secondsSince1970: 1_772_328_600, utcOffsetMinutes: 480)
                == "2026-03-01 09:30:00 +08:00"
        )
        #expect(
            LocalTime.text(secondsSince1970: 1_709_164_799, utcOffsetMinutes: 0)
                == "2024-02-28 23:59:59 +00:00"
        )
        #expect(
            LocalTime.text(secondsSince1970: 1_709_164_800, utcOffsetMinutes: 0)
                == "2024-02-29 00:00:00 +00:00"
        )
        #expect(
            LocalTime.text(secondsSince1970: 0, utcOffsetMinutes: -210)
                == "1969-12-31 20:30:00 -03:30"
        )
        #expect(
            LocalTime.text(secondsSince1970: .max, utcOffsetMinutes: 0)
                == "9999-12-31 23:59:59 +00:00"
        )
        #expect(
            LocalTime.text(secondsSince1970: .min, utcOffsetMinutes: 0)
                == "1000-01-01 00:00:00 +00:00"
        )
        let unset = try SampleSlips.slip(.moneyReturned, nil, isSynchronised: false)
        #expect(try text(of: unset, .chinese).contains("时钟未校准"))
        #expect(try text(of: unset, .english).contains("clock not set"))
    }

    @Test("No line is ever wider than the paper, whatever the texts, and no byte is a command")
    func widths() throws {
        var random = SplitMix64(seed: 3)
        let pieces = [
            "储", "物柜", "，", "（", "）", "。", " ", "a", "W", "locker", "…", "€", "¥", "😀", "e\u{301}",
            "\u{1B}", "\u{10}\u{4}\u{1}", "\n", "\u{200D}", "𠮷", "x".repeated(60), "好".repeated(50),
        ]
        let encoder = try SampleSlips.encoder()
        for _ in 0..<1000 {
            let columns = [32, 42, 48].randomElement(using: &random) ?? 32
            let text = (0..<Int.random(in: 0...30, using: &random))
                .compactMap { _ in pieces.randomElement(using: &random) }.joined()
            let merchant = MerchantText(
                name: text,
                site: text,
                contact: text,
                language: Bool.random(using: &random) ? .chinese : .english
            )
            let profile = SampleSlips.profile(columns: columns)
            let lines = try #require(
                SlipTypesetter(profile, merchant, encoder)
                    .lines(of: SampleSlips.receipt(description: text, amount: Money.maximum))
            )
            #expect(lines.allSatisfy { $0.columns <= columns })
            let bytes = lines.flatMap { $0.glyphs.flatMap(\.bytes) }
            #expect(bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
        }
    }

    @Test("Label and value share a line where they fit, and the value goes below where not")
    func pairs() throws {
        let encoder = try SampleSlips.encoder()
        let printable = PrintableText(encoder)
        let layout = LineLayout(columns: 12)
        func pair(_ label: String, _ value: String) -> [String] {
            layout.pair(printable.glyphs(label), printable.glyphs(value)).map(\.text)
        }
        #expect(pair("金额", "￥2.00") == ["金额  ￥2.00"])
        #expect(pair("金额", "1234567") == ["金额 1234567"])
        #expect(pair("金额", "12345678") == ["金额", "    12345678"])
        #expect(pair("商品", "一二三四五六七") == ["商品", "一二三四五六", "          七"])
        // Closing marks do not begin a line.
        #expect(
            layout.paragraph(printable.glyphs("一二三四五六，七")).map(\.text) == ["一二三四五", "六，七"]
        )
    }

    @Test("GB18030: known samples, the yuan sign, and nothing of four bytes")
    func encoding() throws {
        let printable = PrintableText(try SampleSlips.encoder())
        func bytes(_ text: String) -> [UInt8] { printable.glyphs(text).flatMap(\.bytes) }
        #expect(bytes("合计") == [0xBA, 0xCF, 0xBC, 0xC6])
        #expect(bytes("元") == [0xD4, 0xAA])
        #expect(
            bytes("微信支付收据") == [
                0xCE, 0xA2, 0xD0, 0xC5, 0xD6, 0xA7, 0xB8, 0xB6, 0xCA, 0xD5, 0xBE, 0xDD,
            ]
        )
        #expect(bytes("￥") == [0xA3, 0xA4])
        #expect(bytes("¥2") == [0xA3, 0xA4, 0x32])
        #expect(bytes("€") == [0xA2, 0xE3])
        #expect(bytes("\u{3000}") == [0xA1, 0xA1])
        #expect(bytes("a𠮷😀b") == Array("a??b".utf8))
        #expect(bytes("e\u{301}\u{200B}\u{1B}@") == Array("e@".utf8))
        #expect(PrintableText(nil).glyphs("a合").flatMap(\.bytes) == Array("a?".utf8))
    }

    @Test("A machine without GB18030 prints English")
    func withoutEncoder() throws {
        let typesetter = SlipTypesetter(
            SampleSlips.profile(columns: 48),
            SampleSlips.merchant(.chinese),
            nil
        )
        let lines = try #require(typesetter.lines(of: SampleSlips.receipt()))
        #expect(lines.contains { $0.text.contains("Paid") })
        #expect(lines.allSatisfy { $0.glyphs.allSatisfy { !$0.isWide } })
    }

    @Test("The bytes of a slip: initial state, character mode, styles, cut")
    func bytes() throws {
        let encoder = try SampleSlips.encoder()
        let glyphs = PrintableText(encoder).glyphs
        let cutting = SlipEncoder(SampleSlips.profile(columns: 48))
        #expect(
            cutting.bytes(of: [SlipLine(glyphs: glyphs("Hi"), style: .bold)])
                == [0x1B, 0x40, 0x1C, 0x2E, 0x1B, 0x45, 0x01, 0x48, 0x69, 0x1B, 0x45, 0x00, 0x0A]
                + [0x1D, 0x56, 0x42, 0x00]
        )
        #expect(
            cutting.bytes(of: [SlipLine(glyphs: glyphs("元"), style: .large)])
                == [0x1B, 0x40, 0x1C, 0x26, 0x1D, 0x21, 0x11, 0x1C, 0x21, 0x0C, 0xD4, 0xAA]
                + [0x1D, 0x21, 0x00, 0x1C, 0x21, 0x00, 0x0A, 0x1D, 0x56, 0x42, 0x00]
        )
        let tearing = try SlipEncoder(#require(PrinterProfile(named: "generic-58")))
        #expect(tearing.bytes(of: []) == [0x1B, 0x40, 0x1C, 0x2E, 0x1B, 0x64, 0x04])
    }

    private func text(of slip: Slip, _ language: MerchantText.Language) throws -> String {
        try #require(typesetter(language, columns: 48).lines(of: slip))
            .map(\.text).joined(separator: "\n")
    }

    private func typesetter(
        _ language: MerchantText.Language,
        columns: Int,
    ) throws -> SlipTypesetter {
        SlipTypesetter(
            SampleSlips.profile(columns: columns),
            SampleSlips.merchant(language),
            try SampleSlips.encoder()
        )
    }
}

extension String {
    fileprivate func repeated(_ count: Int) -> String { String(repeating: self, count: count) }
}
