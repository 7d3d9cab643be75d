/// What a payer does in front of the password page.
package enum SandboxPayerAct: Hashable, Sendable {
    /// Types the password: the money is taken.
    case pays
    /// Closes the page: nothing is taken.
    case closesPage
}
