import Glibc
import Testing

@testable import Sandbox

@Suite("Keys and certificates")
struct SandboxMaterialTests {
    @Test("Made once, loaded afterwards, readable by the owner alone")
    func prepared() throws {
        try withFolder { folder throws in
            let made = try SandboxMaterial.prepare(in: folder)
            #expect(made.key.utf8.count == 32)
            #expect(made.identity.appID.hasPrefix("wx"))
            #expect(try SandboxMaterial.prepare(in: folder) == made)
            #expect(try PrivateFile.read(made.keyFile) == Array(made.key.utf8))
            for file in [
                made.authorityFile, made.keyFile, made.certificateFile, made.privateKeyFile,
            ] {
                var facts = stat()
                // A local that the call fills.
                #expect(unsafe stat(file, &facts) == 0)
                #expect(facts.st_mode & 0o777 == 0o600, "\(file)")
            }
        }
    }

    @Test("An unfinished or damaged folder is an error that says what to do")
    func damaged() throws {
        try withFolder { folder throws in
            let made = try SandboxMaterial.prepare(in: folder)
            unsafe unlink(folder + "/identity")
            #expect(throws: SandboxError.self) { try SandboxMaterial.prepare(in: folder) }
            try PrivateFile.create(folder + "/identity", Array("appid=wx1\n".utf8))
            let error = #expect(throws: SandboxError.self) {
                try SandboxMaterial.prepare(in: folder)
            }
            #expect(error?.description.contains("remove the folder") == true)
            unsafe unlink(made.authorityFile)
            try PrivateFile.create(made.authorityFile, Array("no certificate".utf8))
            #expect(throws: SandboxError.self) { try SandboxServer(material: made) }
        }
    }
}

@Suite("Dates")
struct CalendarDateTests {
    @Test(
        "Leap days, centuries, the epoch and before it",
        arguments: [
            (0, "19700101000000", "Thu, 01 Jan 1970 00:00:00 GMT"),
            (-1, "19691231235959", "Wed, 31 Dec 1969 23:59:59 GMT"),
            (784_111_777, "19941106084937", "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "20000229000000", "Tue, 29 Feb 2000 00:00:00 GMT"),
            (4_107_542_400, "21000301000000", "Mon, 01 Mar 2100 00:00:00 GMT"),
        ]
    )
    func dates(_ seconds: Int64, digits: String, http: String) {
        let date = CalendarDate(secondsSince1970: seconds)
        #expect(date.digits == digits && date.httpDate == http)
    }
}
