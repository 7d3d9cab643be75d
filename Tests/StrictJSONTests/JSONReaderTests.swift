import StrictJSON
import Testing

private enum Mode: String, CaseIterable {
    case api
    case fixed
}

@Suite("Reading JSON strictly (E1)")
struct JSONReaderTests {
    private func reader(_ text: String, maximumBytes: Int = 4096) throws(JSONError) -> JSONReader {
        try JSONReader.parse(Array(text.utf8), maximumBytes: maximumBytes)
    }

    /// The error that `body` throws; a failure of the test if it throws none.
    private func error(_ body: () throws -> Void) throws -> JSONError {
        try #require(#expect(throws: JSONError.self) { try body() })
    }

    @Test("Every type reads back, nested objects too, and nothing is left unread")
    func values() throws {
        let root = try reader(
            """
            {"sale": {"mode": "fixed", "amount": 200, "text": "寄存 24 h", "auto": true, "wait": 0.25},
             "none": null, "lines": [{"n": 1}, {"n": 2}]}
            """
        )
        let sale = try root.object("sale")
        #expect(try sale.choice("mode", of: Mode.self) == .fixed)
        #expect(try sale.integer("amount", in: 1...100_000) == 200)
        #expect(try sale.string("text", bytes: 1...127) == "寄存 24 h")
        #expect(try sale.boolean("auto"))
        #expect(try sale.seconds("wait", in: .zero ... .seconds(5)) == .milliseconds(250))
        #expect(root.presence(of: "none") == .null)
        #expect(root.presence(of: "sale") == .value)
        #expect(root.presence(of: "nowhere") == .absent)
        #expect(try root.optionalString("none", bytes: 0...1) == nil)
        #expect(try root.optionalInteger("nowhere", in: 0...1) == nil)
        let lines = try root.objects("lines", maximumCount: 2)
        #expect(try lines.map { reader throws in try reader.integer("n", in: 0...9) } == [1, 2])
        try root.finish()
    }

    @Test("A missing key takes its default, and without one it is an error that says what to give")
    func defaults() throws {
        let root = try reader("{}")
        #expect(try root.integer("a", in: 1...5, default: 3) == 3)
        #expect(try root.string("b", bytes: 0...9, default: "x") == "x")
        #expect(try root.boolean("c", default: true))
        #expect(try root.choice("d", of: Mode.self, default: .api) == .api)
        #expect(
            try root.seconds("e", in: .zero ... .seconds(9), default: .seconds(4)) == .seconds(4)
        )
        let missing = try error { _ = try root.integer("amount", in: 1...5) }
        #expect(missing.kind == .missing)
        #expect(missing.description == "amount: is missing; give a whole number from 1 to 5")
        #expect(try error { _ = try root.object("sale") }.kind == .missing)
    }

    @Test(
        "An amount is a whole number in its range, however the text tries",
        arguments: [
            ("1.0", JSONError.Kind.wrongType), ("1e2", .wrongType), ("2E0", .wrongType),
            ("\"1\"", .wrongType), ("true", .wrongType), ("null", .wrongType), ("[]", .wrongType),
            ("{}", .wrongType), ("0", .invalid), ("-1", .invalid), ("-0", .invalid),
            ("100001", .invalid), ("9223372036854775807", .invalid),
            ("9223372036854775808", .invalid), ("1e999", .invalid), ("01", .syntax),
            ("+1", .syntax), ("0x1", .syntax), ("١", .syntax), ("NaN", .syntax), ("1.", .syntax),
        ]
    )
    func amounts(text: String, kind: JSONError.Kind) throws {
        let refusal = try error {
            _ = try reader("{\"amount\": \(text)}").integer("amount", in: 1...100_000)
        }
        #expect(refusal.kind == kind, "\(refusal)")
        #expect(refusal.path == "amount")
        #expect(refusal.line == 1)
    }

    @Test("Narrow integers are bounded by their range, not by a trap")
    func narrow() throws {
        let root = try reader("{\"n\": 300, \"m\": 255}")
        #expect(try error { _ = try root.integer("n", in: UInt8.min...UInt8.max) }.kind == .invalid)
        #expect(try root.integer("m", in: UInt8.min...UInt8.max) == 255)
    }

    @Test("Errors name line and path, and never the value (G1)")
    func places() throws {
        let text = """
            {
              "sale": {
                "amount": "134567890123456789"
              }
            }
            """
        let refusal = try error {
            _ = try reader(text).object("sale").integer("amount", in: 1...5)
        }
        #expect(
            refusal.description
                == "line 3: sale.amount: must be a whole number from 1 to 5, not a string"
        )
        let word = try error {
            _ = try reader("{\"mode\": \"13456\"}").choice("mode", of: Mode.self)
        }
        #expect(word.description == "line 1: mode: must be one of \"api\", \"fixed\"")
    }

    @Test("A key that stands twice is refused with its path, wherever it is")
    func duplicates() throws {
        for (text, path, line) in [
            ("{\"amount\": 1, \"amount\": 2}", "amount", 1),
            ("{\"sale\": {\n\"a\": [{\"x\": 1}, {\"b\": 1,\n \"b\": 1}]}}", "sale.a[1].b", 3),
            // The same key spelt with an escape is the same key.
            ("{\"amount\": 1, \"am\\u006funt\": 2}", "am\\u006funt", 1),
        ] {
            let refusal = try error { _ = try reader(text) }
            #expect(refusal.kind == .duplicateKey)
            #expect(refusal.path == path)
            #expect(refusal.line == line)
        }
        // One character in two encodings: equal to every reader but jansson.
        let composed = try error { _ = try reader("{\"\u{E9}\": 1, \"e\u{301}\": 2}") }
        #expect(composed.kind == .duplicateKey)
    }

    @Test("Unread keys are unknown, with the nearest known one as a hint")
    func unknown() throws {
        let root = try reader("{\"sale\": {\"amuont\": 1, \"colour\": 2}, \"Zzz\": 1}")
        let sale = try root.object("sale")
        _ = try sale.integer("amount", in: 1...5, default: 1)
        #expect(
            root.unknownKeys().map(\.description) == [
                "line 1: Zzz: is not a known key; remove it",
                "line 1: sale.amuont: is not a known key; did you mean \"amount\"?",
                "line 1: sale.colour: is not a known key; remove it",
            ]
        )
        #expect(try error { try root.finish() }.path == "Zzz")
        #expect(root.unknownKeys(maximumCount: 2).count == 2)
    }

    @Test("A key without a character is named all the same")
    func emptyKey() throws {
        let outer = try reader("{\"\": 1}")
        #expect(try error { try outer.finish() }.path == "\"\"")
        let inner = try reader("{\"a\": {\n\"\": 1}}")
        _ = try inner.object("a")
        let refusal = try error { try inner.finish() }
        #expect(refusal.path == "a.\"\"")
        #expect(refusal.line == 2)
        let twice = try error { _ = try reader("{\"\": 1, \"\": 2}") }
        #expect(twice.kind == .duplicateKey)
        #expect(twice.path == "\"\"")
    }

    @Test("An unknown key cannot forge a log line")
    func hostileKey() throws {
        let root = try reader("{\"a\\nb\": 1, \"\(String(repeating: "k", count: 500))\": 2}")
        for refusal in root.unknownKeys() {
            #expect(!refusal.description.contains("\n"))
            #expect(refusal.path.count < 50)
        }
    }

    // Found by fuzzing.
    @Test("A payment code that stands in a key is not quoted (G1)")
    func codeInAKey() throws {
        let code = "134567890123456789"
        for (key, shown) in [
            (code, "13…6789"), ("a" + code + "b", "a13…6789b"),
            (code + "-\(code)", "13…6789-13…6789"),
            ("123456789012345", "123456789012345"),
            (String(repeating: "k", count: 38) + code, String(repeating: "k", count: 38) + "13…"),
        ] {
            let root = try reader("{\"\(key)\": 1}")
            #expect(root.unknownKeys().map(\.path) == [shown])
            let twice = try error { _ = try reader("{\"\(key)\": 1, \"\(key)\": 2}") }
            #expect(twice.path == shown)
        }
    }

    @Test("Depth and size are bounded")
    func bounds() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "{\"a\":", count: depth) + "1" + String(repeating: "}", count: depth)
        }
        _ = try reader(nested(16))
        let deep = try error { _ = try reader(nested(17)) }
        #expect(deep.kind == .tooDeep)
        #expect(deep.path == Array(repeating: "a", count: 16).joined(separator: "."))
        // Far too deep for a recursive parser on a small stack.
        let endless = String(repeating: "[", count: 200_000)
        #expect(try error { _ = try reader(endless, maximumBytes: 1 << 20) }.kind == .tooDeep)

        #expect(try error { _ = try reader("{}  ", maximumBytes: 3) }.kind == .tooLarge)
        _ = try reader("{} ", maximumBytes: 3)
    }

    @Test(
        "What is not JSON, not UTF-8 or not an object is refused with a sentence",
        arguments: [
            "", " ", "null", "\"a\"", "1", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}",
            "{a:1}",
            "{'a':1}", "{} {}", "{\"a\":tru}", "{\"a\":\"\\x\"}", "{\"a\":\"\\ud800\"}",
            "{\"a\":\"\\u0000\"}", "{\"\\u0000\":1}", "{\"a\":\"\u{1}\"}", "// c\n{}", "\u{FEFF}{}",
            "]", "}",
        ]
    )
    func malformed(text: String) throws {
        let refusal = try error { _ = try reader(text) }
        #expect(refusal.kind == .syntax, "\(refusal)")
        // What is wrong, and what to do.
        #expect(
            refusal.reason.contains("; ") || refusal.reason.hasPrefix("must be"),
            "\(refusal)"
        )
    }

    @Test("A NUL is refused wherever it stands, also right after a number or a word")
    func nul() throws {
        let text = Array("{\n\"a\": 12, \"b\": true}".utf8)
        for place in 0...text.count {
            var bytes = text
            bytes.insert(0, at: place)
            let refusal = try error { _ = try JSONReader.parse(bytes, maximumBytes: 100) }
            #expect(refusal.kind == .syntax, "at byte \(place)")
            #expect(refusal.line == (place < 2 ? 1 : 2), "at byte \(place)")
        }
    }

    @Test("Bytes that are not UTF-8 are refused")
    func encoding() throws {
        let bytes: [UInt8] = Array("{\"a\":\"".utf8) + [0xC3, 0x28] + Array("\"}".utf8)
        let refusal = try error { _ = try JSONReader.parse(bytes, maximumBytes: 64) }
        #expect(
            refusal.description == "line 1: a: is not valid UTF-8; save the text as plain UTF-8"
        )
        let array = try error { _ = try JSONReader.parse(Array("[1]".utf8), maximumBytes: 64) }
        #expect(array.description == "line 1: must be an object, not an array")
    }

    @Test("Strings are bounded in bytes and hold no control characters")
    func strings() throws {
        let root = try reader("{\"a\": \"四个字\", \"b\": \"x\\u001b@\", \"c\": \"\"}")
        #expect(try error { _ = try root.string("a", bytes: 1...8) }.kind == .invalid)
        let exact = try error { _ = try root.string("a", bytes: 3...3) }
        #expect(exact.reason == "must be a string of exactly 3 bytes")
        #expect(try root.string("a", bytes: 1...9) == "四个字")
        #expect(try error { _ = try root.string("b", bytes: 1...8) }.kind == .invalid)
        #expect(try error { _ = try root.string("c", bytes: 1...8) }.kind == .invalid)
    }

    @Test("Seconds may have a fraction, and no number overflows them")
    func seconds() throws {
        let range = Duration.milliseconds(50) ... .seconds(45)
        for (text, wanted) in [
            ("45", Duration.seconds(45)), ("0.05", .milliseconds(50)), ("1e1", .seconds(10)),
        ] {
            #expect(try reader("{\"s\": \(text)}").seconds("s", in: range) == wanted)
        }
        for text in ["0.049", "45.001", "-1", "1e300", "9223372036854775807", "-1e18"] {
            let refusal = try error { _ = try reader("{\"s\": \(text)}").seconds("s", in: range) }
            #expect(refusal.reason == "must be a number of seconds from 0.05 to 45", "\(text)")
        }
        #expect(
            try error { _ = try reader("{\"s\": \"5\"}").seconds("s", in: range) }.kind
                == .wrongType
        )
        #expect(Duration.milliseconds(-250).secondsText == "-0.25")
    }

    @Test("Arrays of objects are bounded and hold nothing else")
    func arrays() throws {
        let root = try reader("{\"a\": [{}, {}], \"b\": [{}, 1], \"c\": {}}")
        #expect(try error { _ = try root.objects("a", maximumCount: 1) }.kind == .invalid)
        #expect(try error { _ = try root.objects("b", maximumCount: 9) }.kind == .invalid)
        #expect(try error { _ = try root.objects("c", maximumCount: 9) }.kind == .wrongType)
        let nested = try reader("{\"a\": [{\"n\": 1}, {\n\"n\": \"x\"}]}").objects(
            "a",
            maximumCount: 9
        )
        let refusal = try error { _ = try nested[1].integer("n", in: 0...9) }
        #expect(refusal.path == "a[1].n")
        #expect(refusal.line == 2)
    }

    @Test("Thousands of unknown keys cost little")
    func manyKeys() throws {
        let members = (0..<4000).map { "\"key\($0)\": 1" }.joined(separator: ",")
        let root = try reader("{\(members)}", maximumBytes: 1 << 20)
        let start = ContinuousClock.now
        #expect(root.unknownKeys().count == 20)
        #expect(ContinuousClock.now - start < .seconds(5))
    }
}
