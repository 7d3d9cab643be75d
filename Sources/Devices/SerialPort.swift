internal import Glibc
internal import Payments

/// An open serial port: raw, ours alone, never blocking. Closed when it goes out of scope.
///
/// libserialport finds, opens and sets real ports. Readiness, reading and writing are done here,
/// because its own calls spin for ever after a hang-up and cannot tell "nothing" from "gone"
/// (device facts, 1.6).
struct SerialPort: ~Copyable {
    enum Input {
        case bytes([UInt8])
        case nothing
        case gone
    }

    enum Output {
        /// How many bytes the kernel took; 0 when it takes none now.
        case taken(Int)
        case gone
    }

    let descriptor: Int32
    private let handle: SerialPortHandle?

    private init(descriptor: Int32, handle: SerialPortHandle?) {
        self.descriptor = descriptor
        self.handle = handle
    }

    /// Opens and sets the port that `settings.port` leads to now.
    static func open(_ settings: SerialSettings) throws(SerialPortError) -> SerialPort {
        let path = try resolved(settings.port)
        if path.hasPrefix("/dev/pts/") {
            return try openPlain(path, settings, .pseudo)
        }
        let handle: SerialPortHandle
        do {
            handle = try SerialPortHandle(path, settings)
        } catch {
            // A terminal without modem lines, which libserialport does not take.
            guard error.code == ENOTTY else { throw error }
            return try openPlain(path, settings, .plain)
        }
        // From here on `deinit` closes what a failure leaves open.
        let port = SerialPort(descriptor: handle.descriptor, handle: handle)
        try port.claim(exclusiveForTheKernel: true)
        try port.setModes(settings, .setByLibrary)
        return port
    }

    /// Who sets speed and character of the line.
    private enum Line {
        case setByLibrary
        /// We, and what the terminal did not take is an error.
        case plain
        /// We, and the far end sees it; whole bytes go through, whatever data bits and parity.
        case pseudo
    }

    /// The back-end for terminals that libserialport does not take.
    private static func openPlain(
        _ path: String,
        _ settings: SerialSettings,
        _ line: Line,
    ) throws(SerialPortError) -> SerialPort {
        let descriptor = unsafe Glibc.open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw SerialPortError(code: errno) }
        let port = SerialPort(descriptor: descriptor, handle: nil)
        // Raw before anything else: until then the terminal echoes its input back to the device.
        try port.setModes(settings, line)
        // Not TIOCEXCL: a pseudo terminal keeps it after its holder died, for as long as the far
        // end lives.
        try port.claim(exclusiveForTheKernel: false)
        return port
    }

    /// Follows links: libserialport takes only names it finds under `/sys/class/tty`.
    private static func resolved(_ path: String) throws(SerialPortError) -> String {
        // `realpath` allocates the result, which is copied and freed here.
        guard let real = unsafe realpath(path, nil) else { throw SerialPortError(code: errno) }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }

    deinit {
        // Output still queued for a device that takes none would hold up the closing for many
        // seconds.
        tcflush(descriptor, TCOFLUSH)
        if let handle {
            // Otherwise the next opening is refused while any other descriptor of the port is open.
            _ = ioctl(descriptor, UInt(TIOCNXCL))
            handle.close()
        } else {
            Glibc.close(descriptor)
        }
    }

    /// At most 256 bytes, with marks around damaged ones: ``DamageMarks`` takes them out. Call it after `poll` said readable:
    /// no byte then means that the device is gone.
    func read() -> Input {
        var buffer = [UInt8](repeating: 0, count: 256)
        while true {
            // The buffer outlives the call and has the length passed.
            let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
            if count > 0 {
                return .bytes(Array(buffer[..<count]))
            }
            if count == 0 { return .gone }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .nothing
            default: return .gone
            }
        }
    }

    func write(_ bytes: ArraySlice<UInt8>) -> Output {
        while true {
            // The slice's storage lives through the call, with its own count.
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count >= 0 { return .taken(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .taken(0)
            default: return .gone
            }
        }
    }

    /// Bytes that the kernel holds and the line has not carried yet.
    var outputQueued: Int {
        var count: Int32 = 0
        // The kernel writes one int; 0 on failure, which the next write will notice.
        return unsafe ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
    }

    func discardInput() { tcflush(descriptor, TCIFLUSH) }
    func discardOutput() { tcflush(descriptor, TCOFLUSH) }

    /// One owner: the kernel's exclusive mode does not stop root, and a lock is only a convention;
    /// so both.
    private func claim(exclusiveForTheKernel: Bool) throws(SerialPortError) {
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw SerialPortError(code: errno == EWOULDBLOCK ? EBUSY : errno)
        }
        guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0,
            !exclusiveForTheKernel || ioctl(descriptor, UInt(TIOCEXCL)) == 0
        else { throw SerialPortError(code: errno) }
    }

    /// Raw mode, flow control and marks of damage on the descriptor itself: libserialport 0.1 leaves IXON as found, sets
    /// CRTSCTS in the wrong word and IXANY unasked, and has damaged bytes dropped or let through (device facts, 1.4 and 1.6).
    private func setModes(_ settings: SerialSettings, _ line: Line) throws(SerialPortError) {
        var modes = try currentModes()
        if line != .setByLibrary {
            unsafe cfmakeraw(&modes)
            modes.c_cflag |= tcflag_t(CLOCAL | CREAD)
            try LineModes.set(settings, in: &modes)
        }
        modes.c_iflag &= ~tcflag_t(IXON | IXOFF | IXANY)
        modes.c_cflag &= ~tcflag_t(truncatingIfNeeded: CRTSCTS)
        switch settings.flowControl {
        case .none: break
        case .rtscts: modes.c_cflag |= tcflag_t(truncatingIfNeeded: CRTSCTS)
        case .xonxoff: modes.c_iflag |= tcflag_t(IXON | IXOFF)
        }
        // A damaged byte is marked, never dropped and never let through: see ``DamageMarks``. ISTRIP would break the marks.
        modes.c_iflag &= ~tcflag_t(IGNPAR | IGNBRK | BRKINT | ISTRIP)
        modes.c_iflag |= tcflag_t(INPCK | PARMRK)
        // One byte at least: then reading none can only mean that the device is gone.
        modes.c_cc.6 = 1
        modes.c_cc.5 = 0
        guard unsafe tcsetattr(descriptor, TCSANOW, &modes) == 0 else {
            throw SerialPortError(code: errno)
        }
        if line == .plain,
            let trouble = LineModes.refusal(wanted: modes, found: try currentModes())
        {
            throw SerialPortError(trouble)
        }
    }

    private func currentModes() throws(SerialPortError) -> termios {
        var modes = termios()
        // The kernel writes one structure, which lives through the call.
        guard unsafe tcgetattr(descriptor, &modes) == 0 else {
            throw SerialPortError(code: errno)
        }
        return modes
    }
}
