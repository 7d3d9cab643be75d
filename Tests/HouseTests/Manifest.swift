/// The targets of `Package.swift`, read from its text.
///
/// It knows targets as the package description writes them (`.target(name: "A", dependencies: […])`) and through the
/// manifest's own functions (`room("A", […])`, `library("CA", …)`).
struct Manifest {
    /// What each target under `Sources` depends on: targets and products, by name.
    private(set) var dependencies: [String: [String]] = [:]

    private static let declarations = [
        ".target(", ".executableTarget(", ".systemLibrary(", "room(", "library(",
    ]

    init(_ text: String) {
        let code = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map(Self.withoutComment).joined(separator: "\n")
        for declaration in Self.declarations {
            for arguments in Self.arguments(of: declaration, in: code) {
                guard let first = arguments.first, let name = Self.literal(first) else { continue }
                let list =
                    arguments.first { $0.hasPrefix("dependencies:") }
                    ?? arguments.dropFirst().first { $0.hasPrefix("[") } ?? ""
                dependencies[name] = Self.elements(of: list).compactMap { element in
                    Self.literal(element) ?? Self.product(named: element, in: code)
                }
            }
        }
    }

    /// The line up to its comment; the slashes of a URL begin none.
    private static func withoutComment(_ line: Substring) -> Substring {
        let comment = line.ranges(of: "//").first { range in
            line[..<range.lowerBound].last != ":"
        }
        return comment.map { line[..<$0.lowerBound] } ?? line
    }

    /// The string in `"A"`, `name: "A"` or `.product(name: "A", …)`.
    private static func literal(_ text: String) -> String? {
        let starts = [
            "\"", "name: \"", ".product(name: \"", ".target(name: \"", ".byName(name: \"",
        ]
        for start in starts where text.hasPrefix(start) {
            return String(text.dropFirst(start.count).prefix { $0 != "\"" })
        }
        return nil
    }

    /// The product that `let NAME = Target.Dependency.product(name: "A", …)` stands for.
    private static func product(named name: String, in code: String) -> String? {
        guard let declaration = code.ranges(of: "let \(name) = ").first,
            let label = code[declaration.upperBound...].ranges(of: "name: \"").first
        else { return name }
        return String(code[label.upperBound...].prefix { $0 != "\"" })
    }

    /// The arguments of each call that begins with `opening`, definitions of functions left out.
    private static func arguments(of opening: String, in code: String) -> [[String]] {
        code.ranges(of: opening).compactMap { range in
            let before = code[..<range.lowerBound].last
            let isWhole = opening.hasPrefix(".") || before == " " || before == "\n"
            guard isWhole, !code[..<range.lowerBound].hasSuffix("func ") else { return nil }
            return split(code[range.upperBound...])
        }
    }

    private static func elements(of list: String) -> [String] {
        guard let opening = list.firstIndex(of: "[") else { return [] }
        return split(list[list.index(after: opening)...])
    }

    /// Splits at commas up to the bracket that closes what was open before, minding brackets and strings inside.
    private static func split(_ text: Substring) -> [String] {
        var parts: [String] = []
        var part = ""
        var depth = 0
        var isString = false
        for character in text {
            if character == "\"" { isString.toggle() }
            if !isString {
                if "([".contains(character) { depth += 1 }
                if ")]".contains(character) { depth -= 1 }
                if depth < 0 { break }
                if character == ",", depth == 0 {
                    parts.append(part)
                    part = ""
                    continue
                }
            }
            part.append(character)
        }
        return (parts + [part]).map(trimmed).filter { !$0.isEmpty }
    }

    private static func trimmed(_ text: String) -> String {
        let isBlank: (Character) -> Bool = { $0.isWhitespace }
        return String(String(text.drop(while: isBlank)).reversed().drop(while: isBlank).reversed())
    }
}
