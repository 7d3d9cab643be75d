import StrictJSON

/// The configuration file as read: its outermost object, and what its paths start from.
struct ConfigurationFile {
    /// A configuration has a few KiB.
    private static let maximumBytes = 256 * 1024

    let path: String
    let reader: JSONReader
    /// Where `credential:NAME` is looked for; `nil` outside a systemd unit with credentials.
    let credentialsDirectory: String?

    init(
        path: String,
        credentialsDirectory: String?,
    ) throws(ConfigurationError) {
        self.path = path
        self.credentialsDirectory = credentialsDirectory
        reader = try Self.read(path, maximumBytes: Self.maximumBytes)
    }

    /// The folder the file is in.
    var directory: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Makes a path absolute, or at least relative to the same place as the file's own path.
    func resolve(_ other: String) -> String {
        if other.hasPrefix("/") || other.isEmpty { return other }
        return directory == "/" ? "/" + other : directory + "/" + other
    }

    /// Reads a file that must hold one JSON object.
    static func read(_ path: String, maximumBytes: Int) throws(ConfigurationError) -> JSONReader {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try RegularFile.read(path, maximumBytes: maximumBytes).bytes
        } catch {
            let problem = ConfigurationProblem(file: path, line: nil, key: "", reason: error.reason)
            throw ConfigurationError(problems: [problem])
        }
        do throws(JSONError) {
            return try JSONReader.parse(bytes, maximumBytes: maximumBytes)
        } catch {
            throw ConfigurationError(problems: [ConfigurationProblem(error, in: path)])
        }
    }
}
