import Glibc
import Testing

@testable import Sandbox

@Suite("The table of cases")
struct SandboxCaseTests {
    @Test("Names and digits are unique and well formed")
    func unique() {
        let cases = SandboxCase.allCases
        #expect(Set(cases.map(\.name)).count == cases.count)
        #expect(Set(cases.map(\.digits)).count == cases.count)
        for play in cases {
            #expect(play.digits.utf8.count == 3)
            #expect(play.digits.utf8.allSatisfy { (0x30...0x39).contains($0) })
            #expect(!play.summary.isEmpty && !play.summary.contains("\n"))
        }
        #expect(SandboxCase.listing.split(separator: "\n").count == cases.count)
    }

    @Test("Found by name and by code; unlisted digits pay at once")
    func lookup() {
        #expect(SandboxCase(named: "late-payment")?.digits == "106")
        #expect(SandboxCase(named: "no such case") == nil)
        #expect(SandboxCase(code: "134567890123456103").name == "password-never-paid")
        #expect(SandboxCase(code: "134567890123456789").name == "paid")
    }

    @Test("SANDBOX.md lists exactly these cases")
    func document() throws {
        let path = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let text = try PrivateFile.read("/" + path + "/Sources/Sandbox/SANDBOX.md")
        let rows = String(decoding: text, as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix("| ") && $0.dropFirst(2).first?.isNumber == true }
            .map { $0.split(separator: "|").map { String($0).trimmed } }
        let expected = SandboxCase.allCases.map { [$0.digits, "`\($0.name)`", $0.summary] }
        #expect(rows == expected)
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
