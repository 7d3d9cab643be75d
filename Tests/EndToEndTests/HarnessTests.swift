import Testing

@Suite("The tests' own tools")
struct HarnessTests {
    @Test("A secret is found wherever it stands, and only it")
    func finding() {
        let bytes = Array("a13134567890123456789z".utf8)
        #expect(bytes.contains(bytes: Array("134567890123456789".utf8)))
        #expect(bytes.contains(bytes: Array("9z".utf8)))
        #expect(bytes.contains(bytes: bytes))
        #expect(!bytes.contains(bytes: Array("134567890123456780".utf8)))
        #expect(!bytes.contains(bytes: bytes + [0]))
    }

    @Test("The lights' trace is counted by what is lit, not by lines")
    func lights() {
        let trace = LightsTrace("1 ready 0\n2 ready 1\n3 ready 1\n4 ready 0\n5 ready 1\nx\n")
        #expect(trace.times("ready") == 2)
        #expect(trace.isLit("ready"))
        #expect(!trace.isLit("busy"))
        #expect(trace.strangeLines == ["x"])
    }
}
