import KioskClient
import Testing

@Suite("Server-Sent Events, read in any pieces")
struct EventStreamParserTests {
    private func events(
        _ text: String,
        size: Int,
    ) throws -> (events: [EventStreamParser.Event], parser: EventStreamParser) {
        var parser = EventStreamParser(lastID: "0")
        var events: [EventStreamParser.Event] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            events += try parser.received(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return (events, parser)
    }

    @Test("Events, comments and ids, with every kind of line end", arguments: ["\n", "\r\n", "\r"])
    func stream(end: String) throws {
        let lines = [
            "retry: 1000", "id: 7", "", ": ping", "", "id: 8", "event: sale", "data: {\"a\":1}", "",
            "event:notice", "data:one", "data: two", "", "id: 9", "", "data", "", "",
        ]
        for size in 1...30 {
            let (events, parser) = try events(lines.joined(separator: end), size: size)
            #expect(events.map(\.name) == ["sale", "notice", "message"])
            #expect(events.map(\.data) == ["{\"a\":1}", "one\ntwo", ""])
            #expect(events.map(\.id) == ["8", "8", "9"])
            #expect(parser.lastID == "9")
        }
    }

    @Test("An event that was cut off does not count, nor does its id")
    func cutOff() throws {
        let (events, parser) = try events(
            "id: 5\ndata: a\n\nid: 6\nevent: sale\ndata: b\n",
            size: 4
        )
        #expect(events.map(\.data) == ["a"])
        // What to resume from: event 6 comes again.
        #expect(parser.lastID == "5")
    }

    @Test("An endless line is an error")
    func endless() {
        var parser = EventStreamParser()
        #expect(throws: LocalCallError.self) {
            for _ in 0..<40 {
                _ = try parser.received([UInt8](repeating: 0x61, count: 65_536))
            }
        }
    }
}
