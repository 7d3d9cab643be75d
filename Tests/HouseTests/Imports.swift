/// The modules that a Swift file imports.
enum Imports {
    private static let kinds: Set<Substring> = [
        "struct", "class", "enum", "protocol", "func", "var", "let", "typealias",
    ]
    private static let modifiers: Set<Substring> = [
        "public", "package", "internal", "fileprivate", "private",
    ]

    static func modules(in text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            var words = line.split { $0.isWhitespace }[...]
            while let word = words.first, word.hasPrefix("@") || modifiers.contains(word) {
                words.removeFirst()
            }
            guard words.popFirst() == "import" else { return nil }
            if let kind = words.first, kinds.contains(kind) { words.removeFirst() }
            return words.first.map { String($0.prefix { $0 != "." && $0 != ";" }) }
        }
    }
}
