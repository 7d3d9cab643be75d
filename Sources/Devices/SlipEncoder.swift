/// Turns lines into the printer's bytes (ESC/POS; device facts, 2.2 and 2.3).
struct SlipEncoder {
    private let profile: PrinterProfile

    init(_ profile: PrinterProfile) { self.profile = profile }

    /// A whole slip: from the printer's initial state to the cut.
    func bytes(of lines: [SlipLine]) -> [UInt8] {
        let isChinese = lines.contains { $0.glyphs.contains(where: \.isWide) }
        // Nothing may be assumed of what an earlier slip left set, so the character mode is stated either way.
        var bytes = EscPos.initialise + (isChinese ? EscPos.doubleByteOn : EscPos.doubleByteOff)
        for line in lines {
            let style = Self.style(line.style, isChinese: isChinese)
            bytes += style.on + line.glyphs.flatMap(\.bytes) + style.off + [EscPos.lineFeed]
        }
        return bytes + (profile.hasCutter ? EscPos.feedAndCut : EscPos.feedPastTearBar)
    }

    /// Ends what an interrupted slip left on the paper, so that the next one begins on its own.
    var separation: [UInt8] {
        // Two line feeds first: a command cut off in its midst takes them for its missing parameters.
        [EscPos.lineFeed, EscPos.lineFeed] + EscPos.initialise
            + (profile.hasCutter ? EscPos.feedAndCut : EscPos.feedPastTearBar)
    }

    private static func style(
        _ style: SlipLine.Style,
        isChinese: Bool,
    ) -> (on: [UInt8], off: [UInt8]) {
        switch style {
        case .normal:
            return ([], [])
        case .bold:
            return (EscPos.bold(true), EscPos.bold(false))
        case .tall:
            let size = EscPos.size(isWide: false, isHigh: true, isChinese: isChinese)
            return (EscPos.bold(true) + size, EscPos.plainSize(isChinese) + EscPos.bold(false))
        case .large:
            let size = EscPos.size(isWide: true, isHigh: true, isChinese: isChinese)
            return (size, EscPos.plainSize(isChinese))
        }
    }
}

/// The commands in use.
enum EscPos {
    static let lineFeed: UInt8 = 0x0A
    static let initialise: [UInt8] = [0x1B, 0x40]
    /// FS & and FS .
    static let doubleByteOn: [UInt8] = [0x1C, 0x26]
    static let doubleByteOff: [UInt8] = [0x1C, 0x2E]
    /// GS V 66 0: feeds to the blade, then cuts partially.
    static let feedAndCut: [UInt8] = [0x1D, 0x56, 0x42, 0x00]
    /// ESC d 4: the last line stands free above the tear bar.
    static let feedPastTearBar: [UInt8] = [0x1B, 0x64, 0x04]
    /// GS a 0: nothing is sent unasked.
    static let automaticStatusOff: [UInt8] = [0x1D, 0x61, 0x00]
    /// GS r 1: answered when everything before it has been interpreted.
    static let queuedPaperStatus: [UInt8] = [0x1D, 0x72, 0x01]

    /// DLE EOT n: answered at once.
    static func realTimeStatus(_ query: UInt8) -> [UInt8] { [0x10, 0x04, query] }

    static func bold(_ isOn: Bool) -> [UInt8] { [0x1B, 0x45, isOn ? 1 : 0] }

    /// GS ! for all, and FS ! as well, because some printers scale Chinese only by the latter.
    static func size(isWide: Bool, isHigh: Bool, isChinese: Bool) -> [UInt8] {
        let all: [UInt8] = [0x1D, 0x21, (isWide ? 0x10 : 0) | (isHigh ? 0x01 : 0)]
        let chinese: [UInt8] = [0x1C, 0x21, (isWide ? 0x04 : 0) | (isHigh ? 0x08 : 0)]
        return all + (isChinese ? chinese : [])
    }

    static func plainSize(_ isChinese: Bool) -> [UInt8] {
        size(isWide: false, isHigh: false, isChinese: isChinese)
    }
}
