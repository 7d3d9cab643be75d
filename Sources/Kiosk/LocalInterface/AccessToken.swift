/// The secret that opens the TCP listener to an application (rule G2). Never shown.
package struct AccessToken: Sendable, CustomStringConvertible {
    private let bytes: [UInt8]

    /// Reads a token file's content, one line end allowed at its end; `nil` unless 16 to 512 visible ASCII characters.
    package init?(fileContent: [UInt8]) {
        var content = fileContent[...]
        if content.last == UInt8(ascii: "\n") { content.removeLast() }
        if content.last == UInt8(ascii: "\r") { content.removeLast() }
        guard (16...512).contains(content.count),
            content.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        bytes = Array(content)
    }

    /// Whether `given` is the token; takes the same time wherever the first difference is.
    func matches(_ given: some Sequence<UInt8>) -> Bool {
        var difference = 0
        var count = 0
        for byte in given {
            difference |= Int(byte ^ bytes[count % bytes.count])
            count += 1
        }
        return difference | (count ^ bytes.count) == 0
    }

    package var description: String { "AccessToken(hidden)" }
}
