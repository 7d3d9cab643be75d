internal import Payments
package import Provisioning
internal import Transport
internal import WeChatPay

/// Loading for a start: what is usable can be started with, and what cannot has exit code 78 and not a failing start.
extension Installation {
    /// Reads everything and tries it, without a device, a connection or the state directory.
    ///
    /// - Parameter warnsOfAbsences: whether devices, or the place of the socket, that are not there now are worth a warning.
    /// - Throws: every problem there is, not only the first.
    package static func forStart(
        file: String,
        warnsOfAbsences: Bool = false,
    ) throws(ConfigurationError) -> Installation {
        try load(
            file: file,
            review: { $0.review() + (warnsOfAbsences ? $0.absences() : []) },
            trial: { $0.trial() }
        )
    }

    /// Makes of the installation what the start makes of it, and lets it go. Each refusal is a sentence that names its key or
    /// file.
    func trial() -> [Finding] {
        let steps: [() throws -> Void] = [
            { _ = try configuration.policy() },
            { _ = try configuration.printerProfile() },
            { _ = try configuration.localInterfaceSettings(secrets) },
            { _ = try configuration.dialect(secrets) },
            { try configuration.httpsConfiguration().check() },
        ]
        return steps.compactMap { step in
            do {
                try step()
                return nil
            } catch {
                return Finding("", "\(error)")
            }
        }
    }
}
