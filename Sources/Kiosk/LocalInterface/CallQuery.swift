import Hummingbird

/// Reads a request's query strictly: only the names a call knows, each once.
enum CallQuery {
    /// The whole number under `name`; `nil` if it is not there.
    static func integer(
        _ name: String,
        of request: Request,
        in range: ClosedRange<Int64>,
    ) throws -> Int64? {
        var found: Int64?
        for (key, value) in request.uri.queryParameters {
            guard key == name, found == nil else {
                throw ProblemDocument.invalid("The query takes only \(name), and only once.")
            }
            found = try number(String(value), named: "The query's \(name)", in: range)
        }
        return found
    }

    /// Digits only: no sign, no spaces.
    static func number(
        _ text: String,
        named name: String,
        in range: ClosedRange<Int64>,
    ) throws -> Int64 {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(text),
            range.contains(number)
        else {
            throw ProblemDocument.invalid(
                "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound)."
            )
        }
        return number
    }
}
