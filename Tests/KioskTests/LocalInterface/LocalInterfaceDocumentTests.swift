import Glibc
import Payments
import StrictJSON
import Testing

@testable import Kiosk

/// `LocalInterface.md` is what applications are written by: its calls, fields and words are those of the code.
@Suite("The document of the local interface")
struct LocalInterfaceDocumentTests {
    private let text: String
    private let lines: [Substring]

    init() throws {
        let root = "\(#filePath)".split(separator: "/").dropLast(4).joined(separator: "/")
        text = try Self.read("/\(root)/Sources/Kiosk/Kiosk.docc/LocalInterface.md")
        lines = text.split(separator: "\n")
    }

    private static func read(_ path: String) throws -> String {
        // The path lives for the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        try #require(descriptor >= 0, "\(path) is missing")
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 131_072)
        // The array outlives the call and has the length passed.
        let count = unsafe Glibc.read(descriptor, &bytes, bytes.count)
        try #require((1..<bytes.count).contains(count))
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    @Test("Its calls are those that the gate knows, and each is served")
    func calls() async throws {
        let calls = lines.filter { $0.hasPrefix("### `") }.map { heading in
            heading.split(separator: "`")[1]
                .replacing("{id}", with: Samples.saleID.text)
                .replacing("{order}", with: Samples.order.text)
                .split(separator: " ").map(String.init)
        }
        let known =
            (GateTests.open + ["/v1/events"]).map { ["GET", $0] }
            + GateTests.guarded.map { [$0, $1] }
        #expect(Set(calls) == Set(known))
        #expect(calls.count == known.count)
        try await RunningInterface.serve { running in
            running.kiosk.with { $0.sales = [SaleDetails(sale: Samples.sale(), attempts: [])] }
            for call in calls {
                // The head of an event stream ends; the stream does not.
                let connection = try RawConnection(running.socket)
                try connection.request(call[0] == "GET" ? "HEAD" : call[0], call[1])
                if call[0] == "GET" {
                    #expect(try connection.head().status == 200, "\(call)")
                } else {
                    let problem = try connection.answer().problem
                    #expect(!["no-such-path", "method-not-allowed"].contains(problem), "\(call)")
                }
            }
        }
    }

    @Test("Its problems are those of the code, with their status")
    func problems() throws {
        let refusals: [Problem] = [
            .saleActive(Samples.saleID), .notReady([]), .amountTooHigh(maximum: 1),
            .wrongCurrency(.cny), .keyReused, .notFound, .cannotCancel(.paid), .notPaid(.expired),
            .alreadyClaimed, .claimUnchecked, .releaseWithdrawn, .alreadyDelivered, .nothingToPrint,
            .outcomeOpen, .noSuchRevoke,
            .alreadySettled(.undone), .notParked, .needsReport, .journalNotAdopted,
            .releaseParked, .storageFailed,
        ]
        let documents: [ProblemDocument] =
            refusals.map { ProblemDocument($0) } + [
                .invalid(""), .notJSON, .tooLarge(maximumBytes: 1), .noSuchPath,
                .methodNotAllowed([]), .wrongHost, .foreignOrigin, .tokenRequired, .socketOnly,
                .tooManyClients(maximum: 1), .tooSlow, .internalError, .noAnswer(to: .reading),
                .notAdoptable(JournalStatus(.damaged)),
            ]
        let rows = lines.map { $0.split(separator: "|").map { $0.filter { $0 != " " } } }
            .filter { $0.count == 4 && Int($0[0]) != nil }
            .map { "\($0[0]) \($0[1].filter { $0 != "`" })" }
        let answers = try documents.map { document in
            let answer = try JSONReader.parse(document.body, maximumBytes: 65_536)
            return "\(try answer.integer("status", in: 100...599)) \(document.word)"
        }
        #expect(rows.sorted() == answers.sorted())
    }

    @Test("It names every word that stands for something")
    func words() {
        var words = SaleState.allCases.map(\.rawValue) + AttemptState.allCases.map(\.rawValue)
        words += EventKind.allCases.map(\.rawValue) + OutOfServiceReason.allCases.map(\.rawValue)
        words += Refusal.Advice.allCases.map(\.rawValue) + RevokeReason.allCases.map(\.rawValue)
        words += SettlementOutcome.allCases.map(\.rawValue)
        words += ScannedCode.OtherWallet.allCases.map { Notice.otherWallet($0).word }
        words += [Notice.alreadyRead, .notAPaymentCode].map(\.word)
        let truths: [Truth] = [
            .nothingTaken, .paid, .beingReturned, .notKnownYet(Samples.order),
        ]
        words += truths.map(\.word)
        words += [JournalCustody.own, .foreign, .damaged].map { JournalStatus($0).word }
        words += ParkedReason.aboutGoods
        let forms = words.map { "`\($0)`" } + ServiceMode.allCases.map { "\"\($0.rawValue)\"" }
        // Not in the expectation, which would print the document.
        let missing = forms.filter { !text.contains($0) }
        #expect(missing == [])
    }

    @Test("It names every field of what is answered and told")
    func fields() async throws {
        var told = SaleDetails(sale: Samples.sale(), attempts: [Samples.attempt()]).document
        told += EventDocument.event(Samples.event(1)) + EventDocument.notice(.alreadyRead)
        let entry = RevokeEntry(
            row: RevokeRow(
                order: Samples.order,
                reason: "expired",
                decided: Samples.moment,
                due: Samples.moment
            ),
            attempt: Samples.attempt()
        )
        let stored = String(decoding: told, as: UTF8.self)
        let document = text
        try await RunningInterface.serve { running in
            running.kiosk.with { $0.revokes = [entry] }
            var answers = [stored]
            for path in ["/v1/status", "/v1/revokes", "/healthz", "/readyz"] {
                answers.append(try exchange(running.socket, "GET", path).body)
            }
            for answer in answers {
                for piece in answer.split(separator: "\":").dropLast() {
                    let field = piece.split(separator: "\"").last ?? ""
                    let forms = ["\(field)`", "`\(field).", "\"\(field)\":"]
                    let isNamed = forms.contains { document.contains($0) }
                    #expect(isNamed, "\(field)")
                }
            }
        }
    }
}
