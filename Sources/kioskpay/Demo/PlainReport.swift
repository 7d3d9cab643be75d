/// Says what changes as plain lines, for an output that is no terminal.
struct PlainReport {
    private var shown = DemoView()

    /// What is new since the last view.
    mutating func lines(_ view: DemoView) -> [String] {
        var lines: [String] = []
        if view.lit != shown.lit {
            let lit = DemoView.lights.filter(view.lit.contains)
            lines.append("lights: " + (lit.isEmpty ? "all dark" : lit.joined(separator: ", ")))
        }
        for event in view.events.dropFirst(shown.events.count) {
            lines.append("event: " + event.line)
            if let message = event.message {
                lines += ["    " + message.chinese, "    " + message.english]
            }
        }
        if view.slipCount > shown.slipCount { lines += ["slip:"] + view.slip.map { "    " + $0 } }
        for (row, line) in view.ledger.enumerated()
        where row >= shown.ledger.count || shown.ledger[row] != line {
            lines.append("ledger: " + line)
        }
        if view.hint != shown.hint, !view.hint.isEmpty { lines.append(view.hint) }
        shown = view
        return lines
    }
}
