/// Looks for commits in the log that SQLite would pass over without a word (https://sqlite.org/fileformat2.html, 4).
///
/// SQLite reads the log up to the first frame that does not fit its checksum, and takes the rest for a write that the power
/// cut. Each of our commits is on the disk before the next begins, so a cut leaves at most one behind that frame. More
/// means that the log itself is damaged, and what was committed in it must not be forgotten (rules A1, A6).
struct LogCheck {
    enum Finding: Hashable {
        case sound
        /// The newest commit did not reach the disk whole: it was never answered, so nothing was done upon it.
        case cutShort
        case damaged
    }

    private static let headerLength = 32
    private static let frameHeaderLength = 24
    private static let magic: UInt32 = 0x377F_0682

    /// Only while nobody writes.
    static func finding(of file: String) throws(JournalError) -> Finding {
        let bytes = try FileBytes(file)
        let header = try bytes.bytes(at: 0, count: headerLength)
        guard header.count == headerLength else { return .sound }
        let isBigEndian = word(header, 0) & 1 == 1
        var sum = Sum(isBigEndian: isBigEndian)
        sum.add(header[0..<24])
        let pageSize = Int(word(header, 8))
        let isHeaderSound =
            word(header, 0) & ~1 == magic && (512...65_536).contains(pageSize)
            && sum.matches(word(header, 24), word(header, 28))
        // With a damaged header SQLite reads nothing; the frames still name themselves.
        var salt = isHeaderSound ? Array(header[16..<24]) : []
        let length = frameHeaderLength + (isHeaderSound ? pageSize : 4_096)
        var isReadable = isHeaderSound
        var passedOver = 0
        var isTorn = false
        var offset = headerLength
        while true {
            let frame = try bytes.bytes(at: offset, count: length)
            guard frame.count == length else { break }
            offset += length
            if salt.isEmpty { salt = Array(frame[8..<16]) }
            let isOurs = Array(frame[8..<16]) == salt
            if isReadable {
                sum.add(frame[0..<8])
                sum.add(frame[frameHeaderLength...])
                isReadable = isOurs && sum.matches(word(frame, 16), word(frame, 20))
            }
            guard !isReadable else { continue }
            if isOurs { isTorn = true }
            if isOurs, word(frame, 4) != 0 { passedOver += 1 }
            if passedOver > 1 { return .damaged }
        }
        return isTorn ? .cutShort : .sound
    }

    private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
        bytes[offset..<(offset + 4)].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The log's running checksum.
    private struct Sum {
        let isBigEndian: Bool
        private var first: UInt32 = 0
        private var second: UInt32 = 0

        init(isBigEndian: Bool) { self.isBigEndian = isBigEndian }

        mutating func add(_ bytes: ArraySlice<UInt8>) {
            var index = bytes.startIndex
            while index + 8 <= bytes.endIndex {
                first &+= word(bytes, index) &+ second
                second &+= word(bytes, index + 4) &+ first
                index += 8
            }
        }

        private func word(_ bytes: ArraySlice<UInt8>, _ at: Int) -> UInt32 {
            let word =
                UInt32(bytes[at]) << 24 | UInt32(bytes[at + 1]) << 16 | UInt32(bytes[at + 2]) << 8
                | UInt32(bytes[at + 3])
            return isBigEndian ? word : word.byteSwapped
        }

        func matches(_ left: UInt32, _ right: UInt32) -> Bool { first == left && second == right }
    }
}

extension Directory {
    /// What SQLite must not be let near: a database or a log that is not what was written. `nil` if both are.
    func problem() throws(JournalError) -> String? {
        if let problem = try FileHeader.problem(of: database) { return problem }
        guard try LogCheck.finding(of: log) == .damaged else { return nil }
        return "commits in its log do not fit their checksums"
    }
}
