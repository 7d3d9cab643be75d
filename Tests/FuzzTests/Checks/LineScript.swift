import Payments

/// What comes over a serial line and when, read from a fuzzer's input.
///
/// The input is a row of records: a byte whose upper three bits choose the pause after it and whose lower five bits say
/// how many bytes follow; then those bytes, which arrive at once.
struct LineScript {
    struct Chunk {
        let bytes: [UInt8]
        let pause: Pause
    }

    /// The silence after a chunk: the bounds of the device facts, and just short of them.
    enum Pause: UInt8 {
        case none
        case short
        case belowGap
        case gap
        case replyGroup
        case belowUnfinished
        case unfinished
        /// What was read so far is declared void, as at the start of a sale.
        case discard

        var duration: Duration {
            switch self {
            case .none, .discard: .zero
            case .short: .milliseconds(2)
            case .belowGap: .milliseconds(49)
            case .gap: .milliseconds(50)
            case .replyGroup: .milliseconds(200)
            case .belowUnfinished: .milliseconds(499)
            case .unfinished: .milliseconds(500)
            }
        }
    }

    let chunks: [Chunk]

    init(_ input: some Sequence<UInt8>) {
        var chunks: [Chunk] = []
        var rest = Array(input)[...]
        while let head = rest.popFirst() {
            let bytes = rest.prefix(Int(head & 31))
            rest = rest.dropFirst(bytes.count)
            chunks.append(Chunk(bytes: Array(bytes), pause: Pause(rawValue: head >> 5) ?? .none))
        }
        self.chunks = chunks
    }
}
