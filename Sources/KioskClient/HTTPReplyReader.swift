/// Reads one HTTP/1.1 reply as its bytes arrive, in pieces of any size: a body with a length, in chunks, or up to the
/// connection's end (RFC 9112, 6 and 7.1). Pure.
package struct HTTPReplyReader: Sendable {
    /// Head lines, chunk lines and trailer lines are at most this long, and at most so many.
    private static let longestLine = 16_384
    private static let mostLines = 100

    private enum State: Hashable {
        case statusLine
        case headers
        case body(left: Int)
        case chunkSize
        case chunk(left: Int)
        case chunkEnd
        case trailer
        case bodyUntilEnd
        case complete
    }

    private var state = State.statusLine
    private var line: [UInt8] = []
    private var lineCount = 0
    private var length: Int?
    private var isChunked = false

    /// The status, once its line has arrived.
    package private(set) var status: Int?
    package var isComplete: Bool { state == .complete }

    package init() {}

    /// What the bytes add to the body.
    package mutating func received(_ bytes: [UInt8]) throws(LocalCallError) -> [UInt8] {
        var body: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.first {
            switch state {
            case .complete:
                throw LocalCallError("The daemon said more than one reply.")
            case .bodyUntilEnd:
                body += rest
                rest = []
            case .body(let left), .chunk(let left):
                let taken = rest.prefix(left)
                body += taken
                rest = rest.dropFirst(taken.count)
                bodyArrived(left: left - taken.count)
            case .statusLine, .headers, .chunkSize, .chunkEnd, .trailer:
                rest = rest.dropFirst()
                try lineArrived(byte)
            }
        }
        return body
    }

    /// The connection has ended: whether that ends the reply too.
    package mutating func ended() throws(LocalCallError) {
        if state == .bodyUntilEnd { state = .complete }
        guard isComplete else { throw LocalCallError("The daemon ended its reply too early.") }
    }

    private mutating func bodyArrived(left: Int) {
        if case .chunk = state {
            state = left > 0 ? .chunk(left: left) : .chunkEnd
        } else {
            state = left > 0 ? .body(left: left) : .complete
        }
    }

    private mutating func lineArrived(_ byte: UInt8) throws(LocalCallError) {
        guard byte == 0x0A else {
            guard line.count < Self.longestLine else { throw Self.malformed }
            line.append(byte)
            return
        }
        if line.last == 0x0D { line.removeLast() }
        let text = String(decoding: line, as: UTF8.self)
        line = []
        lineCount += 1
        switch state {
        case .statusLine:
            let words = text.split(separator: " ")
            guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let code = Int(words[1]) else {
                throw Self.malformed
            }
            status = code
            state = .headers
        case .headers:
            try headerArrived(text)
        case .chunkSize:
            let digits = text.prefix { $0 != ";" && $0 != " " }
            guard let size = Int(digits, radix: 16), size >= 0 else { throw Self.malformed }
            state = size > 0 ? .chunk(left: size) : .trailer
            lineCount = 0
        case .chunkEnd:
            guard text.isEmpty else { throw Self.malformed }
            state = .chunkSize
        case .trailer:
            if text.isEmpty { state = .complete }
        case .body, .chunk, .bodyUntilEnd, .complete:
            break
        }
        guard lineCount <= Self.mostLines else { throw Self.malformed }
    }

    private mutating func headerArrived(_ text: String) throws(LocalCallError) {
        guard !text.isEmpty else {
            beginBody()
            return
        }
        let parts = text.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { throw Self.malformed }
        let value = parts[1].filter { $0 != " " && $0 != "\t" }.lowercased()
        switch parts[0].lowercased() {
        case "content-length":
            guard let count = Int(value), count >= 0 else { throw Self.malformed }
            length = count
        case "transfer-encoding":
            guard value == "chunked" else { throw Self.malformed }
            isChunked = true
        default:
            break
        }
    }

    private mutating func beginBody() {
        if status == 100 {
            state = .statusLine
        } else if isChunked {
            state = .chunkSize
        } else if let length {
            state = length > 0 ? .body(left: length) : .complete
        } else {
            state = .bodyUntilEnd
        }
    }

    private static let malformed = LocalCallError("The daemon's reply is no HTTP.")
}
