/// A file that a key names: by path, or as `credential:NAME` in systemd's `$CREDENTIALS_DIRECTORY`.
package struct SecretFile: Hashable, Sendable {
    static let credentialRule = """
        names a credential that is not there for this process; write credential:NAME with letters, digits, "_", "-" \
        and ".", and give LoadCredential=NAME:… in the unit
        """

    /// The file to read.
    package let path: String
    /// Credentials belong to the unit; their permissions are systemd's affair.
    package let isCredential: Bool
    let place: KeyPlace

    init(path: String, isCredential: Bool, place: KeyPlace) {
        self.path = path
        self.isCredential = isCredential
        self.place = place
    }

    /// `nil` for a `credential:` that is misspelt, or that no unit provides.
    init?(reference: String, in file: ConfigurationFile, place: KeyPlace) {
        let prefix = "credential:"
        guard reference.hasPrefix(prefix) else {
            self.init(path: file.resolve(reference), isCredential: false, place: place)
            return
        }
        let name = reference.dropFirst(prefix.count)
        guard let directory = file.credentialsDirectory, Self.isCredentialName(name) else {
            return nil
        }
        self.init(path: "\(directory)/\(name)", isCredential: true, place: place)
    }

    private static func isCredentialName(_ name: Substring) -> Bool {
        (1...255).contains(name.utf8.count) && name.first != "."
            && name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte) || "_-.".utf8.contains(byte)
            }
    }

    /// The file's bytes. The caller wipes them.
    ///
    /// - Parameter isSecret: whether nobody but the owner may read the file.
    /// - Returns: `nil`, with the problem noted, if the file cannot be used.
    func read(maximumBytes: Int, isSecret: Bool, _ problems: Problems) -> [UInt8]? {
        // The placeholder of a key that could not be read; that has been noted.
        guard !path.isEmpty else { return nil }
        do throws(FileError) {
            var content = try RegularFile.read(path, maximumBytes: maximumBytes)
            if isSecret, !isCredential, content.permissions & 0o077 != 0 {
                wipe(&content.bytes)
                throw FileError(
                    reason: "is open to other users (\(path)); run: chmod 600 '\(path)'"
                )
            }
            guard !content.bytes.isEmpty else {
                throw FileError(reason: "is empty (\(path)); put its content there again")
            }
            return content.bytes
        } catch {
            problems.add(place.problem(error.reason))
            return nil
        }
    }

    /// As ``read(maximumBytes:isSecret:_:)`` for a key or token: one trailing line end is left out.
    func readSecret(maximumBytes: Int, _ problems: Problems) -> [UInt8]? {
        // Room for the line end.
        guard var bytes = read(maximumBytes: maximumBytes + 2, isSecret: true, problems) else {
            return nil
        }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return bytes
    }
}
