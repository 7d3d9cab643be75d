/// How a serial port is found and set.
package struct SerialSettings: Hashable, Sendable {
    package enum Parity: String, Hashable, Sendable, CaseIterable {
        case none
        case even
        case odd
        case mark
        case space
    }

    /// DTR/DSR is absent because Linux cannot do it: wire the printer's DTR to CTS and use
    /// ``rtscts``.
    package enum FlowControl: String, Hashable, Sendable, CaseIterable {
        case none
        case rtscts
        case xonxoff
    }

    /// The stable path, such as `/dev/serial/by-id/…`; links are followed anew at every opening.
    package let port: String
    /// Bits per second; USB devices mostly ignore it.
    package let baud: Int
    /// 5 to 8.
    package let dataBits: Int
    package let parity: Parity
    /// 1 or 2.
    package let stopBits: Int
    package let flowControl: FlowControl

    package init(
        port: String,
        baud: Int = 9600,
        dataBits: Int = 8,
        parity: Parity = .none,
        stopBits: Int = 1,
        flowControl: FlowControl = .none,
    ) {
        self.port = port
        self.baud = baud
        self.dataBits = dataBits
        self.parity = parity
        self.stopBits = stopBits
        self.flowControl = flowControl
    }

    /// How long `count` characters take on the line: start, data, parity and stop bits.
    package func duration(ofBytes count: Int) -> Duration {
        let bits = 1 + dataBits + (parity == .none ? 0 : 1) + stopBits
        return .nanoseconds(Int64(count) * Int64(bits) * 1_000_000_000 / Int64(max(1, baud)))
    }
}
