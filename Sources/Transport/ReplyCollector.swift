import CCurl

/// Gathers one reply, within bounds. A reply that libcurl starts anew (after `100 Continue`)
/// replaces the header lines before it.
struct ReplyCollector {
    /// All header lines together, trailers included.
    static let maximumHeaderBytes = 64 * 1024

    let maximumBodyBytes: Int
    private(set) var body: [UInt8] = []
    private(set) var dateSeconds: Int64?
    /// Set when a bound was passed; the transfer then ends.
    private(set) var isOversized = false
    /// The empty line after the last header line came. libcurl counts a reply whose header lines
    /// end early, by an orderly end of the connection, as complete.
    private(set) var headIsComplete = false
    private var headerBytes = 0

    /// Whether a line of a reply came.
    var hasBegun: Bool { headerBytes > 0 }

    init(maximumBodyBytes: Int) { self.maximumBodyBytes = maximumBodyBytes }

    /// `false` when the reply is too long.
    mutating func bodyReceived(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= maximumBodyBytes - body.count else {
            isOversized = true
            return false
        }
        unsafe body.append(contentsOf: bytes)
        return true
    }

    /// One header line with its line end; `false` when there are too many.
    mutating func headerReceived(_ line: String) -> Bool {
        headerBytes += line.utf8.count
        guard headerBytes <= Self.maximumHeaderBytes else {
            isOversized = true
            return false
        }
        if line.hasPrefix("HTTP/") {
            dateSeconds = nil
            body = []
            headIsComplete = false
        }
        if line == "\r\n" || line == "\n" { headIsComplete = true }
        // A trailer says nothing about the time.
        guard body.isEmpty, let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else {
            return true
        }
        if line[..<colon].lowercased() == "date" {
            dateSeconds = Self.seconds(ofDate: line[line.index(after: colon)...].trimmingBlanks)
        }
        return true
    }

    private static func seconds(ofDate text: String) -> Int64? {
        guard text.utf8.count <= 64 else { return nil }
        // The string lives for the call; -1 means unreadable.
        let seconds = unsafe curl_getdate(text, nil)
        return seconds < 0 ? nil : Int64(seconds)
    }
}

extension Substring {
    fileprivate var trimmingBlanks: String {
        var rest = self
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}
