import TestKit
import Testing

@testable import Provisioning
@testable import StrictJSON

/// `Configuration.md` is what people write their configuration by, so the reader itself is asked whether it is true.
@Suite("The document of the configuration")
struct ConfigurationDocumentTests {
    /// One key's row: `| key | takes | default | is |` below the heading of its section.
    private struct Row {
        let path: String
        let takes: String
        /// As it stands there: a JSON value in backticks, or `required`.
        let fallback: String

        var value: String? {
            fallback.hasPrefix("`") ? String(fallback.dropFirst().dropLast()) : nil
        }
    }

    private let folder: TestFolder
    private let lines: [Substring]
    private let rows: [Row]

    init() throws {
        folder = try TestFolder()
        let document = "../../Sources/Kiosk/Kiosk.docc/Configuration.md"
        lines = try TextFile.read(beside: #filePath, document)
            .split(separator: "\n", omittingEmptySubsequences: false)
        rows = Self.rows(of: lines)
        try #require(!rows.isEmpty)
    }

    private static func rows(of lines: [Substring]) -> [Row] {
        var rows: [Row] = []
        var section: Substring?
        for line in lines {
            let words = line.split(separator: "`", omittingEmptySubsequences: false)
            if line.hasPrefix("## ") { section = words.count == 3 ? words[1] : nil }
            let cells = line.split(separator: "|")
            guard let section, line.hasPrefix("| `"), cells.count >= 4 else { continue }
            rows.append(
                Row(
                    path: "\(section).\(words[1])",
                    takes: String(cells[1].dropFirst().dropLast()),
                    fallback: String(cells[2].dropFirst().dropLast())
                )
            )
        }
        return rows
    }

    private func load(_ draft: Draft) throws -> Configuration {
        let file = try folder.write("kiosk.json", draft.text)
        return try Configuration.load(file: file, credentialsDirectory: nil)
    }

    @Test("Its keys are exactly those that the reader knows, each once")
    func keys() throws {
        let path = try folder.write("kiosk.json", Draft.complete.text)
        let file = try ConfigurationFile(path: path, credentialsDirectory: nil)
        _ = Configuration(file, boardDirectories: [], review: { _ in [] }, Problems())
        let known = file.reader.children.flatMap { section in
            section.asked.map { "\(section.path).\($0)" }
        }
        #expect(rows.map(\.path).sorted() == Set(known).sorted())
        // What the sweep goes through is complete too.
        #expect(Draft.complete.paths.sorted() == Set(known).sorted())
    }

    @Test("What it says that a key takes is what the reader says")
    func values() throws {
        for row in rows {
            let draft = Draft.complete.with([row.path: "{}"])
            let error = try #require(
                #expect(throws: ConfigurationError.self) { _ = try load(draft) }
            )
            let reasons = error.problems.map(\.reason)
            #expect(reasons == ["must be \(row.takes), not an object"], "\(row.path)")
        }
    }

    @Test("Its defaults are what the reader takes for keys that are not there")
    func defaults() throws {
        var short = Draft.minimal
        for row in rows where row.value == nil {
            #expect(row.fallback == "required", "\(row.path)")
            short[row.path] = Draft.complete[row.path]
        }
        var long = short
        for row in rows { if let value = row.value { long[row.path] = value } }
        let (assumed, written) = (try load(short), try load(long))
        #expect(assumed.kiosk == written.kiosk)
        #expect(assumed.sale == written.sale)
        #expect(assumed.network == written.network)
        #expect(assumed.timing == written.timing)
        #expect(assumed.risk == written.risk)
        #expect(assumed.scanner == written.scanner)
        #expect(assumed.printer == written.printer)
        #expect(assumed.lights == written.lights)
        #expect(assumed.pulse == written.pulse)
        #expect(assumed.api == written.api)
        // The files know in which line they are named, which differs.
        #expect(assumed.weChat.baseURL == written.weChat.baseURL)
        #expect(assumed.weChat.standbyURL == written.weChat.standbyURL)
        #expect(assumed.weChat.signType == written.weChat.signType)
        #expect(assumed.weChat.terminalIP == written.weChat.terminalIP)
        #expect(assumed.weChat.subAppID == written.weChat.subAppID)
        #expect(assumed.weChat.subMerchantID == written.weChat.subMerchantID)
    }

    @Test("A key said to be required is missed when it is not there")
    func required() throws {
        for row in rows where row.value == nil {
            let draft = Draft.complete.with([row.path: nil])
            let error = try #require(
                #expect(throws: ConfigurationError.self) { _ = try load(draft) }
            )
            #expect(error.problems.map(\.key) == [row.path])
        }
    }

    @Test("Its example is a configuration")
    func example() throws {
        let start = try #require(lines.firstIndex(of: "```json"))
        let body = lines[(start + 1)...].prefix { $0 != "```" }
        let file = try folder.write("kiosk.json", body.joined(separator: "\n"))
        let configuration = try Configuration.load(file: file, credentialsDirectory: nil)
        #expect(configuration.printer != nil)
        #expect(configuration.api.listen == nil)
    }
}
