internal import Glibc

/// An error of a program that has no log: one line on standard error (interfaces, 1).
package enum ErrorLine {
    /// What stands there: the same beginning in every program, and no line break.
    package static func text(_ sentence: String) -> String {
        let words = sentence.split(whereSeparator: \.isNewline).map { line in
            line.drop(while: \.isWhitespace)
        }
        return "error: " + words.joined(separator: " ")
    }

    package static func write(_ sentence: String) {
        let bytes = Array((text(sentence) + "\n").utf8)
        // The array outlives the call and has the length passed; a broken pipe loses a line, no more.
        _ = unsafe Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
}
