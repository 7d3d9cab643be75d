/// Finds the word that somebody probably meant.
enum Spelling {
    /// The candidate with the fewest changed, added or left out bytes, if there are at most 3 and less than half the word.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        let bytes = Array(word.utf8)
        // The distance costs length times length: a hostile key must not buy much of it.
        guard bytes.count <= 40 else { return nil }
        var best: (word: String, distance: Int)?
        for candidate in candidates {
            let distance = distance(bytes, Array(candidate.utf8))
            if distance < best?.distance ?? 4, distance * 2 < max(bytes.count, 3) {
                best = (candidate, distance)
            }
        }
        return best?.word
    }

    /// Levenshtein's distance, letters compared without case.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let same = lowercased(a) == lowercased(b)
                let changed = diagonal + (same ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(changed, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[right.count]
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte + 0x20 : byte
    }
}
