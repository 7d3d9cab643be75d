import Payments
import TestKit
import Testing

@testable import WeChatPay

/// Damaged and hostile replies: never a crash, and never Paid unless every signed field is intact.
@Suite("Replies damaged on the way (B1)")
struct ResilienceTests {
    private let twin: PlatformTwin
    private let dialect: V2Dialect

    init() throws {
        twin = try PlatformTwin()
        dialect = try twin.dialect()
    }

    private func isPaid(_ body: [UInt8]) -> Bool {
        let reply = PlatformReply(status: 200, body: body)
        if case .paid = dialect.submitVerdict(reply, order: twin.order, amount: twin.amount) {
            return true
        }
        if case .paid = dialect.queryVerdict(reply, order: twin.order, amount: twin.amount) {
            return true
        }
        return false
    }

    @Test("Every bit flipped, every byte missing, doubled or zeroed, every cut: never Paid")
    func everyByte() {
        for body in [twin.reply(twin.payment).body, twin.reply(twin.paidQuery).body] {
            #expect(isPaid(body))
            for index in body.indices {
                for bit in 0..<8 {
                    var flipped = body
                    flipped[index] ^= 1 << bit
                    #expect(!isPaid(flipped), "bit \(bit) of byte \(index)")
                }
                var missing = body
                missing.remove(at: index)
                #expect(!isPaid(missing), "byte \(index) missing")
                var zeroed = body
                zeroed[index] = 0
                #expect(!isPaid(zeroed), "byte \(index) zeroed")
                #expect(!isPaid(Array(body[..<index])), "cut before byte \(index)")
                if index > 0 { #expect(!isPaid(Array(body[index...])), "from byte \(index)") }
                var doubled = body
                doubled.insert(body[index], at: index)
                #expect(!isPaid(doubled), "byte \(index) doubled")
            }
        }
    }

    @Test("Every field left out, emptied, doubled or given another's value: never Paid")
    func everyField() {
        let signed = twin.paidQuery + [("sign", twin.signature(twin.paidQuery))]
        #expect(isPaid(twin.document(signed).body))
        for (index, field) in signed.enumerated() {
            var fields = signed
            fields.remove(at: index)
            #expect(!isPaid(twin.document(fields).body), "without \(field.name)")
            #expect(!isPaid(twin.document(signed + [field]).body), "\(field.name) twice")
            #expect(
                !isPaid(twin.document(signed.with(field.name, "")).body),
                "\(field.name) empty"
            )
            for other in signed where other.value != field.value {
                #expect(
                    !isPaid(twin.document(signed.with(field.name, other.value)).body),
                    "\(field.name) with the value of \(other.name)"
                )
            }
        }
    }

    @Test("Fields folded into one value, which the signature cannot tell, are never Paid")
    func folded() {
        // `a=1&b=2` is signed alike as two fields and as one field `a` holding `1&b=2`: whoever
        // folds a field away must not turn a state that is not Paid into one that is.
        for unpaid in [
            twin.paidQuery.with("trade_state", "REFUND"),
            twin.paidQuery.with("trade_state", "REVOKED"),
        ] {
            let sign = twin.signature(unpaid)
            let sorted = unpaid.sorted { $0.name < $1.name }
            for index in sorted.indices.dropLast() {
                for end in sorted.indices where end > index {
                    let tail = sorted[(index + 1)...end].map { "&\($0.name)=\($0.value)" }
                    var fields = Array(sorted[...index] + sorted[(end + 1)...])
                    fields[index].value += tail.joined()
                    #expect(twin.signature(fields) == sign)
                    #expect(!isPaid(twin.document(fields + [("sign", sign)]).body))
                }
            }
        }
    }

    @Test("Ten thousand random mutations of good replies: no crash, no payment out of nothing")
    func mutations() throws {
        var generator = SplitMix64(seed: 20_250_301)
        let seeds = [
            twin.reply(twin.payment).body, twin.reply(twin.paidQuery).body,
            twin.reply(twin.failure("USERPAYING")).body,
            twin.reply(twin.unpaidQuery("REVOKED")).body,
            Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".utf8)
                + twin.reply(twin.payment).body + [0x0A],
        ]
        let genuine = try seeds.map { try Set(Self.signed(V2Reader.fields(of: $0))) }
        var verdicts: [String: Int] = [:]
        for round in 0..<10_000 {
            var body = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                Self.mutate(&body, with: seeds, using: &generator)
            }
            let reply = PlatformReply(status: 200, body: body)
            let submit = dialect.submitVerdict(reply, order: twin.order, amount: twin.amount)
            let query = dialect.queryVerdict(reply, order: twin.order, amount: twin.amount)
            let reverse = dialect.reverseVerdict(reply, order: twin.order)
            for word in ["\(submit)", "\(query)", "\(reverse)"] {
                verdicts[String(word.prefix { $0 != "(" }), default: 0] += 1
            }
            if case .unknown = submit, case .unknown = query, case .unknown = reverse { continue }
            // Something verified: then it is one of the genuine replies with changes around it.
            let fields = try V2Reader.fields(of: body)
            #expect(genuine.contains(Set(Self.signed(fields))), "round \(round)")
        }
        // Most mutations destroy a reply, some only touch white space.
        #expect(verdicts["unknown", default: 0] > 20_000)
        #expect(verdicts["paid", default: 0] > 0)
    }

    private static func signed(_ fields: V2Fields) -> [String] {
        fields.sorted.map { "\($0.name)=\($0.value)" }
    }

    private static let fragments = [
        "<", ">", "&", "]]>", "<![CDATA[", "</xml>", "<xml>", "<!DOCTYPE x [", "<!ENTITY x 'y'>",
        "&x;", "&#0;", "&#x10FFFF;", "<!--", "-->", "<?x ?>", " ", "\n", "\r\n", "\t", "\u{0}",
        "<a>1</a>", "<sign/>", "<trade_state>SUCCESS</trade_state>", "<attach></attach>",
        "<return_code>SUCCESS</return_code>", " a='b'", "\u{FEFF}", "微",
    ].map { Array($0.utf8) }

    private static func mutate(
        _ body: inout [UInt8],
        with seeds: [[UInt8]],
        using generator: inout SplitMix64,
    ) {
        guard !body.isEmpty else { return }
        let place = Int.random(in: body.indices, using: &generator)
        let end = min(body.count, place + Int.random(in: 1...40, using: &generator))
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: body[place] ^= 1 << Int.random(in: 0..<8, using: &generator)
        case 1: body[place] = UInt8.random(in: 0...255, using: &generator)
        case 2: body.removeSubrange(place..<end)
        case 3: body.insert(contentsOf: body[place..<end], at: place)
        case 4: body.removeLast(body.count - place)
        case 5:
            let other = seeds[Int.random(in: seeds.indices, using: &generator)]
            let start = Int.random(in: other.indices, using: &generator)
            body.replaceSubrange(place..<end, with: other[start..<min(other.count, start + 40)])
        case 6:
            let fragment = fragments[Int.random(in: fragments.indices, using: &generator)]
            body.insert(contentsOf: fragment, at: place)
        default:
            // Between two elements, where most of the grammar is.
            let fragment = fragments[Int.random(in: fragments.indices, using: &generator)]
            let gaps = body.indices.dropFirst().filter { body[$0 - 1] == 0x3E && body[$0] == 0x3C }
            guard let gap = gaps.randomElement(using: &generator) else { return }
            body.insert(contentsOf: fragment, at: gap)
        }
    }
}
