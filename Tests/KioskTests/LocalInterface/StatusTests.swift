import Kiosk
import Payments
import StrictJSON
import Testing

/// Status, health and the technician's switch.
@Suite("Status, health and service mode")
struct StatusTests {
    @Test("Status says how the kiosk is doing")
    func statusSaysHowTheKioskIsDoing() async throws {
        try await RunningInterface.serve { running in
            running.kiosk.with { $0.reasons = [.unproven, .printer] }
            running.kiosk.commit(Samples.event(7))
            let answer = try exchange(running.socket, "GET", "/v1/status")
            #expect(answer.status == 200)
            #expect(
                answer.body == #"{"ready":false,"reasons":["not-proven","printer"],"#
                    + #""activeSale":"S0123456789ABCDEF","unreportedSale":"S0123456789ABCDEF","#
                    + #""lastEventID":7,"devices":["#
                    + #"{"name":"scanner","state":"working","detail":null},"#
                    + #"{"name":"printer","state":"failed","detail":"The port is not there."}],"#
                    + #""network":{"reachable":false,"reason":"Nobody answers."},"queue":{"count":2,"sum":400,"#
                    + #""currency":"CNY","oldestAgeSeconds":61,"parked":1,"#
                    + #""state":"paused","pausedBy":"certificate-refused","#
                    + #""flagged":["K0007-0123456789ABCDEFGHJK"]},"#
                    + #""risk":{"count":1,"sum":200,"warning":true},"#
                    + #""journal":{"state":"own","detail":null},"clock":{"synchronised":false,"#
                    + #""unixMilliseconds":1740817800250,"time":"2025-03-01T08:30:00.250Z"},"#
                    + #""configuration":{"generation":3,"fault":null},"interface":{"#
                    + #""socket":"\#(running.socketPath)","port":\#(running.port),"#
                    + #""detail":null,"eventReaders":0},"version":"0.1.0"}"#
            )
        }
    }

    @Test("Health and readiness are two things")
    func healthAndReadinessDiffer() async throws {
        try await RunningInterface.serve { running in
            #expect(try exchange(running.socket, "GET", "/readyz").status == 200)
            running.kiosk.with { $0.reasons = [.network] }
            let ready = try exchange(running.socket, "GET", "/readyz")
            #expect(ready.status == 503)
            #expect(ready.problem == "not-ready")
            #expect(ready.body.contains(#""reasons":["network"]"#))
            // The process lives and can answer, whatever the network does.
            #expect(try exchange(running.socket, "GET", "/healthz").status == 200)
        }
    }

    /// A HEAD is answered without a body, also when it is refused, so the next answer is found.
    @Test("A HEAD is answered without a body")
    func headsHaveNoBody() async throws {
        try await RunningInterface.serve { running in
            let client = try RawConnection(running.socket)
            for (path, status) in [
                ("/healthz", 200), ("/v1/status", 200), ("/v1/events", 200), ("/nothing", 404),
                ("/v1/service", 405), ("/v1/sales?limit=0", 400),
            ] {
                try client.request("HEAD", path)
                #expect(try client.head().status == status, "\(path)")
            }
            try client.request("GET", "/healthz")
            #expect(try client.answer().body == "{\"status\":\"alive\"}")
        }
    }

    @Test("A technician switches the service mode")
    func aTechnicianSwitchesTheServiceMode() async throws {
        try await RunningInterface.serve { running in
            for mode in ServiceMode.allCases {
                let answer = try exchange(
                    running.socket,
                    "POST",
                    "/v1/service",
                    body: "{\"mode\":\"\(mode.rawValue)\"}",
                )
                #expect(answer.status == 200)
                #expect(answer.body == "{\"mode\":\"\(mode.rawValue)\"}")
            }
            #expect(running.kiosk.with { $0.modes } == ServiceMode.allCases)
        }
    }

    /// Rule F1: kiosks boot in 1970, and clocks can be anywhere.
    @Test("Times are written as in RFC 3339")
    func timesAreWrittenAsRFC3339() async throws {
        let times: [(Int64, String)] = [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_210_096_007, "2024-02-29T12:34:56.007Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (Int64.max, "9999-12-31T23:59:59.999Z"), (Int64.min, "0000-01-01T00:00:00.000Z"),
        ]
        try await RunningInterface.serve { running in
            for (milliseconds, text) in times {
                running.kiosk.with { state in
                    var attempt = Samples.attempt()
                    attempt.submitted = Moment(
                        boot: Samples.moment.boot,
                        bootID: Samples.moment.bootID,
                        wall: WallTime(milliseconds: milliseconds, isSynchronised: true),
                    )
                    state.sales = [SaleDetails(sale: Samples.sale(.paid), attempts: [attempt])]
                }
                let answer = try exchange(running.socket, "GET", "/v1/sales/\(Samples.saleID)")
                #expect(answer.body.contains("\"submittedAt\":\"\(text)\""))
            }
        }
    }
}
