/// Where a key stands, for problems that show only after it was read.
struct KeyPlace: Hashable, Sendable {
    let file: String
    let line: Int?
    let key: String

    func problem(_ reason: String) -> ConfigurationProblem {
        ConfigurationProblem(file: file, line: line, key: key, reason: reason)
    }
}
