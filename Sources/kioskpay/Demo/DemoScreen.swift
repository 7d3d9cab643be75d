/// Sets a ``DemoView`` in the lines of a terminal. Pure. Made for 80 columns and 24 lines; a larger window shows more.
struct DemoScreen: Sendable {
    static let smallestWidth = 60
    static let smallestHeight = 16
    /// What an 80 mm slip has.
    private static let slipWidth = 48
    private static let messageHeight = 4

    static let help = [
        "s scan  w scan, password  p type it  c close its page  r too little money",
        "e expired code  x cancel  n network  o paper  k scanner  space slip  q quit",
    ]

    let width: Int
    let height: Int

    func lines(_ view: DemoView) -> [String] {
        guard width >= Self.smallestWidth, height >= Self.smallestHeight else {
            let text = "Make the window at least \(Self.smallestWidth) by \(Self.smallestHeight)."
            return [TerminalText.fit(text, width)] + blank(height - 1)
        }
        let head = head(view)
        let foot = [view.hint] + Self.help
        let room = height - head.count - foot.count
        return (head + panes(view, room) + foot).map { TerminalText.fit($0, width) }
    }

    private func blank(_ count: Int) -> [String] {
        [String](repeating: TerminalText.fit("", width), count: max(0, count))
    }

    private func head(_ view: DemoView) -> [String] {
        let lamps = DemoView.lights.map { (view.lit.contains($0) ? "[*] " : "[ ] ") + $0 }
        let sale = view.sale.map { "sale \($0.id) \($0.state)" } ?? "no sale yet"
        var things = [
            view.isNetworkUp ? "network up" : "NETWORK CUT",
            view.hasPaper ? "paper in" : "NO PAPER",
            view.isScannerPlugged ? "scanner in" : "SCANNER OUT",
        ]
        if !view.isDaemonRunning { things.append("DAEMON ENDED") }
        return [
            "kioskpay demo   " + lamps.joined(separator: "  "),
            sale + "   " + things.joined(separator: ", "),
        ] + message(view)
    }

    /// What the payer reads, in both languages; below it a rule if there is room.
    private func message(_ view: DemoView) -> [String] {
        var lines: [String] = []
        if let message = view.message {
            lines = TerminalText.wrap(message.chinese, width)
            lines += TerminalText.wrap(message.english, width)
        }
        lines = Array(lines.prefix(Self.messageHeight))
        if lines.count < Self.messageHeight {
            lines += [String](repeating: "", count: Self.messageHeight - 1 - lines.count)
            lines.append(String(repeating: "-", count: width))
        }
        return lines
    }

    /// The slip on the left; events and ledger on the right.
    private func panes(_ view: DemoView, _ room: Int) -> [String] {
        let left = min(Self.slipWidth, width - 30)
        let right = width - left - 3
        let slip = slip(view, room)
        let ledgerRoom = max(2, room / 2 - 1)
        let ledger = ["-- ledger of the stand-in"] + view.ledger.suffix(ledgerRoom - 1)
        let events = view.events.suffix(room - ledger.count - 1).map(\.line)
        var side = ["-- events"] + events
        side += [String](repeating: "", count: max(0, room - side.count - ledger.count)) + ledger
        return (0..<room).map { row in
            let paper = row < slip.count ? slip[row] : ""
            let note = row < side.count ? side[row] : ""
            return TerminalText.fit(paper, left) + " | " + TerminalText.fit(note, right)
        }
    }

    /// The slip, or the part of it that was turned to if there is room for parts only: blank lines go first, then rules.
    private func slip(_ view: DemoView, _ room: Int) -> [String] {
        guard view.slipCount > 0 else { return ["(no slip has come out yet)"] }
        var lines = view.slip
        while lines.count > room,
            let blank = lines.firstIndex(where: { $0.allSatisfy { $0 == " " } })
        {
            lines.remove(at: blank)
        }
        while lines.count > room,
            let rule = lines.firstIndex(where: { $0.allSatisfy { $0 == "-" } })
        {
            lines.remove(at: rule)
        }
        guard lines.count > room else { return lines }
        let size = room - 1
        let parts = (lines.count + size - 1) / size
        let part = view.slipTurns % parts
        let shown = Array(lines.dropFirst(part * size).prefix(size))
        return shown + [String](repeating: "", count: size - shown.count)
            + ["(part \(part + 1) of \(parts): space turns on)"]
    }
}
