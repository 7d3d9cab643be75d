import StrictJSON
import TestKit
import Testing

@Suite("Hostile JSON")
struct JSONFuzzTests {
    private static let sample = Array(
        #"{"sale":{"amount":200,"text":"寄\u5b58","wait":0.5},"lines":[{"n":1},{"n":-2e3}],"x":null}"#
            .utf8
    )

    /// Bytes that matter to a parser, tried more often than others.
    private static let marks = Array("{}[]:,\"\\0-.eu\n\u{7F}".utf8) + [0, 0xC3, 0xED, 0xFF]

    @Test("Two thousand mutations per seed: refused or read, never a crash", arguments: 1...5)
    func mutations(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var refused = 0
        for _ in 0..<2000 {
            var bytes = Self.sample
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                mutate(&bytes, using: &generator)
            }
            do throws(JSONError) {
                let root = try JSONReader.parse(bytes, maximumBytes: 4096)
                _ = try root.object("sale").integer("amount", in: 1...1000)
                _ = try root.objects("lines", maximumCount: 8).map { line throws(JSONError) in
                    try line.seconds("n", in: .zero ... .seconds(5))
                }
                try root.finish()
            } catch {
                refused += 1
                #expect(!error.description.contains("\n"), "seed \(seed): \(error)")
            }
        }
        // The sample itself is refused for its last line, so every run must have been.
        #expect(refused == 2000)
    }

    private func mutate(_ bytes: inout [UInt8], using generator: inout SplitMix64) {
        let place = Int.random(in: 0..<max(1, bytes.count), using: &generator)
        let mark = Self.marks.randomElement(using: &generator) ?? 0
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: bytes.insert(mark, at: min(place, bytes.count))
        case 1 where !bytes.isEmpty: bytes[place] = mark
        case 2 where !bytes.isEmpty: bytes.remove(at: place)
        case 3: bytes.removeLast(min(bytes.count, Int.random(in: 0..<20, using: &generator)))
        default:
            bytes.insert(
                contentsOf: bytes.suffix(Int.random(in: 0..<30, using: &generator)),
                at: place
            )
        }
    }
}
