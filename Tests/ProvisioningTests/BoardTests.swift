import Provisioning
import TestKit
import Testing

@Suite("Board files")
struct BoardTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func load(_ draft: Draft, boards: [String] = []) throws -> Configuration {
        let file = try folder.write("kiosk.json", draft.text)
        return try Configuration.load(
            file: file,
            boardDirectories: boards,
            credentialsDirectory: nil,
        )
    }

    private func problems(_ draft: Draft) throws -> [ConfigurationProblem] {
        try #require(#expect(throws: ConfigurationError.self) { _ = try load(draft) }).problems
    }

    private var named: Draft {
        Draft.minimal.with(["kiosk.board": "\"b\"", "scanner.port": nil])
    }

    @Test("The board's keys lie under the configuration's own")
    func layers() throws {
        try folder.write(
            "board/b.json",
            """
            {"scanner": {"port": "ports/s", "baud": 115200}, "printer": {"port": "/dev/p", "flowControl": "none"},
             "lights": {"ready": 1, "busy": 2, "approved": 3, "declined": 4, "fault": 5, "activeLow": true},
             "pulse": {"line": 6, "widthMilliseconds": 30}}
            """
        )
        let board = try load(named)
        #expect(board.scanner.line.port == folder.path + "/ports/s")
        #expect(board.scanner.line.baud == 115_200)
        #expect(board.printer?.line.flowControl == SerialFlow.none)
        #expect(board.pulse == nil)

        let own = try load(
            named.with([
                "scanner.baud": "9600", "lights.fault": "9", "printer.profile": "\"generic-58\"",
                "pulse.line": "7",
            ])
        )
        #expect(own.scanner.line.baud == 9600)
        #expect(own.scanner.line.port == folder.path + "/ports/s")
        #expect(own.printer?.line.port == "/dev/p")
        #expect(own.printer?.profile == "generic-58")
        #expect(own.pulse?.line == 7)
        #expect(own.pulse?.width == .milliseconds(30))
        guard case .gpiod(let lines) = own.lights else {
            Issue.record("the board's lights are driven by GPIO")
            return
        }
        #expect(lines.all == [1, 2, 3, 4, 9])
        #expect(lines.activeLow)

        let text = named.text.dropLast(3) + ", \"printer\": null}"
        let file = try folder.write("other.json", String(text))
        #expect(try Configuration.load(file: file, credentialsDirectory: nil).printer == nil)
    }

    private typealias SerialFlow = Configuration.SerialLine.FlowControl

    @Test("A fault in a board file is reported in the board file")
    func faults() throws {
        let board = try folder.write(
            "board/b.json",
            "{\"scanner\": {\"port\": \"/dev/s\", \"baud\": \"fast\"},\n\"sale\": {\"amount\": 1}, \"lights\": 7}"
        )
        let found = try problems(named)
        #expect(Set(found.map(\.key)) == ["scanner.baud", "sale", "lights"])
        #expect(found.allSatisfy { $0.file == board })
        #expect(found.first { $0.key == "sale" }?.line == 2)

        try folder.write("board/b.json", "{")
        #expect(try problems(named).contains { $0.file == board })
    }

    @Test("A board that is nowhere is one problem that says where it was looked for")
    func missing() throws {
        let found = try problems(named.with(["scanner.port": "\"/dev/s\""]))
        #expect(found.map(\.key) == ["kiosk.board"])
        #expect(found[0].reason.contains(folder.path + "/board"))
        #expect(found[0].reason.contains("/usr/share/kioskpay/board"))
    }

    @Test("The board beside the configuration comes before the folders given")
    func order() throws {
        try folder.write("given/b.json", "{\"scanner\": {\"port\": \"/dev/given\"}}")
        let given = [folder.path + "/given"]
        #expect(try load(named, boards: given).scanner.line.port == "/dev/given")
        try folder.write("board/b.json", "{\"scanner\": {\"port\": \"/dev/beside\"}}")
        #expect(try load(named, boards: given).scanner.line.port == "/dev/beside")
    }

    @Test("The boards that come with the product load", arguments: ["simulated", "qemu-virt"])
    func shipped(name: String) throws {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let draft = Draft.minimal.with(["kiosk.board": "\"\(name)\"", "scanner.port": nil])
        let configuration = try load(draft, boards: ["/\(root)/board"])
        #expect(configuration.printer != nil)
        #expect(configuration.lights != .none)
    }
}
