import Glibc
import Payments
import Sandbox
import Testing
import Threads

@testable import Devices

@Suite("Serial ports as they are set", .timeLimit(.minutes(1)))
struct SerialPortTests {
    /// A pseudo terminal whose far end nobody reads and nobody serves.
    private final class Terminal {
        let path: String
        private let master: Int32
        private let farEnd: Int32

        init() throws {
            var ends: (Int32, Int32) = (-1, -1)
            var name = [CChar](repeating: 0, count: 64)
            // Two descriptors are written, and a path of at most 20 characters.
            try #require(unsafe openpty(&ends.0, &ends.1, &name, nil, nil) == 0)
            (master, farEnd) = ends
            path = String(
                decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
                as: UTF8.self
            )
        }

        deinit {
            close(master)
            close(farEnd)
        }

        /// As both ends see it.
        var modes: termios {
            var modes = termios()
            // The kernel fills in one structure.
            _ = unsafe tcgetattr(farEnd, &modes)
            return modes
        }
    }

    private static let crtscts = tcflag_t(truncatingIfNeeded: CRTSCTS)

    @Test(
        "The termios back-end sets exactly the flow control that was asked for, over what it found",
        arguments: SerialSettings.FlowControl.allCases
    )
    func flowControl(_ flow: SerialSettings.FlowControl) throws {
        let terminal = try Terminal()
        for found in SerialSettings.FlowControl.allCases {
            // What another program left behind.
            _ = try SerialPort.open(SerialSettings(port: terminal.path, flowControl: found))
            let port = try SerialPort.open(SerialSettings(port: terminal.path, flowControl: flow))
            let modes = terminal.modes
            #expect((modes.c_cflag & Self.crtscts != 0) == (flow == .rtscts))
            let software = tcflag_t(IXON | IXOFF)
            #expect(modes.c_iflag & software == (flow == .xonxoff ? software : 0))
            #expect(modes.c_iflag & tcflag_t(IXANY) == 0)
            #expect(modes.c_lflag & tcflag_t(ICANON | ECHO | ISIG) == 0)
            #expect(modes.c_oflag & tcflag_t(OPOST) == 0)
            withExtendedLifetime(port) {}
        }
    }

    @Test("A printer's port that nobody reads from is noticed; sending ends, and stopping is quick")
    func neverRead() async throws {
        let terminal = try Terminal()
        let (states, report) = AsyncStream.makeStream(of: DeviceState.self)
        let printer = ReceiptPrinter(
            settings: SerialSettings(port: terminal.path, flowControl: .none),
            profile: SampleSlips.profile(columns: 48),
            merchant: SampleSlips.merchant(.english),
            onState: { report.yield($0) }
        )
        printer.start()
        var iterator = states.makeAsyncIterator()
        var state = await iterator.next()
        while let now = state, now.isUsable { state = await iterator.next() }
        #expect(state == .attention(.noAnswer) || state == .absent(.noAnswer))
        let time = ContinuousClock().measure { printer.stop() }
        #expect(time < .seconds(5))
    }

    @Test("A path whose opening would block for ever is told as what it is, at once")
    func blockingOpen() async throws {
        let folder = try TemporaryFolder()
        let pipe = folder.file("pipe")
        try #require(unsafe mkfifo(pipe, 0o600) == 0)
        let (states, report) = AsyncStream.makeStream(of: DeviceState.self)
        let scanner = SerialScanner(
            settings: SerialSettings(port: pipe),
            onFrame: { _ in },
            onState: { report.yield($0) }
        )
        scanner.start()
        var iterator = states.makeAsyncIterator()
        #expect(await iterator.next() == .absent(.notASerialPort))
        let time = ContinuousClock().measure { scanner.stop() }
        #expect(time < .seconds(2))
    }
}
