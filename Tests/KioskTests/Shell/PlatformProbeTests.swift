import Payments
import Testing
import Transport

@testable import Kiosk
@testable import Sandbox

@Suite("The probe of keys and client certificate, over TLS (B7)", .timeLimit(.minutes(2)))
struct PlatformProbeTests {
    @Test("Right keys and certificate: good, after one query and one reverse")
    func good() async throws {
        let stand = try PlatformStand()
        let order = try stand.newOrder()
        #expect(try await stand.probe(order) == .good)
        #expect(stand.count(.reverse, of: order) == 1)
        #expect(stand.link.unverifiedWords == nil)
        #expect(stand.server.violations().isEmpty)
    }

    @Test("A wrong key: replies do not verify")
    func wrongKey() async throws {
        let stand = try PlatformStand(hasKey: false)
        #expect(try await stand.probe() == .fault(.repliesDoNotVerify))
        // What the stand-in says of a wrong signature.
        #expect(stand.link.unverifiedWords?.isEmpty == false)
    }

    @Test("Another authority's certificate, answered by a page with HTTP 400")
    func foreignCertificate() async throws {
        let stand = try PlatformStand(certificate: .foreign)
        #expect(try await stand.probe() == .fault(.certificateRefused))
    }

    @Test("Another authority's certificate, answered by dropping the connection, is named")
    func droppedCertificate() async throws {
        let stand = try PlatformStand(certificate: .foreign, refusal: .drop)
        #expect(try await stand.probe() == .fault(.certificateRefused))
        let drops = stand.server.violations().count { $0.rule == .certificate("untrusted") }
        #expect(drops == 2)
    }

    @Test("Another authority's certificate, answered by a TLS alert")
    func alertedCertificate() async throws {
        let stand = try PlatformStand(certificate: .foreign, refusal: .alert)
        #expect(try await stand.probe() == .fault(.certificateRefused))
    }

    @Test("No certificate configured")
    func noCertificate() async throws {
        let stand = try PlatformStand(certificate: .none)
        #expect(try await stand.probe() == .fault(.certificateRefused))
    }

    @Test("One dropped reverse is the network: the second one gets through, and all is good")
    func droppedOnce() async throws {
        let stand = try PlatformStand()
        stand.server.spoil(.reverse, [.reset])
        let order = try stand.newOrder()
        #expect(try await stand.probe(order) == .good)
        #expect(stand.count(.reverse, of: order) == 2)
    }

    @Test("Two resets in a row with good queries around them are the certificate")
    func resetTwice() async throws {
        let stand = try PlatformStand()
        stand.server.spoil(.reverse, [.reset, .reset])
        #expect(try await stand.probe() == .fault(.certificateRefused))
    }

    @Test("A drop and then a failing query can be the network", arguments: [0, 1])
    func droppedAndUnanswered(goodQueries: Int) async throws {
        let stand = try PlatformStand()
        stand.server.spoil(.reverse, [.reset, .reset])
        let good = [ReplyFault](repeating: .late(.zero), count: goodQueries + 1)
        stand.server.spoil(.query, good + [.status(502)])
        #expect(try await stand.probe() == .unreachable)
    }

    @Test("A reverse that is cut behind the first bytes of its reply is the network")
    func cutReply() async throws {
        let stand = try PlatformStand()
        stand.server.spoil(.reverse, [.cut(afterBytes: 100), .cut(afterBytes: 100)])
        let order = try stand.newOrder()
        #expect(try await stand.probe(order) == .unreachable)
        #expect(stand.count(.reverse, of: order) == 1)
    }

    @Test(
        "No reply in time is the network, to the query and to the reverse",
        arguments: [SandboxOperation.query, .reverse]
    )
    func timeOut(_ operation: SandboxOperation) async throws {
        let stand = try PlatformStand(requestTimeout: .seconds(1))
        stand.server.spoil(operation, [.silence, .silence, .silence])
        #expect(try await stand.probe() == .unreachable)
    }

    @Test("Nobody listening is the network")
    func refusedConnection() async throws {
        let stand = try PlatformStand(requestTimeout: .seconds(2))
        try stand.server.setNetwork(.cut)
        #expect(try await stand.probe() == .unreachable)
    }

    @Test(
        "A failing server is the network, whichever call meets it",
        arguments: [SandboxOperation.query, .reverse]
    )
    func failingServer(_ operation: SandboxOperation) async throws {
        let stand = try PlatformStand()
        stand.server.spoil(operation, [.status(502)])
        #expect(try await stand.probe() == .unreachable)
    }

    @Test(
        "Replies that do not verify, HTML among them, are a fault, whichever call meets them",
        arguments: [SandboxOperation.query, .reverse],
        [ReplyFault.forged, .unsigned, .html, .garbage, .empty, .doctype, .communicationFailure]
    )
    func unverifiable(_ operation: SandboxOperation, _ fault: ReplyFault) async throws {
        let stand = try PlatformStand()
        stand.server.spoil(operation, [fault])
        #expect(try await stand.probe() == .fault(.repliesDoNotVerify))
    }

    @Test("HTTP 400 with HTML to the query, which needs no certificate, is a failing server")
    func pageForQuery() async throws {
        let stand = try PlatformStand()
        stand.server.spoil(.query, [.html400])
        #expect(try await stand.probe() == .unreachable)
    }

    @Test(
        "A state of an order that was never used is made up, paid or not",
        arguments: ["000", "103"]
    )
    func madeUpState(_ digits: String) async throws {
        let stand = try PlatformStand()
        let amount = try #require(Money(minorUnits: 1, currency: .cny))
        let order = try await stand.submit(digits, amount)
        #expect(try await stand.probe(order) == .fault(.repliesDoNotVerify))
        // Nothing is undone by a probe that ends here.
        #expect(stand.count(.reverse, of: order) == 0)
    }

    @Test("A refund goes out with the certificate and its query finds it, over the same way (C5)")
    func refund() async throws {
        let stand = try PlatformStand()
        let amount = try #require(Money(minorUnits: 888, currency: .cny))
        let order = try await stand.submit("000", amount)
        let missing = await withCheckedContinuation { waiting in
            stand.link.refundQuery(order, amount) { waiting.resume(returning: $0) }
        }
        #expect(missing == .refundNotExist)
        let accepted = await withCheckedContinuation { waiting in
            stand.link.refund(order, amount) { waiting.resume(returning: $0) }
        }
        #expect(accepted == .accepted)
        var state = RefundQueryVerdict.processing
        // 40 ms on the stand-in's scaled clock.
        for _ in 0..<10_000 where state == .processing {
            state = await withCheckedContinuation { waiting in
                stand.link.refundQuery(order, amount) { waiting.resume(returning: $0) }
            }
        }
        #expect(state == .refunded)
        let entry = try #require(stand.server.entry(of: order.text))
        #expect(entry.returned == amount)
        #expect(stand.server.violations().isEmpty)
    }

    @Test("Without a reply a refund and its query are unknown, with the transport's word")
    func lostRefund() async throws {
        let stand = try PlatformStand()
        let amount = try #require(Money(minorUnits: 888, currency: .cny))
        let order = try stand.newOrder()
        stand.server.spoil(.refund, [.reset])
        // libcurl repeats it by itself on the connection that is open already, and once only.
        stand.server.spoil(.refundQuery, [.reset, .reset])
        let refund = await withCheckedContinuation { waiting in
            stand.link.refund(order, amount) { waiting.resume(returning: $0) }
        }
        #expect(refund == .unknown(.noReply(reason: "cut")))
        let query = await withCheckedContinuation { waiting in
            stand.link.refundQuery(order, amount) { waiting.resume(returning: $0) }
        }
        #expect(query == .unknown(.noReply(reason: "cut")))
    }
}
