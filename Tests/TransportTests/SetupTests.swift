import Testing
import Transport

@Suite("Configuration that cannot be used is refused in one sentence")
struct SetupTests {
    private static let good = "https://127.0.0.1:1"

    private func fault(
        _ primary: String = good,
        _ standby: String? = nil,
        change: (inout HTTPSConfiguration) -> Void = { _ in }
    ) throws -> String {
        let error = try #require(throws: TransportSetupError.self) {
            _ = try TestClient(primary, standby, change: change)
        }
        return error.description
    }

    @Test(
        "Hosts are https, with a name, a port and nothing more",
        arguments: [
            "", "pay.test", "http://pay.test", "https://", "https://pay.test/v2",
            "https://pay.test?x=1", "https://user@pay.test", "https://user:word@pay.test",
            "https://pay.test#x", "https://pay.test:99999", "https://pay test", "https://支付.test",
            "ftp://pay.test", "https://pay.test\r\nX: y",
        ]
    )
    func hosts(text: String) throws {
        #expect(try fault(text).contains("primary host \"\(text)\""))
        #expect(try fault(Self.good, text).contains("standby host"))
    }

    @Test("Files are named")
    func files() throws {
        let garbage = TestFiles.write(Array("no PEM".utf8), "garbage.pem")
        let empty = TestFiles.write([], "empty.pem")
        let missing = "/nonexistent/file.pem"
        for path in [garbage, empty, missing, "/"] {
            #expect(try fault { $0.caFile = path }.contains("CA file \(path)"))
            let certificate = try fault {
                $0.clientCertificateFile = path
                $0.clientKeyFile = TestFiles.clientKey
            }
            #expect(certificate.contains("client certificate \(path)"))
            let key = try fault {
                $0.clientCertificateFile = TestFiles.clientCertificate
                $0.clientKeyFile = path
            }
            #expect(key.contains("client key \(path)"))
        }
    }

    @Test("Certificate and key come together and belong together")
    func pair() throws {
        #expect(
            try fault { $0.clientCertificateFile = TestFiles.clientCertificate }
                .contains("has no key file")
        )
        #expect(
            try fault { $0.clientKeyFile = TestFiles.clientKey }.contains("has no certificate file")
        )
        let other = TestFiles.write(TestAuthority.shared.issue("DNS:x").key, "other-key.pem")
        let mismatch = try fault {
            $0.clientCertificateFile = TestFiles.clientCertificate
            $0.clientKeyFile = other
        }
        #expect(mismatch.contains("does not belong to"))
        #expect(mismatch.contains(other))
    }

    @Test("A proxy is a URL; its password is not repeated")
    func proxy() throws {
        for scheme in ["http", "https", "socks5", "socks5h"] {
            _ = try TestClient(Self.good) { $0.proxy = "\(scheme)://127.0.0.1:1" }
        }
        #expect(try fault { $0.proxy = "gopher://user:secret@x" }.contains("proxy"))
        #expect(try !fault { $0.proxy = "gopher://user:secret@x" }.contains("secret"))
    }
}
