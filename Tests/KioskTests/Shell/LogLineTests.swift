import Devices
import Glibc
import Kiosk
import Logging
import Payments
import Testing
import Threads

@Suite("The log (G1)")
struct LogLineTests {
    /// What a logger writes, as journald would read it.
    private static func lines(
        _ level: Logger.Level = .debug,
        isJournald: Bool = true,
        _ body: (Logger) -> Void
    ) -> String {
        var ends: [Int32] = [-1, -1]
        // The kernel writes two descriptors into the array's two places.
        guard unsafe pipe(&ends) == 0 else { return "" }
        defer { close(ends[0]) }
        let writer = LogWriter(descriptor: ends[1], isJournald: isJournald)
        body(Logger(label: "test") { _ in JournaldLogHandler(writer: writer, level: level) })
        writer.close()
        close(ends[1])
        var text: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            // The array outlives the call and has the length passed.
            let count = unsafe read(ends[0], &bytes, bytes.count)
            guard count > 0 else { return String(decoding: text, as: UTF8.self) }
            text += bytes[..<count]
        }
    }

    @Test("One line each: priority, message, metadata in a fixed order")
    func form() {
        let text = Self.lines { log in
            log.error("It broke.", metadata: ["b": "2", "a": "1"])
            log.info("It works.")
        }
        #expect(text == "<3>It broke. a=1 b=2\n<6>It works.\n")
    }

    @Test("Without journald a word stands where the priority would")
    func words() {
        #expect(Self.lines(isJournald: false) { $0.warning("Low.") } == "warning: Low.\n")
    }

    @Test("What comes from outside cannot make lines of its own")
    func injection() {
        let text = Self.lines { log in
            log.info("a\n<0>forged", metadata: ["x": "\u{1B}[31m\r\n<0>forged"])
        }
        #expect(text.split(separator: "\n").count == 1)
        #expect(!text.contains("\u{1B}"))
    }

    @Test("No control character of any kind reaches a terminal; other characters do")
    func controls() {
        let values = Array(UInt32(0x00)...0x1F) + Array(UInt32(0x7F)...0x9F)
        for control in values.compactMap({ Unicode.Scalar($0) }) {
            let text = Self.lines { log in
                log.info("a\(control)b", metadata: ["x": "c\(control)d"])
            }
            #expect(text == "<6>a b x=c d\n", "U+\(String(control.value, radix: 16))")
        }
        #expect(Self.lines { $0.info("§ é 付 €") } == "<6>§ é 付 €\n")
    }

    @Test("Below the level nothing is written")
    func level() {
        #expect(Self.lines(.warning) { $0.info("quiet") } == "")
    }

    @Test("Types that hold a payment code print masked, however they are printed")
    func masked() throws {
        let digits = "134567890123456789"
        let scanned = ScannedCode(recognising: digits)
        let frame = ScannedFrame(text: digits, firstByte: 1, lastByte: 2)
        let event = TillEvent.codeScanned(scanned, CodeFingerprint("f"))
        let text = Self.lines { log in
            log.debug("\(scanned) \(frame) \(event)", metadata: ["code": "\(scanned)"])
            log.debug("\(String(reflecting: scanned)) \(String(reflecting: frame))")
            var dumped = ""
            dump(scanned, to: &dumped)
            dump(frame, to: &dumped)
            log.debug("\(dumped)")
        }
        #expect(!text.contains(digits))
        #expect(!text.contains("4567890123"))
        #expect(text.contains("13…6789"))
    }

    @Test("A reader that never reads loses lines and stalls nobody")
    func stalled() {
        var ends: [Int32] = [-1, -1]
        // The kernel writes two descriptors into the array's two places.
        guard unsafe pipe(&ends) == 0 else { return }
        let writer = LogWriter(descriptor: ends[1], isJournald: true)
        let log = Logger(label: "test") { _ in JournaldLogHandler(writer: writer, level: .debug) }
        let long = String(repeating: "x", count: 200)
        let time = ContinuousClock().measure {
            for _ in 0..<20_000 { log.info("\(long)") }
        }
        #expect(time < .seconds(5))
        let reading = ends[0]
        let reader = OwnThread(name: "reader") {
            var bytes = [UInt8](repeating: 0, count: 65_536)
            // The array outlives the call and has the length passed; ends when the writing end is closed.
            while unsafe read(reading, &bytes, bytes.count) > 0 {}
        }
        writer.close()
        close(ends[1])
        #expect(reader.waitUntilEnded(atMost: .seconds(5)))
        close(ends[0])
    }
}
