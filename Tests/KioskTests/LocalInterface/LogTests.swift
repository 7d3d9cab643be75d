import Glibc
import Kiosk
import Payments
import TestKit
import Testing

/// The log says who changed what (rule G2), and nothing that must stay secret (rule G1).
@Suite("The log of calls (G2)")
struct LogTests {
    private static let wish =
        "{\"amount\":200,\"currency\":\"CNY\",\"reference\":\"134567890123456789\"}"

    @Test("Whoever changes something is named in the log (G2)")
    func whoChangesSomethingIsNamed() async throws {
        let folder = try TestFolder()
        let log = CapturedLog()
        let settings = LocalInterfaceSettings(
            socketPath: folder.path + "/k.sock",
            socketGroup: nil,
            listen: LoopbackAddress("127.0.0.1:0"),
            token: AccessToken(fileContent: Array(RunningInterface.token.utf8)),
        )
        try await RunningInterface.run(settings, log: log) { running in
            try await onThread {
                running.kiosk.with { $0.answer = { _ in .created(Samples.sale()) } }
                _ = try exchange(running.socket, "POST", "/v1/sales", body: Self.wish)
                _ = try exchange(
                    running.tcp,
                    "POST",
                    "/v1/service",
                    host: running.host,
                    headers: [RunningInterface.tokenHeader],
                    body: "{\"mode\":\"maintenance\"}",
                )
                _ = try exchange(running.socket, "POST", "/v1/sales", body: "{\"x\":1}")
                _ = try exchange(
                    running.socket,
                    "POST",
                    "/v1/sales/\(Samples.saleID)/delivering",
                    body: "{\"claim\":\"secret-claim\"}",
                )
            }
        }
        let me = "by=process \(getpid()) of user \(getuid()), group \(getgid())"
        #expect(
            log.lines.contains(
                "info A sale was asked for. \(me) outcome=awaiting_code sale=\(Samples.saleID)"
            )
        )
        #expect(
            log.lines.contains(
                "info A claim of the release was refused. \(me) outcome=not-found sale=\(Samples.saleID)"
            )
        )
        #expect(
            log.lines.contains(
                "notice The service mode was set. by=a holder of the token mode=maintenance"
            )
        )
        for line in log.lines {
            let message = line.drop { $0 != " " }.dropFirst()
            #expect(message.first?.isUppercase == true, "not a sentence: \(line)")
        }
        for secret in [RunningInterface.token, "134567890123456789", "secret-claim"] {
            #expect(!log.lines.contains { $0.contains(secret) })
        }
    }

    /// A line that says the opposite of what happened sends a technician the wrong way.
    @Test("The log's words fit what became of the call")
    func theWordsFitTheOutcome() async throws {
        let folder = try TestFolder()
        let log = CapturedLog()
        let settings = LocalInterfaceSettings(
            socketPath: folder.path + "/k.sock",
            socketGroup: nil,
            listen: nil,
            token: nil
        )
        let calls = ["delivering", "delivered", "undelivered", "cancel", "receipt"]
        try await RunningInterface.run(settings, log: log) { running in
            try await onThread {
                for call in calls {
                    let body = call == "delivering" ? "{\"claim\":\"1\"}" : ""
                    let path = "/v1/sales/\(Samples.saleID)/\(call)"
                    running.kiosk.with {
                        $0.isSilent = false
                        $0.callAnswer = { _, _ in .problem(.alreadyClaimed) }
                    }
                    _ = try exchange(running.socket, "POST", path, body: body)
                    running.kiosk.with { $0.callAnswer = { _, _ in .sale(Samples.sale()) } }
                    _ = try exchange(running.socket, "POST", path, body: body)
                    running.kiosk.with { $0.isSilent = true }
                    _ = try exchange(running.socket, "POST", path, body: body)
                }
                running.kiosk.with { $0.revokeAnswer = { _, _ in .problem(.notParked) } }
                let order = "/v1/revokes/\(Samples.order)/settle"
                let body = #"{"outcome":"refunded","note":"seen"}"#
                _ = try exchange(running.socket, "POST", order, body: body)
            }
        }
        let refused = log.lines.filter { $0.contains("outcome=already-claimed") }
        #expect(refused.count == calls.count)
        #expect(refused.allSatisfy { $0.contains("was refused.") }, "\(refused)")
        let done = log.lines.filter { $0.contains("outcome=awaiting_code") }
        #expect(done.count == calls.count)
        #expect(!done.contains { $0.contains("refused") || $0.contains("not answered") })
        let silent = log.lines.filter { $0.contains("outcome=no-answer") }
        #expect(silent.count == calls.count)
        #expect(silent.allSatisfy { $0.contains("not answered") }, "\(silent)")
        let settled = log.lines.filter { $0.contains("outcome=not-parked") }
        #expect(settled.count == 1)
        #expect(settled.allSatisfy { $0.contains("settlement of an order was refused.") })
    }

    /// Cancelled like that, it still leaves no file behind.
    @Test("A cancelled interface ends and leaves no file behind")
    func aStoryThatFailsEndsTheInterface() async throws {
        struct Failed: Error {}
        let folder = try TestFolder()
        let path = folder.path + "/k.sock"
        let settings = LocalInterfaceSettings(
            socketPath: path,
            socketGroup: nil,
            listen: nil,
            token: nil
        )
        await #expect(throws: Failed.self) {
            try await RunningInterface.run(settings) { running in
                try await onThread {
                    let reader = try RawConnection(running.socket)
                    _ = try reader.openEvents()
                }
                throw Failed()
            }
        }
        // The text lives for the call alone.
        let isThere = unsafe access(path, F_OK) == 0
        #expect(!isThere)
    }
}
