import StrictJSON

/// The defaults of one board: ports, pins and printer, from `board/NAME.json`.
struct BoardFile {
    /// Boards of the installed package.
    private static let installedDirectory = "/usr/share/kioskpay/board"
    /// A board has a few hundred bytes.
    private static let maximumBytes = 64 * 1024

    let path: String
    let reader: JSONReader

    /// A board's name: lower-case letters, digits and hyphens, so that it cannot name another folder.
    static func isName(_ text: String) -> Bool {
        text.utf8.first != UInt8(ascii: "-")
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
            }
    }

    /// Looks in `board/` beside the configuration, then in `directories`, then in the installed package.
    ///
    /// - Returns: `nil`, with the problem noted, if there is none or it cannot be read.
    init?(
        named name: String,
        for file: ConfigurationFile,
        directories: [String],
        place: KeyPlace,
        _ problems: Problems,
    ) {
        let folders = [file.resolve("board")] + directories + [Self.installedDirectory]
        let candidates = folders.map { "\($0)/\(name).json" }
        guard let path = candidates.first(where: RegularFile.exists) else {
            let searched = folders.joined(separator: ", ")
            problems.add(
                place.problem(
                    "names no board: \(searched) hold no \(name).json; correct the name or add the file"
                )
            )
            return nil
        }
        self.path = path
        do throws(ConfigurationError) {
            reader = try ConfigurationFile.read(path, maximumBytes: Self.maximumBytes)
        } catch {
            error.problems.forEach(problems.add)
            return nil
        }
        do throws(JSONError) {
            // For people who read the file; nothing depends on it.
            _ = try reader.optionalString("description", bytes: 1...256)
        } catch {
            problems.add(error, in: path)
        }
    }
}
