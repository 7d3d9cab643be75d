import Glibc

/// A configuration with its secrets, read and tried: what the daemon starts with and what `--check` reports on.
package struct Installation: Sendable {
    package let configuration: Configuration
    package let secrets: Secrets
    /// What works, but deserves somebody's attention, such as a certificate that has expired (rule F1).
    package let warnings: [ConfigurationProblem]

    /// Reads configuration, board file and secrets.
    ///
    /// - Parameters:
    ///   - path: the configuration file; relative paths in it start at its folder.
    ///   - boardDirectories: where boards are looked for besides `board/` at the configuration and the installed package.
    ///   - credentialsDirectory: where `credential:NAME` is looked for; by default where systemd says.
    ///   - now: seconds since 1970, for the certificate's dates.
    ///   - review: what the rooms that use the values find in them; part of the same report.
    ///   - trial: what keeps the whole from being used, tried once all of it is there.
    /// - Throws: every problem there is, not only the first.
    package static func load(
        file path: String,
        boardDirectories: [String] = [],
        credentialsDirectory: String? = Configuration.environmentCredentialsDirectory,
        now: Int64 = Int64(time(nil)),
        review: (Configuration) -> [Finding] = { _ in [] },
        trial: (Installation) -> [Finding] = { _ in [] },
    ) throws(ConfigurationError) -> Installation {
        let problems = Problems()
        let configuration = try Configuration.read(
            path,
            boardDirectories,
            credentialsDirectory,
            review,
            problems,
        )
        let secrets = Secrets(for: configuration, now: now, problems)
        guard let secrets, problems.all.isEmpty else {
            throw ConfigurationError(problems: problems.all)
        }
        let installation = Installation(
            configuration: configuration,
            secrets: secrets,
            warnings: problems.warnings,
        )
        let refusals = trial(installation)
        guard refusals.isEmpty else {
            throw ConfigurationError(
                problems: refusals.map {
                    ConfigurationProblem(file: path, line: nil, key: $0.key, reason: $0.reason)
                }
            )
        }
        return installation
    }
}

extension Configuration {
    /// What systemd tells a unit with credentials; `nil` elsewhere.
    package static var environmentCredentialsDirectory: String? {
        // The string is copied at once; nobody here changes the environment.
        unsafe getenv("CREDENTIALS_DIRECTORY").map { unsafe String(cString: $0) }
    }

    /// Reads configuration and board file, and none of the files that they name. Parameters as
    /// ``Installation/load(file:boardDirectories:credentialsDirectory:now:review:trial:)``.
    package static func load(
        file path: String,
        boardDirectories: [String] = [],
        credentialsDirectory: String? = environmentCredentialsDirectory,
    ) throws(ConfigurationError) -> Configuration {
        let problems = Problems()
        let configuration = try read(
            path,
            boardDirectories,
            credentialsDirectory,
            { _ in [] },
            problems,
        )
        guard problems.all.isEmpty else { throw ConfigurationError(problems: problems.all) }
        return configuration
    }

    fileprivate static func read(
        _ path: String,
        _ boardDirectories: [String],
        _ credentialsDirectory: String?,
        _ review: (Configuration) -> [Finding],
        _ problems: Problems,
    ) throws(ConfigurationError) -> Configuration {
        let file = try ConfigurationFile(path: path, credentialsDirectory: credentialsDirectory)
        return Configuration(
            file,
            boardDirectories: boardDirectories,
            review: review,
            problems,
        )
    }
}
