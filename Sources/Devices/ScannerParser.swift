internal import Payments

/// Turns a scanner's bytes into frames. Pure: bytes and times go in, frames come out.
///
/// Its promise is that no frame is ever joined from two, nor made shorter by a byte in its midst:
/// when in doubt the frame is refused and the person scans again. What it knows of scanners is in
/// the device facts, 1.1, 1.3 and 1.4.
struct ScannerParser {
    private enum State {
        /// Between frames.
        /// Can transition to: `collecting`, `afterStart`, `refusing`.
        case idle
        /// After STX: a frame's start, or the start of a module's own reply.
        /// Can transition to: `collecting`, `reply`, `refusing`, `idle`.
        case afterStart(at: BootTime)
        /// Inside a module's reply, of which `count` bytes have come.
        /// Can transition to: `idle` (complete), `refusing` (something else).
        case reply(bytes: [UInt8], at: BootTime)
        /// Can transition to: `idle` (finished), `refusing`.
        case collecting(Frame)
        /// Dropping bytes until the frame that is refused ends.
        /// Can transition to: `idle`.
        case refusing(at: BootTime)
    }

    private struct Frame {
        var bytes: [UInt8]
        let first: BootTime
        /// When the last byte came that belongs to the frame: content, or the terminator.
        var last: BootTime
        /// When the last byte of any kind came.
        var heard: BootTime
        /// A noise byte or a silence came after the content: only an end may follow now.
        var isClosed = false
    }

    private let framing: ScannerFraming
    private var state = State.idle
    /// Frames refused since the last whole one: damaged or control bytes, overlength.
    private(set) var refusedInRow = 0

    init(_ framing: ScannerFraming = ScannerFraming()) { self.framing = framing }

    // MARK: Events

    /// Bytes were read; `now` was taken right after the `read`.
    mutating func bytesReceived(_ bytes: some Sequence<UInt8>, at now: BootTime) -> [ScannedFrame] {
        dropUnfinished(at: now)
        var frames: [ScannedFrame] = []
        for byte in bytes {
            guard let frame = received(byte, at: now) else { continue }
            refusedInRow = 0
            frames.append(frame)
        }
        return frames
    }

    /// The line was seen silent at ``deadline`` or later: nothing was there to read.
    mutating func lineIdle(at now: BootTime) -> ScannedFrame? {
        switch state {
        case .idle: return nil
        case .refusing(let heard), .afterStart(let heard), .reply(_, let heard):
            if now >= heard + framing.idleGap { state = .idle }
            return nil
        case .collecting(var frame):
            guard now >= frame.heard + framing.idleGap else { return nil }
            if let complete = finished(frame), complete.isSelfEvident {
                state = .idle
                refusedInRow = 0
                return complete
            }
            // What comes after the silence may be another frame's: it is not appended.
            frame.isClosed = true
            state = now >= frame.heard + framing.unfinishedLimit ? .idle : .collecting(frame)
            return nil
        }
    }

    /// When ``lineIdle(at:)`` is due if nothing is read; `nil` while nothing is pending.
    var deadline: BootTime? {
        switch state {
        case .idle: nil
        case .refusing(let heard), .afterStart(let heard), .reply(_, let heard):
            heard + framing.idleGap
        case .collecting(let frame):
            frame.heard + (frame.isClosed ? framing.unfinishedLimit : framing.idleGap)
        }
    }

    /// What was read so far is void. The rest of a frame that has begun is dropped with it.
    mutating func discarded(at now: BootTime) {
        switch state {
        case .idle: state = .idle
        case .afterStart, .reply, .collecting, .refusing: state = .refusing(at: now)
        }
    }

    /// As ``discarded(at:)``; what was refused of the flood says nothing of the frames that come.
    mutating func floodEnded(at now: BootTime) {
        discarded(at: now)
        refusedInRow = 0
    }

    // MARK: Bytes

    private mutating func received(_ byte: UInt8, at now: BootTime) -> ScannedFrame? {
        switch state {
        case .idle:
            state = begun(with: byte, at: now)
            return nil
        case .afterStart:
            state =
                byte == Byte.nul
                ? .reply(bytes: [Byte.stx, byte], at: now) : begun(with: byte, at: now)
            return nil
        case .reply(let bytes, _):
            let all = bytes + [byte]
            if ModuleReply.known.contains(all) {
                state = .idle
            } else if ModuleReply.known.contains(where: { $0.starts(with: all) }) {
                state = .reply(bytes: all, at: now)
            } else {
                refuse(byte, at: now)
            }
            return nil
        case .collecting(let frame):
            return continued(frame, with: byte, at: now)
        case .refusing:
            state = Byte.isTerminator(byte) ? .idle : .refusing(at: now)
            return nil
        }
    }

    /// The first byte of something. Noise before a frame is no part of it; a damaged character may
    /// be.
    private mutating func begun(with byte: UInt8, at now: BootTime) -> State {
        if byte == Byte.stx { return .afterStart(at: now) }
        if Byte.isTerminator(byte) || Byte.isLineNoise(byte) { return .idle }
        guard Byte.isText(byte) else {
            refusedInRow += 1
            return .refusing(at: now)
        }
        return .collecting(Frame(bytes: [byte], first: now, last: now, heard: now))
    }

    private mutating func continued(
        _ frame: Frame,
        with byte: UInt8,
        at now: BootTime,
    ) -> ScannedFrame? {
        var frame = frame
        frame.heard = now
        if Byte.isTerminator(byte) {
            state = .idle
            frame.last = now
            return finished(frame)
        }
        if Byte.isLineNoise(byte) {
            frame.isClosed = true
            state = .collecting(frame)
        } else if Byte.isText(byte), !frame.isClosed, frame.bytes.count < framing.capacity {
            frame.bytes.append(byte)
            frame.last = now
            state = .collecting(frame)
        } else {
            refuse(byte, at: now)
        }
        return nil
    }

    private mutating func refuse(_ byte: UInt8, at now: BootTime) {
        refusedInRow += 1
        state = Byte.isTerminator(byte) ? .idle : .refusing(at: now)
    }

    /// A silence that nobody watched: what was begun before it is over.
    private mutating func dropUnfinished(at now: BootTime) {
        switch state {
        case .idle: return
        case .afterStart(let heard), .reply(_, let heard), .refusing(let heard):
            if now >= heard + framing.unfinishedLimit { state = .idle }
        case .collecting(let frame):
            if now >= frame.heard + framing.unfinishedLimit { state = .idle }
        }
    }

    private func finished(_ frame: Frame) -> ScannedFrame? {
        let content = ScannedContent(frame.bytes)
        guard !content.isNothing else { return nil }
        return ScannedFrame(
            text: content.text,
            firstByte: frame.first.nanoseconds,
            lastByte: frame.last.nanoseconds,
        )
    }
}

extension ScannedFrame {
    /// 16 to 24 digits, which is what every wallet's code has: whole without a terminator to say
    /// so.
    fileprivate var isSelfEvident: Bool {
        (16...24).contains(text.utf8.count) && text.utf8.allSatisfy(Byte.isDigit)
    }
}

/// Replies of GM65 and EM3095 modules to a trigger command: done, bad check sum, bad command. The
/// first ends in the digits 31, which would otherwise begin the code that follows.
private enum ModuleReply {
    static let known: [[UInt8]] = [
        [0x02, 0x00, 0x00, 0x01, 0x00, 0x33, 0x31],
        [0x02, 0x00, 0x01, 0x01, 0x00, 0x04, 0x01],
        [0x02, 0x00, 0x03, 0x01, 0x00, 0x6A, 0x61],
    ]
}

/// What single bytes mean on a scanner's line.
private enum Byte {
    static let nul: UInt8 = 0x00
    static let stx: UInt8 = 0x02

    /// CR, LF, TAB, ETX.
    static func isTerminator(_ byte: UInt8) -> Bool {
        byte == 0x0D || byte == 0x0A || byte == 0x09 || byte == 0x03
    }

    /// A break, a line that floats at power-up, XON and XOFF: never a damaged digit.
    static func isLineNoise(_ byte: UInt8) -> Bool {
        byte == nul || byte == 0xFF || byte == 0x11 || byte == 0x13
    }

    static func isText(_ byte: UInt8) -> Bool { (0x20...0x7E).contains(byte) }
    static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
