/// The checksum every row carries: CRC-32C (Castagnoli, as in RFC 3720) over the row's canonical
/// bytes.
///
/// Canonical bytes are the table's name and a zero byte, then per column in the order of
/// ``Table/columns``: `00` for NULL; `01` and eight bytes, least significant first, for an integer;
/// `02`, the length in four such bytes and the UTF-8 for text. `journal recover` tells sound rows
/// from damaged ones by it (rule A6).
struct Checksum {
    private var register: UInt32 = 0xFFFF_FFFF

    /// The remainder of each byte under the reversed polynomial 0x82F63B78.
    private static let remainders: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in
            value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1
        }
    }

    var value: UInt32 { register ^ 0xFFFF_FFFF }

    mutating func add(_ bytes: some Sequence<UInt8>) {
        let remainders = Self.remainders
        for byte in bytes {
            register = register >> 8 ^ remainders[Int((register ^ UInt32(byte)) & 0xFF)]
        }
    }

    private mutating func add(_ number: UInt64, bytes count: Int) {
        add((0..<count).lazy.map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) })
    }

    private mutating func add(_ value: Value) {
        switch value {
        case .null:
            add(CollectionOfOne(0))
        case .integer(let integer):
            add(CollectionOfOne(1))
            add(UInt64(bitPattern: integer), bytes: 8)
        case .text(let text):
            add(CollectionOfOne(2))
            add(UInt64(text.utf8.count), bytes: 4)
            add(text.utf8)
        }
    }

    /// The checksum of one row, as it is stored.
    static func ofRow(in table: String, _ values: some Sequence<Value>) -> Value {
        var checksum = Self()
        checksum.add(table.utf8)
        checksum.add(CollectionOfOne(0))
        for value in values { checksum.add(value) }
        return .integer(Int64(checksum.value))
    }
}
