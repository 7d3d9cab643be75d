import Glibc
import Kiosk
import Payments
import Testing

/// What one client, or many, can take from the kiosk is bounded in number and time.
@Suite("The local interface's bounds")
struct LimitTests {
    @Test("The sixty-fifth client is refused at once")
    func theSixtyFifthClientIsRefusedAtOnce() async throws {
        try await RunningInterface.serve { running in
            var clients: [RawConnection] = []
            // Over both listeners together.
            for number in 0..<64 {
                let isSocket = number % 2 == 0
                let client = try RawConnection(isSocket ? running.socket : running.tcp)
                try client.request(
                    "GET",
                    "/healthz",
                    host: isSocket ? "localhost" : running.host
                )
                #expect(try client.answer().status == 200)
                clients.append(client)
            }
            for endpoint in [running.socket, running.tcp] {
                let late = try RawConnection(endpoint)
                let answer = try late.answer()
                #expect(answer.status == 503)
                #expect(answer.problem == "too-many-clients")
                #expect(answer.header("connection") == "close")
                try late.awaitClose()
            }
            // The others go on, and a place that is given up can be taken.
            try clients[0].request("GET", "/healthz")
            #expect(try clients[0].answer().status == 200)
            clients.removeLast()
            try eventually {
                (try? exchange(running.socket, "GET", "/healthz").status) == 200
            }
        }
    }

    @Test("A request must arrive in time")
    func aRequestMustArriveInTime() async throws {
        try await RunningInterface.serve { limits in
            limits.request = .milliseconds(100)
        } _: { running in
            for beginning in [
                "", "GET /healthz HT", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n",
                "POST /v1/sales HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{",
            ] {
                let client = try RawConnection(running.socket)
                try client.send(beginning)
                let answer = try client.answer()
                #expect(answer.status == 408, "\(beginning)")
                #expect(answer.problem == "too-slow")
                try client.awaitClose()
            }
            #expect(running.kiosk.with { $0.asked.isEmpty })
        }
    }

    /// A byte now and then does not buy more time.
    @Test("A body that drips is cut off")
    func aDrippingBodyIsCut() async throws {
        try await RunningInterface.serve { limits in
            limits.request = .milliseconds(150)
        } _: { running in
            let client = try RawConnection(running.socket)
            try client.request(
                "POST",
                "/v1/sales",
                headers: ["Content-Type: application/json", "Content-Length: 60000"],
            )
            var sent = 0
            while sent < 60_000, (try? client.send(" ")) != nil {
                sent += 1
                usleep(5_000)
            }
            #expect(sent < 1_000)
            #expect(try client.answer().status == 408)
        }
    }

    @Test("A connection is kept for the next request")
    func aConnectionIsKeptForTheNextRequest() async throws {
        try await RunningInterface.serve { running in
            let client = try RawConnection(running.socket)
            for _ in 0..<20 {
                try client.request("GET", "/readyz")
                #expect(try client.answer().status == 200)
            }
            // Three at once are answered in order.
            let one = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
            let other = "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"
            try client.send(one + other + one)
            #expect(try client.answer().status == 200)
            #expect(try client.answer().status == 404)
            #expect(try client.answer().status == 200)
        }
    }

    @Test("A connection that is idle for too long is closed")
    func anIdleConnectionIsClosed() async throws {
        try await RunningInterface.serve { limits in
            limits.keepAlive = .milliseconds(50)
        } _: { running in
            let client = try RawConnection(running.socket)
            try client.request("GET", "/healthz")
            #expect(try client.answer().status == 200)
            #expect(try client.readToEnd() == "")
        }
    }

    @Test("A client that has closed its own half is still answered")
    func aClientThatHasSentAllIsStillAnswered() async throws {
        try await RunningInterface.serve { running in
            for endpoint in [running.socket, running.tcp] {
                let client = try RawConnection(endpoint)
                try client.request("GET", "/healthz", host: running.host)
                client.finishSending()
                #expect(try client.answer().status == 200)
                try client.awaitClose()
            }
        }
    }

    /// An answer that nobody takes does not hold its place.
    @Test("A client that takes nothing of its answer is cut off")
    func aClientThatTakesNothingIsCut() async throws {
        try await RunningInterface.serve { limits in
            limits.stall = .milliseconds(100)
            limits.clients = 1
        } _: { running in
            running.kiosk.with { state in
                let details = SaleDetails(
                    sale: Samples.sale(.paid),
                    attempts: Array(repeating: Samples.attempt(), count: 100),
                )
                state.sales = Array(repeating: details, count: 200)
            }
            let greedy = try RawConnection(running.tcp)
            greedy.shrinkReceiveBuffer()
            try greedy.request(
                "GET",
                "/v1/sales?limit=200",
                host: running.host,
                headers: [RunningInterface.tokenHeader],
            )
            try eventually {
                (try? exchange(running.socket, "GET", "/healthz").status) == 200
            }
            withExtendedLifetime(greedy) {}
        }
    }

    /// Clients that connect and reset at once leave nothing behind.
    @Test("Connections that are reset leave nothing behind")
    func resetsLeaveNothingBehind() async throws {
        try await RunningInterface.serve { limits in
            limits.clients = 4
        } _: { running in
            for _ in 0..<200 {
                let client = try RawConnection(running.tcp)
                client.resetOnClose()
                try? client.send("GET /v1/events HTTP/1.1\r\nHost: \(running.host)\r\n\r\n")
            }
            try eventually {
                (try? exchange(running.tcp, "GET", "/healthz", host: running.host).status) == 200
            }
            try eventually { running.kiosk.feed.listenerCount == 0 }
        }
    }
}

/// Waits until `condition` holds, at most ``RawConnection/patience`` seconds; for what no event tells of. On the story's
/// own thread.
func eventually(_ condition: () -> Bool) throws {
    for _ in 0..<(RawConnection.patience * 200) {
        if condition() { return }
        usleep(5_000)
    }
    throw RawConnection.Failure.timedOut(soFar: "a condition never held")
}
