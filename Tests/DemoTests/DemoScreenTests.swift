import KioskClient
import Sandbox
import Testing

@testable import kioskpay

@Suite("The demo's picture")
struct DemoScreenTests {
    private func event(_ id: Int, _ state: String) throws -> KioskEvent {
        let stream = """
            id: \(id)
            event: sale
            data: {"id":\(id),"kind":"sale","sale":"S0123456789ABCDEF","order":null,"state":"\(state)",\
            "reason":null,"message":{"zh-Hans":"结果暂未确认：请退出微信支付密码页面。订单号 K0007-1。",\
            "en":"Not known yet: leave WeChat's password page; anything taken comes back by itself."}}


            """
        var parser = EventStreamParser()
        let events = try parser.received(Array(stream.utf8))
        return try KioskEvent(try #require(events.first))
    }

    @Test(
        "Every line is exactly as wide as the window, every picture as high",
        arguments: [(80, 24), (60, 16), (132, 50), (30, 5)]
    )
    func size(width: Int, height: Int) throws {
        var view = DemoView()
        view.events = try (1...40).map { try event($0, "confirming") }
        view.slip = (0..<30).map { "第 \($0) 行 " + String(repeating: "单", count: 20) }
        view.slipCount = 1
        view.ledger = (0..<9).map { "ORDER\($0) SUCCESS 2.00 kept" }
        view.hint = String(repeating: "x", count: 200)
        for view in [DemoView(), view] {
            let lines = DemoScreen(width: width, height: height).lines(view)
            #expect(lines.count == height)
            for line in lines { #expect(TerminalText.columns(of: line) == width, "\(line)") }
        }
    }

    @Test("Lights, sale, message, devices, slip, ledger and keys are there")
    func content() throws {
        var view = DemoView()
        view.lit = ["busy"]
        view.events = [try event(1, "confirming")]
        view.hasPaper = false
        view.slip = ["", "微信支付收据", "￥2.00"]
        view.slipCount = 1
        view.ledger = ["ABCDEF USERPAYING nothing"]
        let picture = DemoScreen(width: 80, height: 24).lines(view).joined(separator: "\n")
        for text in [
            "[ ] ready", "[*] busy", "S0123456789ABCDEF confirming", "NO PAPER", "订单号 K0007-1",
            "comes back by", "微信支付收据", "￥2.00", "ABCDEF USERPAYING nothing", "q quit",
            "1 sale confirming",
        ] {
            #expect(picture.contains(text), "\(text)")
        }
    }

    @Test(
        "Every line of a slip can be read, also where the window is lower than the slip",
        arguments: [(80, 24), (60, 16), (132, 50)]
    )
    func wholeSlip(width: Int, height: Int) {
        var view = DemoView()
        view.slip = (0..<26).map { $0 % 5 == 4 ? "" : "line \($0)." }
        view.slipCount = 1
        var seen: Set<String> = []
        for turn in 0..<6 {
            view.slipTurns = turn
            let picture = DemoScreen(width: width, height: height).lines(view)
            #expect(picture.count == height)
            for line in view.slip where picture.contains(where: { $0.hasPrefix(line + " ") }) {
                seen.insert(line)
            }
        }
        #expect(seen.isSuperset(of: view.slip.filter { !$0.isEmpty }))
        #expect(DemoScreen.help.allSatisfy { TerminalText.columns(of: $0) <= 80 })
    }

    @Test("Chinese takes two columns; what is too long ends with an ellipsis; no control character")
    func columns() {
        #expect(TerminalText.columns(of: "a收￥…") == 6)
        #expect(TerminalText.fit("收据", 5) == "收据 ")
        #expect(TerminalText.fit("微信支付", 6) == "微信… ")
        #expect(TerminalText.fit("a\u{1B}[2J", 8) == "a [2J   ")
        #expect(TerminalText.wrap("one two three", 8) == ["one two", "three"])
        #expect(TerminalText.wrap("一二三四五", 6) == ["一二三", "四五"])
    }

    @Test("Without a terminal each change is said once")
    func plain() throws {
        var report = PlainReport()
        var view = DemoView()
        #expect(report.lines(view).isEmpty)
        view.lit = ["ready"]
        view.events = [try event(1, "confirming")]
        view.ledger = ["A SUCCESS 2.00 kept"]
        view.slip = ["微信支付收据"]
        view.slipCount = 1
        let lines = report.lines(view)
        #expect(lines.contains("lights: ready"))
        #expect(lines.contains("event: 1 sale confirming"))
        #expect(lines.contains("ledger: A SUCCESS 2.00 kept"))
        #expect(lines.contains("    微信支付收据"))
        #expect(report.lines(view).isEmpty)
        view.ledger = ["A REVOKED 2.00 returned"]
        #expect(report.lines(view) == ["ledger: A REVOKED 2.00 returned"])
    }
}
