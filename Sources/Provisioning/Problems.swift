import StrictJSON

/// Collects what is wrong while a configuration is read, so that one run shows everything.
final class Problems {
    private(set) var all: [ConfigurationProblem] = []
    private(set) var warnings: [ConfigurationProblem] = []

    func add(_ problem: ConfigurationProblem) { all.append(problem) }

    func add(_ error: JSONError, in file: String) { add(ConfigurationProblem(error, in: file)) }

    func warn(_ problem: ConfigurationProblem) { warnings.append(problem) }

    /// Whether a key is already known to be wrong, so that nothing should be concluded from its value.
    func concerns(_ keys: [String]) -> Bool {
        all.contains { keys.contains($0.key) }
    }
}

extension ConfigurationProblem {
    init(_ error: JSONError, in file: String) {
        self.init(file: file, line: error.line, key: error.path, reason: error.reason)
    }
}
