internal import Payments

/// What a printer sends back.
enum PrinterReply: Hashable, Sendable {
    /// The answer to DLE EOT: which of them, only the asker knows.
    case realTimeStatus(UInt8)
    /// The answer to GS r.
    case queuedStatus(UInt8)
    /// A group of four bytes sent unasked: something changed.
    case automaticStatus
    case pause
    case resume
}

/// Tells a printer's replies from each other by their bit patterns (device facts, 2.6 and 2.7). Pure; noise is dropped.
struct PrinterReplyReader {
    /// Bytes of an automatic status group that are still to come, and until when.
    private var groupLeft = 0
    private var groupEnds = BootTime(nanoseconds: 0)

    mutating func bytesReceived(_ bytes: [UInt8], at now: BootTime) -> [PrinterReply] {
        if now >= groupEnds { groupLeft = 0 }
        return bytes.compactMap { reply(to: $0, at: now) }
    }

    private mutating func reply(to byte: UInt8, at now: BootTime) -> PrinterReply? {
        // Flow control can come in the midst of anything.
        if byte == 0x13 { return .pause }
        if byte == 0x11 { return .resume }
        if byte & 0x93 == 0x12 {
            groupLeft = 0
            return .realTimeStatus(byte)
        }
        if byte & 0x93 == 0x10 {
            groupLeft = 3
            groupEnds = now + .milliseconds(200)
            return .automaticStatus
        }
        guard byte & 0x90 == 0 else { return nil }
        guard groupLeft == 0 else {
            groupLeft -= 1
            return nil
        }
        return .queuedStatus(byte)
    }
}

/// The three status bytes that decide whether a slip can be printed (device facts, 2.6).
struct PrinterStatus: Hashable, Sendable {
    /// DLE EOT 1, 2 and 4.
    static let queries: [UInt8] = [1, 2, 4]

    let printer: UInt8
    let offlineCause: UInt8
    let paper: UInt8

    /// What is wrong; `nil` if nothing is. Of two-bit sensors either bit counts, because some printers set one.
    var trouble: DeviceTrouble? {
        if offlineCause & 0x04 != 0 { return .coverOpen }
        if offlineCause & 0x20 != 0 || paper & 0x60 != 0 { return .paperOut }
        if offlineCause & 0x40 != 0 { return .printerError }
        if printer & 0x08 != 0 { return .offline }
        if paper & 0x0C != 0 { return .paperLow }
        return nil
    }

    var state: DeviceState { trouble.map { .attention($0) } ?? .ready }
}
