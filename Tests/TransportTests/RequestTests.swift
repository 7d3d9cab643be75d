import Testing
import Transport

@Suite("One request and its reply")
struct RequestTests {
    @Test("A POST goes out as the platform wants it, and the reply comes back whole")
    func plainPost() async throws {
        let server = TLSServer { $0.serve { HTTP.ok("you said \($0.body.count)", extra: HTTP.date) } }
        let client = try TestClient(server.url)
        let report = await client.post("<xml>1</xml>")

        #expect(report.bodyText == "you said 12")
        #expect(report.reply?.status == 200)
        #expect(report.reply?.contentType == "text/plain")
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
        // Times of writing: in order, and before the server had the request.
        let first = try #require(report.firstWriteNanoseconds)
        let last = try #require(report.lastWriteNanoseconds)
        #expect(first <= last)
    }
}
