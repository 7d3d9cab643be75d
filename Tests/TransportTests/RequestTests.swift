import Testing
import Transport

/// A reply under a name, so that test reports stay short.
struct Form: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let reply: String

    init(_ name: String, _ reply: String) {
        testDescription = name
        self.reply = reply
    }
}

@Suite("One request and its reply")
struct RequestTests {
    @Test("A POST goes out as the platform wants it, and the reply comes back whole")
    func plainPost() async throws {
        let server = TLSServer {
            $0.serve { HTTP.ok("you said \($0.body.count)", extra: HTTP.date) }
        }
        let client = try TestClient(server.url)
        let report = await client.post("<xml>1</xml>")

        #expect(report.bodyText == "you said 12")
        #expect(report.reply?.status == 200)
        #expect(report.reply?.dateSeconds == HTTP.dateSeconds)
        #expect(report.reply?.host == server.url)
        #expect(report.writingBegan)
        let seen = try #require(server.requests.entries.first { $0.method == "POST" })
        let head = seen.head.lowercased()
        #expect(seen.path == "/pay/micropay")
        #expect(head.contains("content-type: text/xml; charset=utf-8\r\n"))
        #expect(head.contains(" http/1.1\r\n"))
        #expect(head.contains("user-agent: kioskpay\r\n"))
        #expect(!head.contains("expect:"))
        #expect(!seen.showedCertificate)
        let first = try #require(report.firstWriteNanoseconds)
        let last = try #require(report.lastWriteNanoseconds)
        #expect(first <= last)
    }

    @Test(
        "Replies in every legal form",
        arguments: [
            Form("plain", HTTP.ok("fine")),
            Form("closing", HTTP.ok("fine", extra: "Connection: close\r\n")),
            Form(
                "after an interim reply",
                "HTTP/1.1 100 Continue\r\nContent-Type: text/html\r\n\r\n" + HTTP.ok("fine")
            ),
            Form(
                "chunked",
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "2\r\nfi\r\n2;x=y\r\nne\r\n0\r\nDate: never\r\n\r\n"
            ),
        ]
    )
    func legalForms(form: Form) async throws {
        let server = TLSServer { $0.serve { _ in form.reply } }
        let client = try TestClient(server.url)
        for _ in 0..<2 {
            let report = await client.post()
            #expect(report.bodyText == "fine")
        }
    }

    @Test("A reply without a length ends with the connection")
    func closeDelimited() async throws {
        let server = TLSServer { connection in
            connection.serve { _ in
                connection.write("HTTP/1.1 200 OK\r\n\r\nfine")
                return nil
            }
        }
        let client = try TestClient(server.url)
        #expect(await client.post().bodyText == "fine")
    }

    @Test("Errors of the platform are replies, with their status")
    func statuses() async throws {
        let reply = Shared("")
        let server = TLSServer { $0.serve { _ in reply.value } }
        let client = try TestClient(server.url)
        reply.value =
            "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"
        let html = await client.post()
        #expect(html.reply?.status == 400)
        #expect(html.bodyText == "<html>")
        reply.value =
            "HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
        #expect(await client.post().reply?.status == 302)
    }

    @Test(
        "What is not HTTP, or lies about its length, is no reply",
        arguments: [
            (Form("not HTTP", "SSH-2.0-OpenSSH\r\n"), TransportFailure.garbled),
            (Form("too short", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfine"), .cut),
            (Form("no number", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nfine"), .garbled),
            (Form("interim only", "HTTP/1.1 100 Continue\r\n\r\n"), .cut),
            (Form("cut in a header", "HTTP/1.1 200 OK\r\nContent-Ty"), .cut),
            (
                Form(
                    "no last chunk",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n"
                ),
                .cut
            ),
        ]
    )
    func wrongForms(form: Form, failure: TransportFailure) async throws {
        let server = TLSServer { connection in
            connection.serve { _ in
                connection.write(form.reply)
                return nil
            }
        }
        let client = try TestClient(server.url)
        let report = await client.post()
        #expect(report.failure == failure)
        #expect(report.writingBegan)
    }

    @Test(
        "A reply larger than allowed is dropped",
        arguments: [
            Form("by its length", HTTP.ok(String(repeating: "x", count: 1001))),
            Form(
                "by its chunk",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n"
                    + String(repeating: "x", count: 1001)
            ),
            Form(
                "by its head",
                "HTTP/1.1 200 OK\r\n"
                    + String(repeating: "X: \(String(repeating: "y", count: 900))\r\n", count: 100)
            ),
        ]
    )
    func oversized(form: Form) async throws {
        let server = TLSServer { connection in
            connection.serve { _ in
                connection.write(form.reply)
                connection.awaitEnd()
                return nil
            }
        }
        let client = try TestClient(server.url) { $0.maximumReplyBytes = 1000 }
        #expect(await client.post().failure == .oversized)
    }

    @Test("A reply as large as allowed is taken")
    func largest() async throws {
        let server = TLSServer { $0.serve { _ in HTTP.ok(String(repeating: "x", count: 1000)) } }
        let client = try TestClient(server.url) { $0.maximumReplyBytes = 1000 }
        #expect(await client.post().reply?.body.count == 1000)
    }

    @Test("A reply that dawdles ends with the request's time")
    func slow() async throws {
        let server = TLSServer { connection in
            connection.serve { _ in
                connection.write("HTTP/1.1 200 OK\r\nContent-")
                connection.awaitEnd()
                return nil
            }
        }
        let client = try TestClient(server.url) { $0.requestTimeout = .milliseconds(300) }
        let clock = ContinuousClock()
        let start = clock.now
        let report = await client.post()
        #expect(report.failure == .timedOut)
        #expect(report.writingBegan)
        #expect(clock.now - start >= .milliseconds(300))
    }

    @Test(
        "A cut connection tells whether a line of the reply came before it",
        arguments: [
            ("", false), ("HTTP/1.1 20", false), ("HTTP/1.1 200 OK\r\nContent-", true),
            ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1234", true),
        ]
    )
    func replyBegan(_ text: String, _ began: Bool) async throws {
        let server = TLSServer { connection in
            connection.serve { _ in
                connection.write(text)
                connection.reset()
                return nil
            }
        }
        let client = try TestClient(server.url)
        // libcurl repeats it once if the connection was open before; that one ends the same way.
        let report = await client.post(kind: .repeatable)
        #expect(report.failure == .cut)
        #expect(report.replyBegan == began)
    }

    @Test("A large body arrives whole")
    func largeBody() async throws {
        let server = TLSServer { $0.serve { HTTP.ok("\($0.body.count)") } }
        let client = try TestClient(server.url)
        let report = await client.post(String(repeating: "x", count: 1_000_000))
        #expect(report.bodyText == "1000000")
        #expect(await client.post("").bodyText == "0")
    }

    @Test("The client certificate is shown only on connections of its own")
    func clientCertificate() async throws {
        let server = TLSServer { $0.serve { HTTP.ok($0.showedCertificate ? "yes" : "no") } }
        let client = try TestClient(server.url) {
            $0.clientCertificateFile = TestFiles.clientCertificate
            $0.clientKeyFile = TestFiles.clientKey
        }
        try await client.warmedUp()
        for _ in 0..<3 {
            #expect(await client.post().bodyText == "no")
            let reverse = await client.post(kind: .repeatable, usesClientCertificate: true)
            #expect(reverse.bodyText == "yes")
        }
        // One connection of each kind, kept alive.
        #expect(server.connections.entries.count == 2)
    }

    @Test("Without a certificate nothing that needs one is sent")
    func missingCertificate() async throws {
        let server = TLSServer { $0.serve { _ in HTTP.ok("") } }
        let client = try TestClient(server.url)
        let report = await client.post(kind: .repeatable, usesClientCertificate: true)
        #expect(report.failure == .tls)
        #expect(!report.writingBegan)
    }

    @Test(
        "A path that cannot stand in a request line is refused",
        arguments: ["", "pay", "/a b", "/a\r\nX: y", "/付款", "/a#b"]
    )
    func malformedPath(path: String) async throws {
        let server = TLSServer { $0.serve { _ in HTTP.ok("") } }
        let client = try TestClient(server.url)
        let report = await client.post(path: path)
        #expect(report.failure == .malformedRequest)
        #expect(!report.writingBegan)
    }

    @Test("No description shows what a body holds (G1)")
    func descriptions() {
        let secret = Array("134567890123456789".utf8)
        let request = HTTPSRequest(
            path: "/pay/micropay",
            body: secret,
            usesClientCertificate: false,
            kind: .submit
        )
        #expect("\(request)" == "POST /pay/micropay, 18 bytes, submit")
        let report = TransferReport(
            writingBegan: true,
            result: .reply(HTTPSReply(status: 200, body: secret, host: "https://pay.test"))
        )
        #expect("\(report)".contains("HTTP 200 from https://pay.test, 18 bytes"))
        #expect(!"\(report)".contains("49, 51"))
    }

    @Test("Every failure has a word of its own and a sentence")
    func words() {
        let all = TransportFailure.allCases
        #expect(Set(all.map(\.rawValue)).count == all.count)
        #expect(all.allSatisfy { $0.sentence.hasSuffix(".") })
    }
}
