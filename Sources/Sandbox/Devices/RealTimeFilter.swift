/// Takes the real-time status queries (DLE EOT n) out of the stream, as a printer's receiver does before everything else.
struct RealTimeFilter {
    private var held: [UInt8] = []

    /// The bytes that are no query, and the queries among them in order.
    mutating func received(_ bytes: [UInt8]) -> (data: [UInt8], queries: [UInt8]) {
        var data: [UInt8] = []
        var queries: [UInt8] = []
        for byte in bytes {
            switch (held.count, byte) {
            case (0, 0x10), (1, 0x04):
                held.append(byte)
            case (2, 1...4):
                queries.append(byte)
                held = []
            case (0, _):
                data.append(byte)
            default:
                data += held
                held = []
                if byte == 0x10 { held = [byte] } else { data.append(byte) }
            }
        }
        return (data, queries)
    }
}
