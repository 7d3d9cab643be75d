/// Takes out the marks that the kernel puts into a line's input around a damaged byte (termios(3), PARMRK).
///
/// A byte with a parity or framing error comes as `FF 00 byte`, a break as `FF 00 00`, an undamaged FF as `FF FF`. Here a
/// damaged byte becomes ``damaged``, so that the reader refuses what it stands in; dropped (IGNPAR), it would leave a shorter
/// frame that looks whole. A break is the single NUL that it would be without marks.
struct DamageMarks {
    /// No character of a scanner's and no status of a printer's (device facts, 1.4 and 2.6).
    static let damaged: UInt8 = 0x80

    private static let escape: UInt8 = 0xFF

    /// How much of a mark has been read: a read may end inside one.
    private enum State {
        /// Can transition to: `escaped`.
        case plain
        /// After `FF`. Can transition to: `marked` (00), `plain`.
        case escaped
        /// After `FF 00`. Can transition to: `plain`.
        case marked
    }

    private var state = State.plain

    /// The bytes as they were on the line, damaged ones replaced.
    mutating func unmarked(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var plain: [UInt8] = []
        for byte in bytes {
            switch state {
            case .plain where byte == Self.escape:
                state = .escaped
            case .plain:
                plain.append(byte)
            case .escaped where byte == 0x00:
                state = .marked
            case .escaped:
                // Anything but `FF FF` the kernel does not write: then it is no mark.
                plain += byte == Self.escape ? [byte] : [Self.escape, byte]
                state = .plain
            case .marked:
                plain.append(byte == 0x00 ? 0x00 : Self.damaged)
                state = .plain
            }
        }
        return plain
    }
}
