/// A frame's content, freed of the symbology's identifier (device facts, 1.1).
struct ScannedContent {
    let text: String

    init(_ bytes: [UInt8]) {
        text = String(decoding: Self.withoutIdentifier(bytes), as: UTF8.self)
    }

    /// Empty, or one of the texts by which scanners say that they read no code.
    var isNothing: Bool {
        text.isEmpty || ["NR", "NG", "NOREAD", "%%NOREAD"].contains(text.uppercased())
    }

    /// Drops an AIM identifier (`]`, letter, digit), or the one letter that some makers put before an 18-digit code.
    private static func withoutIdentifier(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        if bytes.count >= 3, bytes[0] == UInt8(ascii: "]"), isLetter(bytes[1]), isDigit(bytes[2]) {
            return bytes[3...]
        }
        if bytes.count == 19, isLetter(bytes[0]), bytes.dropFirst().allSatisfy(isDigit) {
            return bytes[1...]
        }
        return bytes[...]
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
