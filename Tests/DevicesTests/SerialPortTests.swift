import Glibc
import Payments
import Sandbox
import TestKit
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

        /// What the device sends.
        func send(_ bytes: [UInt8]) throws {
            // The array outlives the call and has the length passed.
            try #require(unsafe write(master, bytes, bytes.count) == bytes.count)
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

    @Test(
        "The termios back-end sets speed and stop bits, as the far end sees",
        arguments: [(300, B300, 1), (9600, B9600, 2), (115_200, B115200, 1), (921_600, B921600, 2)]
    )
    func line(baud: Int, speed: Int32, stopBits: Int) throws {
        let terminal = try Terminal()
        let port = try SerialPort.open(
            SerialSettings(port: terminal.path, baud: baud, stopBits: stopBits)
        )
        var modes = terminal.modes
        // The structure lives for the calls.
        #expect(unsafe cfgetospeed(&modes) == speed_t(speed))
        #expect(unsafe cfgetispeed(&modes) == speed_t(speed))
        #expect((modes.c_cflag & tcflag_t(CSTOPB) != 0) == (stopBits == 2))
        withExtendedLifetime(port) {}
    }

    @Test(
        "A speed that the termios back-end does not know is refused by name, never taken for another"
    )
    func unknownSpeed() throws {
        let terminal = try Terminal()
        // 4097 is the number behind the name B57600.
        for baud in [4097, 250_001] {
            #expect(throws: SerialPortError(.speedRefused)) {
                _ = try SerialPort.open(SerialSettings(port: terminal.path, baud: baud))
            }
        }
        #expect(DeviceTrouble.speedRefused.sentence.contains("baud"))
    }

    @Test("Data bits and parity are said in termios, over what was found there")
    func character() throws {
        var modes = termios()
        modes.c_cflag = tcflag_t(CS8 | CSTOPB | PARENB | PARODD | CREAD)
        let space = SerialSettings(port: "", dataBits: 7, parity: .space, stopBits: 2)
        try LineModes.set(space, in: &modes)
        #expect(modes.c_cflag & tcflag_t(CSIZE) == tcflag_t(CS7))
        #expect(modes.c_cflag & tcflag_t(PARENB | PARODD | CSTOPB) == tcflag_t(PARENB | CSTOPB))
        #expect(modes.c_cflag & tcflag_t(truncatingIfNeeded: CMSPAR) != 0)
        #expect(modes.c_cflag & tcflag_t(CREAD) != 0)
        try LineModes.set(SerialSettings(port: "", dataBits: 5, parity: .odd), in: &modes)
        #expect(modes.c_cflag & tcflag_t(CSIZE) == tcflag_t(CS5))
        #expect(modes.c_cflag & tcflag_t(PARENB | PARODD | CSTOPB) == tcflag_t(PARENB | PARODD))
        #expect(modes.c_cflag & tcflag_t(truncatingIfNeeded: CMSPAR) == 0)
    }

    @Test("What a terminal did not take of its settings is named")
    func notTaken() throws {
        var wanted = termios()
        try LineModes.set(
            SerialSettings(port: "", baud: 115_200, dataBits: 7, parity: .even),
            in: &wanted
        )
        #expect(LineModes.refusal(wanted: wanted, found: wanted) == nil)
        var found = wanted
        try LineModes.set(
            SerialSettings(port: "", baud: 9600, dataBits: 7, parity: .even),
            in: &found
        )
        #expect(LineModes.refusal(wanted: wanted, found: found) == .speedRefused)
        try LineModes.set(SerialSettings(port: "", baud: 115_200), in: &found)
        #expect(LineModes.refusal(wanted: wanted, found: found) == .characterRefused)
    }

    @Test(
        "Damaged bytes are marked, not dropped, whatever the parity",
        arguments: SerialSettings.Parity.allCases
    )
    func damageIsMarked(parity: SerialSettings.Parity) throws {
        let terminal = try Terminal()
        let port = try SerialPort.open(SerialSettings(port: terminal.path, parity: parity))
        let marking = tcflag_t(INPCK | PARMRK)
        let dropping = tcflag_t(IGNPAR | IGNBRK | BRKINT | ISTRIP)
        #expect(terminal.modes.c_iflag & (marking | dropping) == marking)
        withExtendedLifetime(port) {}
    }

    @Test("What looks like a mark and was sent by the device itself is none")
    func noMark() throws {
        let terminal = try Terminal()
        let port = try SerialPort.open(SerialSettings(port: terminal.path))
        let sent: [UInt8] = [0xFF, 0x00, 0x31, 0xFF, 0x0D]
        try terminal.send(sent)
        var marks = DamageMarks()
        var received: [UInt8] = []
        while received.count < sent.count {
            var ready = [pollfd(fd: port.descriptor, events: Int16(POLLIN), revents: 0)]
            try #require(Poll.wait(&ready, until: BootClock.now() + .seconds(5)))
            guard case .bytes(let bytes) = port.read() else { break }
            received += marks.unmarked(bytes)
        }
        #expect(received == sent)
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
        let folder = try TestFolder()
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
