import Glibc
import Payments
import TestKit
import Testing

@testable import Devices

@Suite("Slips as they look")
struct SlipGoldenTests {
    /// Set to write the files anew; what changed is then for a person to look at.
    private static let mayWrite = unsafe getenv("KIOSKPAY_WRITE_GOLDEN") != nil

    @Test(
        "Every kind of slip in both languages on paper of 32, 42 and 48 columns",
        arguments: MerchantText.Language.allCases,
        [32, 42, 48]
    )
    func golden(language: MerchantText.Language, columns: Int) throws {
        let typesetter = SlipTypesetter(
            SampleSlips.profile(columns: columns),
            SampleSlips.merchant(language),
            try SampleSlips.encoder(),
        )
        var text = ""
        for (name, slip) in try SampleSlips.all() {
            let lines = try #require(typesetter.lines(of: slip))
            #expect(lines.allSatisfy { $0.columns <= columns })
            text += "==== \(name)\n" + lines.map(Self.drawn).joined()
        }
        let path = Self.folder + "/\(language.rawValue)-\(columns).txt"
        if Self.mayWrite { try Files.write(text, to: path) }
        #expect(Files.text(path) == text)
    }

    /// The style's letter (bold, tall, large), a bar and the text.
    private static func drawn(_ line: SlipLine) -> String {
        let letter =
            switch line.style {
            case .normal: " "
            case .bold: "b"
            case .tall: "t"
            case .large: "L"
            }
        return "\(letter)|\(line.text)\n"
    }

    /// Beside this file.
    private static var folder: String {
        let parts = #filePath.split(separator: "/").dropLast()
        return "/" + parts.joined(separator: "/") + "/Golden"
    }
}
