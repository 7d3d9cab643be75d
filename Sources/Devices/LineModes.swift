internal import Glibc

/// Speed and character of a line in `termios`, for terminals that libserialport does not take.
enum LineModes {
    /// Writes the settings into the modes.
    /// - Throws: what cannot be said in `termios`.
    static func set(_ settings: SerialSettings, in modes: inout termios) throws(SerialPortError) {
        guard let speed = speeds[settings.baud], let size = sizes[settings.dataBits] else {
            throw SerialPortError(
                speeds[settings.baud] == nil ? .speedRefused : .characterRefused
            )
        }
        // The structure is written in place; each speed of the table is one that it knows.
        unsafe cfsetspeed(&modes, speed)
        modes.c_cflag &= ~(characterBits | tcflag_t(CSIZE))
        modes.c_cflag |= size
        if settings.stopBits == 2 { modes.c_cflag |= tcflag_t(CSTOPB) }
        let parity: tcflag_t =
            switch settings.parity {
            case .none: 0
            case .even: tcflag_t(PARENB)
            case .odd: tcflag_t(PARENB | PARODD)
            case .mark: tcflag_t(PARENB | PARODD) | stickyParity
            case .space: tcflag_t(PARENB) | stickyParity
            }
        modes.c_cflag |= parity
    }

    /// What of the modes the terminal did not take: `tcsetattr` counts as done when anything was.
    static func refusal(wanted: termios, found: termios) -> DeviceTrouble? {
        var (wanted, found) = (wanted, found)
        // Both live for the calls.
        guard unsafe cfgetospeed(&wanted) == cfgetospeed(&found) else { return .speedRefused }
        let mask = characterBits | tcflag_t(CSIZE)
        return wanted.c_cflag & mask == found.c_cflag & mask ? nil : .characterRefused
    }

    private static let stickyParity = tcflag_t(truncatingIfNeeded: CMSPAR)
    private static let characterBits = tcflag_t(CSTOPB | PARENB | PARODD) | stickyParity

    private static let sizes: [Int: tcflag_t] = [
        5: tcflag_t(CS5), 6: tcflag_t(CS6), 7: tcflag_t(CS7), 8: tcflag_t(CS8),
    ]

    /// Every speed of `termios` that the configuration allows. A table, because a number that is none of them may be the
    /// name of another: 4097 is B57600.
    private static let speeds: [Int: speed_t] = [
        300: speed_t(B300), 600: speed_t(B600), 1200: speed_t(B1200), 1800: speed_t(B1800),
        2400: speed_t(B2400), 4800: speed_t(B4800), 9600: speed_t(B9600),
        19_200: speed_t(B19200), 38_400: speed_t(B38400), 57_600: speed_t(B57600),
        115_200: speed_t(B115200), 230_400: speed_t(B230400), 460_800: speed_t(B460800),
        500_000: speed_t(B500000), 576_000: speed_t(B576000), 921_600: speed_t(B921600),
    ]
}
