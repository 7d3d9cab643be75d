/// What a printer does with the bytes that are not real-time commands.
///
/// Written from the printer's side and on its own, so that it disagrees where the daemon is wrong.
/// It knows the commands that receipt printers have in common; others are counted and skipped.
struct EscPosDecoder: ~Copyable {
    enum Event {
        /// A printed line, as wide as the paper at most.
        case line(String)
        case cut
        /// Everything is set back: whoever prints begins anew, or ends what was broken off.
        case initialised
        /// So many empty lines at once.
        case feed(Int)
        /// GS r 1.
        case queuedPaperStatus
    }

    private let columns: Int
    private let decoder = GB18030Decoder()
    private var command: [UInt8] = []
    private var line = ""
    private var used = 0
    private var lead: UInt8?
    private var widthFactor = 1
    /// On at power-up, as in printers made for China.
    private var isDoubleByte = true
    /// Bytes that were no command known here and no text.
    private(set) var unknownCount = 0

    init(columns: Int) { self.columns = columns }

    mutating func received(_ byte: UInt8) -> [Event] {
        if !command.isEmpty {
            command.append(byte)
            return continued()
        }
        if let first = lead {
            lead = nil
            return put(decoder.character(first, byte), columns: 2)
        }
        switch byte {
        case 0x0A: return [finishLine()]
        case 0x0D: return []
        case 0x1B, 0x1C, 0x1D:
            command = [byte]
            return []
        case 0x20...0x7E: return put(String(UnicodeScalar(byte)), columns: 1)
        case 0x81...0xFE where isDoubleByte:
            lead = byte
            return []
        default:
            unknownCount += 1
            return []
        }
    }

    // MARK: Commands

    /// The command so far: complete and performed, or waiting for more bytes.
    private mutating func continued() -> [Event] {
        guard let length = Self.length(of: command) else {
            unknownCount += 1
            command = []
            return []
        }
        guard command.count == length else { return [] }
        defer { command = [] }
        switch (command[0], command[1]) {
        case (0x1B, 0x40):
            line = ""
            used = 0
            widthFactor = 1
            isDoubleByte = true
            return [.initialised]
        case (0x1B, 0x64): return (line.isEmpty ? [] : [finishLine()]) + [.feed(Int(command[2]))]
        case (0x1C, 0x26): isDoubleByte = true
        case (0x1C, 0x2E): isDoubleByte = false
        case (0x1D, 0x21): widthFactor = Int(command[2] >> 4) + 1
        case (0x1D, 0x56): return (line.isEmpty ? [] : [finishLine()]) + [.cut]
        case (0x1D, 0x72) where command[2] == 1: return [.queuedPaperStatus]
        default: break
        }
        return []
    }

    /// How long the command is, itself included; `nil` for one that is not known here.
    private static func length(of command: [UInt8]) -> Int? {
        guard command.count >= 2 else { return 2 }
        switch (command[0], command[1]) {
        case (0x1B, 0x40), (0x1B, 0x32), (0x1C, 0x26), (0x1C, 0x2E): return 2
        case (0x1B, 0x21), (0x1B, 0x45), (0x1B, 0x61), (0x1B, 0x64), (0x1B, 0x74), (0x1B, 0x2D),
            (0x1B, 0x33), (0x1B, 0x4D), (0x1C, 0x21), (0x1D, 0x21), (0x1D, 0x61), (0x1D, 0x72):
            return 3
        case (0x1D, 0x56):
            guard command.count >= 3 else { return 3 }
            return command[2] >= 0x41 ? 4 : 3
        default: return nil
        }
    }

    // MARK: Lines

    /// A character that does not fit any more begins the next line, as on paper.
    private mutating func put(_ character: String, columns width: Int) -> [Event] {
        let needed = width * widthFactor
        var events: [Event] = []
        if used + needed > columns { events.append(finishLine()) }
        line += character
        used += needed
        return events
    }

    private mutating func finishLine() -> Event {
        defer {
            line = ""
            used = 0
        }
        return .line(line)
    }
}
