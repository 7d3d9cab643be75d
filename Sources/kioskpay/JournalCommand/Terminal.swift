import Glibc

/// The terminal of a command, if there is one.
enum Terminal {
    /// Asks a person. `nil` where there is no terminal to ask on.
    static func confirms(_ question: String) -> Bool? {
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { return nil }
        Output.write("\(question) [y/N] ", to: STDERR_FILENO)
        return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
    }
}
