/// What a room that uses a value says about it; only `Provisioning` knows in which file and line it stands.
package struct Finding: Hashable, Sendable {
    package enum Weight: Hashable, Sendable {
        /// The configuration cannot be used.
        case problem
        /// It works, but deserves somebody's attention.
        case warning
    }

    /// The key's path, such as `printer.profile`, or a section's name. Nothing is said of a key that could not be read.
    package let key: String
    /// What is wrong and what to do, to be read after the key.
    package let reason: String
    package let weight: Weight

    package init(_ key: String, _ reason: String, _ weight: Weight = .problem) {
        self.key = key
        self.reason = reason
        self.weight = weight
    }
}
