package import Logging

/// Lines for journald: priority prefix, message, metadata; one line each, control characters removed. Without journald the
/// prefix is a word for people.
///
/// Secrets never get here: payment codes, payer ids and keys print masked by their types (rule G1).
package struct JournaldLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    private let writer: LogWriter

    package init(writer: LogWriter, level: Logger.Level) {
        self.writer = writer
        logLevel = level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var line = writer.prefix(event.level)
        line += Self.clean("\(event.message)")
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        for key in all.keys.sorted() {
            guard let value = all[key] else { continue }
            line += " \(key)=\(Self.clean("\(value)"))"
        }
        writer.write(line + "\n")
    }

    private static func clean(_ text: String) -> String {
        // Nearly every text is clean, and taking one apart costs more than the rest of a line.
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == c1Lead }) else {
            return text
        }
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
            )
        )
    }

    /// What U+0080 to U+009F begin with in UTF-8; U+009B alone is what ESC and `[` are to some terminals.
    private static let c1Lead: UInt8 = 0xC2
}
