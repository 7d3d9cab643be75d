/// Random identifiers in Crockford's base 32: no letter that a person confuses with a digit.
enum Base32 {
    static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// `length` characters, five random bits each. The generator is an input (rule F2).
    static func random(
        length: Int,
        using generator: inout some RandomNumberGenerator,
    ) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length)
        while bytes.count < length {
            // Twelve characters take 60 of the 64 bits drawn; masks, not remainders, so no character is likelier.
            var bits = generator.next()
            for _ in 0..<min(12, length - bytes.count) {
                bytes.append(alphabet[Int(bits & 31)])
                bits >>= 5
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
