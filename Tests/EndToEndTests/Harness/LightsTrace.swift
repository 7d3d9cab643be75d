/// The lights as the trace driver wrote them down.
struct LightsTrace {
    struct Change: Hashable {
        let milliseconds: Int64
        let name: String
        let isLit: Bool
    }

    let changes: [Change]
    /// Lines that are none.
    let strangeLines: [String]

    init(_ text: String) {
        var changes: [Change] = []
        var strange: [String] = []
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ")
            if parts.count == 3, let time = Int64(parts[0]), parts[2] == "0" || parts[2] == "1" {
                let name = String(parts[1])
                changes.append(Change(milliseconds: time, name: name, isLit: parts[2] == "1"))
            } else {
                strange.append(String(line))
            }
        }
        self.changes = changes
        strangeLines = strange
    }

    /// How often a light went on.
    func times(_ name: String) -> Int {
        var isLit = false
        var count = 0
        for change in changes where change.name == name {
            if change.isLit, !isLit { count += 1 }
            isLit = change.isLit
        }
        return count
    }

    /// The lights that are on now.
    var lit: Set<String> { Set(changes.map(\.name)).filter(isLit) }

    /// Whether the light is on now.
    func isLit(_ name: String) -> Bool {
        changes.last { $0.name == name }?.isLit ?? false
    }
}
