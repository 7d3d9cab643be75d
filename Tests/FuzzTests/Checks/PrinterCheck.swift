import Payments

@testable import Devices

/// What must hold of every stream of a printer's bytes: each reply is found by looking at its byte and back to the last
/// group, not by counting on.
///
/// The input is a ``LineScript``.
struct PrinterCheck {
    private struct Byte {
        let value: UInt8
        let time: BootTime
    }

    private let script: LineScript

    init(_ input: [UInt8]) { script = LineScript(input) }

    func run() throws(Finding) {
        let whole = replies(splitting: false)
        try Finding.unless(whole == replies(splitting: true), "Split bytes gave other replies.")
        let bytes = bytes
        try Finding.unless(whole == Self.expected(of: bytes), "The replies are not what was sent.")
        let quiet = bytes.filter { $0.value != 0x11 && $0.value != 0x13 }
        try Finding.unless(
            whole.filter { $0 != .pause && $0 != .resume } == Self.read(quiet),
            "Flow control between the bytes of a reply changed it.",
        )
        try checkSynchrony(after: bytes)
        for index in bytes.indices.dropLast(2) { try checkStatus(bytes[index...index + 2]) }
    }

    /// Whatever came before: real-time status is understood at once, and so is all that comes after it or after 200 ms.
    private func checkSynchrony(after bytes: [Byte]) throws(Finding) {
        let end = bytes.last?.time ?? BootTime(nanoseconds: 0)
        let atOnce = Self.read(bytes + [0x12, 0x0C].map { Byte(value: $0, time: end) })
        try Finding.unless(
            atOnce.suffix(2) == [.realTimeStatus(0x12), .queuedStatus(0x0C)],
            "The reader lost its place beyond a real-time status.",
        )
        let later = Self.read(bytes + [Byte(value: 0x0C, time: end + .milliseconds(200))])
        try Finding.unless(
            later.last == .queuedStatus(0x0C),
            "The reader lost its place beyond 200 ms of silence.",
        )
    }

    /// A printer that is told to print is one whose bits say nothing against it.
    private func checkStatus(_ bytes: ArraySlice<Byte>) throws(Finding) {
        let values = bytes.map(\.value)
        let status = PrinterStatus(printer: values[0], offlineCause: values[1], paper: values[2])
        let stops = values[0] & 0x08 | values[1] & 0x64 | values[2] & 0x60
        try Finding.unless(status.state.isUsable == (stops == 0), "A status was misjudged.")
        let isWell = stops == 0 && values[2] & 0x0C == 0
        try Finding.unless((status.trouble == nil) == isWell, "A trouble was made up or lost.")
    }

    // MARK: The stream

    private var bytes: [Byte] {
        var now = BootTime(nanoseconds: 1_000_000_000)
        var bytes: [Byte] = []
        for chunk in script.chunks {
            bytes += chunk.bytes.map { Byte(value: $0, time: now) }
            now = now + chunk.pause.duration
        }
        return bytes
    }

    private func replies(splitting: Bool) -> [PrinterReply] {
        if splitting { return Self.read(bytes) }
        var reader = PrinterReplyReader()
        var now = BootTime(nanoseconds: 1_000_000_000)
        var replies: [PrinterReply] = []
        for chunk in script.chunks {
            replies += reader.bytesReceived(chunk.bytes, at: now)
            now = now + chunk.pause.duration
        }
        return replies
    }

    private static func read(_ bytes: [Byte]) -> [PrinterReply] {
        var reader = PrinterReplyReader()
        return bytes.flatMap { reader.bytesReceived([$0.value], at: $0.time) }
    }

    private static func expected(of bytes: [Byte]) -> [PrinterReply] {
        bytes.indices.compactMap { index in
            let value = bytes[index].value
            switch (value, value & 0x93) {
            case (0x13, _): return .pause
            case (0x11, _): return .resume
            case (_, 0x12): return .realTimeStatus(value)
            case (_, 0x10): return .automaticStatus
            default:
                guard value & 0x90 == 0 else { return nil }
                return isPartOfGroup(index, of: bytes) ? nil : .queuedStatus(value)
            }
        }
    }

    /// Whether the byte is one of the three that complete the last group, which has 200 ms for them.
    private static func isPartOfGroup(_ index: Int, of bytes: [Byte]) -> Bool {
        let earlier = bytes[..<index]
        guard let start = earlier.lastIndex(where: { [0x10, 0x12].contains($0.value & 0x93) }),
            bytes[start].value & 0x93 == 0x10,
            bytes[index].time < bytes[start].time + .milliseconds(200)
        else { return false }
        return earlier[start...].dropFirst().count { $0.value & 0x90 == 0 } < 3
    }
}
