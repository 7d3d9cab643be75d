import Glibc

/// The terminal taken over: single keys without echo, an alternate screen, no cursor. Given back when this goes away,
/// whichever way the demo ends.
struct RawTerminal: ~Copyable {
    private let saved: termios

    /// `nil` if standard input or output is no terminal.
    static func take() -> RawTerminal? {
        var modes = termios()
        // One structure is written.
        guard isatty(0) == 1, isatty(1) == 1, unsafe tcgetattr(0, &modes) == 0 else { return nil }
        let saved = modes
        // Ctrl-C too arrives as a key, so that it ends the demo in order.
        modes.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
        modes.c_iflag &= ~tcflag_t(IXON | ICRNL)
        // One structure is read.
        guard unsafe tcsetattr(0, TCSAFLUSH, &modes) == 0 else { return nil }
        Output.write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[2J")
        return RawTerminal(saved: saved)
    }

    private init(saved: termios) { self.saved = saved }

    deinit {
        Output.write("\u{1B}[?25h\u{1B}[?1049l")
        var modes = saved
        // One structure is read.
        _ = unsafe tcsetattr(0, TCSAFLUSH, &modes)
    }

    /// Columns and lines of the window; 80 by 24 if the terminal does not say.
    var size: (width: Int, height: Int) {
        var size = winsize()
        // One structure is written.
        guard unsafe ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0
        else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }
}

/// Paints lines on the screen, but only those that have changed.
struct ScreenPainter {
    private var shown: [String] = []
    private var width = 0

    mutating func paint(_ lines: [String], width: Int) {
        var text = ""
        if lines.count != shown.count || width != self.width {
            text = "\u{1B}[2J"
            shown = []
        }
        for (row, line) in lines.enumerated() where row >= shown.count || shown[row] != line {
            text += "\u{1B}[\(row + 1);1H" + line
        }
        shown = lines
        self.width = width
        if !text.isEmpty { Output.write(text) }
    }
}
