/// Why an ``HTTPSClient`` could not be made: one sentence, naming the file or the value.
package struct TransportSetupError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
