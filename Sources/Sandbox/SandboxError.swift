/// Why the stand-in could not be set up or started: one sentence that says what happened and what to do.
///
/// No real money is ever concerned: the stand-in keeps its own ledger.
package struct SandboxError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
