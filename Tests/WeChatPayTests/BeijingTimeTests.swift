import Testing

@testable import WeChatPay

@Suite("Times of API v2")
struct BeijingTimeTests {
    // Expected values by `date -u -d 'TZ="Asia/Shanghai" …' +%s` of coreutils, zone +08:00.
    @Test(
        "Fourteen digits of UTC+8 become seconds since 1970 UTC",
        arguments: [
            ("19700101080000", 0),
            ("20250301103512", 1_740_796_512),
            ("20240229235959", 1_709_222_399),
            ("20000229000000", 951_753_600),
            ("20991231235959", 4_102_415_999),
            ("21000301000000", 4_107_513_600),
            ("99991231235959", 253_402_271_999),
        ] as [(String, Int64)]
    )
    func real(_ text: String, _ seconds: Int64) {
        #expect(BeijingTime.secondsSince1970(text) == seconds)
    }

    @Test(
        "What names no real second is no time",
        arguments: [
            "", "2025030110351", "202503011035120", "2025-03-01 10:35", "20250229103512",
            "21000229000000", "20250431000000", "20251301000000", "20250001000000",
            "20250100000000", "20250132000000", "20250301240000", "20250301106000",
            "20250301103560", "19691231235959", "19700101075959", "+2025030110351",
            "٢٠٢٥٠٣٠١١٠٣٥١٢",
        ]
    )
    func unreal(_ text: String) {
        #expect(BeijingTime.secondsSince1970(text) == nil)
    }

    @Test("The calendar runs without gap or repetition from 1970 to 2105")
    func calendar() {
        var expected: Int64 = -8 * 3600
        for year in 1970...2105 {
            for month in 1...12 {
                for day in 1...31 {
                    let two = { (number: Int) in (number < 10 ? "0" : "") + String(number) }
                    let text = "\(year)\(two(month))\(two(day))235959"
                    guard let seconds = BeijingTime.secondsSince1970(text) else { continue }
                    #expect(seconds == expected + 86_399)
                    expected += 86_400
                }
            }
        }
        // 136 years with 33 leap days: 2100 has none.
        #expect(expected + 8 * 3600 == (136 * 365 + 33) * 86_400)
    }
}
