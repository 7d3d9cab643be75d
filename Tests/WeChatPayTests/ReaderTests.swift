import Testing

@testable import WeChatPay

@Suite("Reading documents of API v2")
struct ReaderTests {
    private func read(_ text: String) throws -> V2Fields {
        try V2Reader.fields(of: Array(text.utf8))
    }

    private func fault(_ text: String) -> V2DocumentFault? { fault(Array(text.utf8)) }

    private func fault(_ bytes: [UInt8]) -> V2DocumentFault? {
        do throws(V2DocumentFault) {
            _ = try V2Reader.fields(of: bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test("Plain text, CDATA, references, a declaration and white space between elements")
    func accepted() throws {
        let fields = try read(
            """
            <?xml version="1.0" encoding="utf-8"?>
            <xml>
              <return_code><![CDATA[SUCCESS]]></return_code>
            \t<text>a &lt;b&gt; &amp; &quot;c&quot; &apos;d&apos; &#x5FAE;&#20449;</text>\r
              <cdata>x<![CDATA[<y>&amp;]]>z<![CDATA[]]]]><![CDATA[>]]></cdata>
              <blank> a b </blank><empty></empty><none/>
              <later-field.1>unknown, but signed</later-field.1>
            </xml>

            """
        )
        #expect(fields["return_code"] == "SUCCESS")
        #expect(fields["text"] == "a <b> & \"c\" 'd' 微信")
        #expect(fields["cdata"] == "x<y>&amp;z]]>")
        #expect(fields["blank"] == " a b ")
        #expect(fields["later-field.1"] == "unknown, but signed")
        #expect(fields.count == 7)
    }

    @Test("An empty element counts as absent, for it is not signed")
    func empty() throws {
        let fields = try read("<xml><a></a><b/><c><![CDATA[]]></c></xml>")
        for name in ["a", "b", "c", "d"] { #expect(fields[name] == nil) }
        #expect(!fields.holds("", in: "a"))
        #expect(try read("<xml/>").count == 0)
        #expect(try read("\u{FEFF}<xml><a>1</a></xml>")["a"] == "1")
    }

    @Test("Fields are compared by bytes: a Kelvin sign is no K")
    func comparison() throws {
        let fields = try read("<xml><a>\u{212A}0007</a><b>K0007</b></xml>")
        // The trap: Swift's own comparison takes them for equal.
        #expect(fields["a"] == "K0007")
        #expect(!fields.holds("K0007", in: "a"))
        #expect(fields.holds("K0007", in: "b"))
    }

    @Test(
        "Anything but one flat level of named text is refused, with the reason",
        arguments: [
            ("", .empty),
            (" ", .notXML),
            ("SUCCESS", .notXML),
            ("{\"return_code\":\"SUCCESS\"}", .notXML),
            ("<html><body>502</body></html>", .root),
            ("<HTML>", .root),
            ("<XML><a>1</a></XML>", .root),
            ("<!DOCTYPE html><html></html>", .doctype),
            ("<xml><a>1</a>", .notXML),
            ("<xml><a>1</a></xml", .notXML),
            ("<xml><a>1</b></xml>", .notXML),
            ("<xml><a>1</xml>", .notXML),
            ("<xml><a>1</a></xml><xml></xml>", .notXML),
            ("<xml><a>1</a></xml>SUCCESS", .notXML),
            ("x<xml><a>1</a></xml>", .notXML),
            (" <?xml version=\"1.0\"?><xml/>", .notXML),
            ("<xml><a>1</a><a>1</a></xml>", .duplicate),
            ("<xml><a></a><a>1</a></xml>", .duplicate),
            ("<xml><a><b>1</b></a></xml>", .depth),
            ("<xml><xml><a>1</a></xml></xml>", .depth),
            ("<xml>SUCCESS</xml>", .stray),
            ("<xml><a>1</a>,<b>2</b></xml>", .stray),
            ("<xml><![CDATA[x]]><a>1</a></xml>", .stray),
            ("<xml>\u{A0}<a>1</a></xml>", .stray),
            ("<xml><a b=\"1\">1</a></xml>", .attribute),
            ("<xml a=\"1\"/>", .attribute),
            ("<xml xmlns=\"urn:x\"><a>1</a></xml>", .attribute),
            ("<xml><p:a>1</p:a></xml>", .name),
            ("<xml><金额>1</金额></xml>", .name),
            ("<xml><a>1<!-- x -->2</a></xml>", .markup),
            ("<!-- x --><xml><a>1</a></xml>", .markup),
            ("<xml><?php x ?><a>1</a></xml>", .markup),
            ("<xml><a>1</a></xml><!-- x -->", .markup),
            ("<?xml version=\"1.0\" encoding=\"GBK\"?><xml/>", .encoding),
            ("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><xml/>", .encoding),
            ("<?xml version=\"1.0\" encoding=\"UTF-16\"?><xml/>", .encoding),
            ("<xml><a>&nbsp;</a></xml>", .notXML),
            ("<xml><a>&#0;</a></xml>", .notXML),
            ("<xml><a>&#xD800;</a></xml>", .notXML),
            ("<xml><a>&#x110000;</a></xml>", .notXML),
            ("<xml><a>&#1;</a></xml>", .notXML),
            ("<xml><a>\u{0}</a></xml>", .notXML),
            ("<xml><a>1</a></xml>\u{0}", .notXML),
            ("<xml><a>]]></a></xml>", .notXML),
            ("<xml><a>\u{FFFE}</a></xml>", .notXML),
        ] as [(String, V2DocumentFault)]
    )
    func refused(_ text: String, _ expected: V2DocumentFault) {
        #expect(fault(text) == expected)
    }

    @Test("DOCTYPE is refused before any entity is declared, expanded or fetched")
    func entities() {
        let laughs = (1...20).map { "<!ENTITY l\($0) \"&l\($0 - 1);&l\($0 - 1);\">" }.joined()
        let hostile = [
            "<!DOCTYPE xml [<!ENTITY x \"SUCCESS\">]><xml><a>&x;</a></xml>",
            "<!DOCTYPE xml [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><xml><a>&x;</a></xml>",
            "<!DOCTYPE xml SYSTEM \"http://127.0.0.1/x.dtd\"><xml><a>1</a></xml>",
            "<!DOCTYPE xml [<!ENTITY % p SYSTEM \"file:///dev/zero\"> %p;]><xml/>",
            "<!DOCTYPE xml [<!ENTITY l0 \"lol\">\(laughs)]><xml><a>&l20;</a></xml>",
            "<!DOCTYPE xml [<!ATTLIST a b CDATA \"1\">]><xml><a>1</a></xml>",
        ]
        for text in hostile { #expect(fault(text) == .doctype, "\(text)") }
    }

    @Test("Only UTF-8 is read, and only valid UTF-8")
    func encodings() {
        let text = "<xml><a>1</a></xml>"
        let utf16 = text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        #expect(fault(utf16) == .notXML)
        #expect(fault([0xFF, 0xFE] + utf16) == .notXML)
        let swapped = text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        #expect(fault(swapped) == .notXML)
        #expect(fault([0xFE, 0xFF] + swapped) == .notXML)
        #expect(fault([0xFF, 0xFE] + Array(text.utf8)) == .notXML)
        let invalid: [[UInt8]] = [
            [0xFF], [0xC0, 0x80], [0xC1, 0xBF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xE5, 0xBE], [0x80], [0xD6, 0xA7, 0xB8],
        ]
        for bytes in invalid {
            let body = Array("<xml><a>".utf8) + bytes + Array("</a></xml>".utf8)
            #expect(fault(body) == .notXML, "\(bytes)")
            let section = Array("<xml><a><![CDATA[".utf8) + bytes + Array("]]></a></xml>".utf8)
            #expect(fault(section) == .notXML, "\(bytes)")
        }
    }

    @Test("Size, number, names and values are bounded, and the bounds themselves are allowed")
    func bounds() throws {
        func body(fields: Int) -> String {
            "<xml>" + (0..<fields).map { "<f\($0)>1</f\($0)>" }.joined() + "</xml>"
        }
        #expect(try read(body(fields: 512)).count == 512)
        #expect(fault(body(fields: 513)) == .tooManyFields)

        func body(name: Int) -> String {
            let name = String(repeating: "n", count: name)
            return "<xml><\(name)>1</\(name)></xml>"
        }
        #expect(try read(body(name: 64)).count == 1)
        #expect(fault(body(name: 65)) == .name)

        func body(value: Int) -> String {
            "<xml><a>\(String(repeating: "v", count: value))</a></xml>"
        }
        #expect(try read(body(value: 24_576))["a"]?.utf8.count == 24_576)
        #expect(fault(body(value: 24_577)) == .fieldTooLong)

        // The bound is the whole value's, however many pieces it comes in.
        let section = "<![CDATA[" + String(repeating: "v", count: 64) + "]]>"
        let whole = String(repeating: section, count: 24_576 / 64)
        #expect(try read("<xml><a>\(whole)</a></xml>")["a"]?.utf8.count == 24_576)
        #expect(fault("<xml><a>\(whole)v</a></xml>") == .fieldTooLong)

        let bare = "<xml><a>1</a></xml>"
        let spaces = 65_536 - bare.utf8.count
        #expect(try read(bare + String(repeating: " ", count: spaces)).count == 1)
        #expect(fault(bare + String(repeating: " ", count: spaces + 1)) == .tooLarge)

        let deep = String(repeating: "<a>", count: 20_000)
        #expect(fault("<xml>" + deep) == .depth)
        #expect(fault("<xml><a " + String(repeating: "b='1' ", count: 9_000) + ">") == .notXML)
    }

    @Test("Every prefix of a document is refused")
    func truncated() throws {
        let body = try PlatformTwin().reply(PlatformTwin().payment).body
        for length in 0..<body.count {
            #expect(fault(Array(body.prefix(length))) != nil, "\(length)")
        }
        #expect(fault(body) == nil)
    }
}
