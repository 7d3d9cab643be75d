/// Why a call to the daemon got no reply: one sentence.
package struct LocalCallError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}
