extension Configuration {
    /// A serial port and how it is set.
    package struct SerialLine: Hashable, Sendable {
        package enum Parity: String, Hashable, Sendable, CaseIterable {
            case none
            case even
            case odd
            case mark
            case space
        }

        /// DTR/DSR is absent because Linux cannot do it (device facts, 2.9).
        package enum FlowControl: String, Hashable, Sendable, CaseIterable {
            case none
            case rtscts
            case xonxoff
        }

        /// Absolute; a pseudo terminal such as `/dev/pts/3`, or a link to one, is as good as a serial port. Required.
        package let port: String
        /// Bits per second; 300 to 921 600, ignored by most USB devices (device facts, 1.1).
        package let baud: Int
        /// 5 to 8.
        package let dataBits: Int
        package let parity: Parity
        /// 1 or 2.
        package let stopBits: Int
        package let flowControl: FlowControl

        init(
            _ section: Section,
            defaultBaud: Int,
            defaultFlowControl: FlowControl = .none,
        ) {
            port = section.path("port")
            baud = section.integer("baud", in: 300...921_600, default: defaultBaud)
            dataBits = section.integer("dataBits", in: 5...8, default: 8)
            parity = section.choice("parity", default: .none)
            stopBits = section.integer("stopBits", in: 1...2, default: 1)
            flowControl = section.choice("flowControl", default: defaultFlowControl)
        }
    }

    package struct Scanner: Hashable, Sendable {
        package let line: SerialLine
        /// The silence that ends a code without a terminator (device facts, 1.5); 10 to 300 ms, and never shorter than four
        /// characters take on the line.
        package let idleGap: Duration

        init(_ section: Section) {
            line = SerialLine(section, defaultBaud: 9600)
            idleGap = .milliseconds(
                section.integer("idleGapMilliseconds", in: 10...300, default: 50)
            )
        }
    }

    package struct Printer: Hashable, Sendable {
        package let line: SerialLine
        /// Names the printer's abilities: lower-case letters, digits and hyphens, such as `epson-80`.
        package let profile: String

        init(_ section: Section) {
            line = SerialLine(section, defaultBaud: 115_200, defaultFlowControl: .rtscts)
            profile = section.parsed(
                "profile",
                bytes: 1...32,
                default: "epson-80",
                placeholder: "",
                "must be a printer profile's name such as \"epson-80\"",
            ) { BoardFile.isName($0) ? $0 : nil }
        }
    }

    /// How the status lights are driven.
    package enum Lights: Hashable, Sendable {
        case none
        /// One line `<monotonic ms> <name> <0|1>` per change is appended to the file, for a computer without GPIO.
        case trace(file: String)
        case gpiod(Lines)

        private enum Driver: String, CaseIterable {
            case gpiod
            case trace
            case none
        }

        /// The GPIO line of each light: numbers on one chip, all different.
        package struct Lines: Hashable, Sendable {
            /// A chip's name, label or device path, as libgpiod looks it up.
            package let chip: String
            package let ready: Int
            package let busy: Int
            package let approved: Int
            package let declined: Int
            package let fault: Int
            /// Whether a light is lit by a low level.
            package let activeLow: Bool

            package var all: [Int] { [ready, busy, approved, declined, fault] }

            fileprivate init(_ section: Section) {
                chip = section.string("chip", bytes: 1...64, default: "gpiochip0")
                ready = section.gpioLine("ready")
                busy = section.gpioLine("busy")
                approved = section.gpioLine("approved")
                declined = section.gpioLine("declined")
                fault = section.gpioLine("fault")
                activeLow = section.boolean("activeLow", default: false)
                let names = ["ready", "busy", "approved", "declined", "fault"]
                for (index, name) in names.enumerated() {
                    let twin = all[..<index].firstIndex(of: all[index])
                    section.require(
                        twin == nil,
                        name,
                        and: twin.map { ["lights." + names[$0]] } ?? [],
                        "is the line of lights.\(names[twin ?? 0]) too; give each light its own",
                    )
                }
            }
        }

        /// A kiosk whose lights nobody configured has none: driving lines that happen to be there could harm a machine.
        init(_ section: Section) {
            let driver = section.choice("driver", default: section.isPresent ? Driver.gpiod : .none)
            let file = section.optionalPath("file")
            switch driver {
            case .none:
                section.passOverGPIO()
                self = .none
            case .trace:
                section.passOverGPIO()
                section.require(
                    file != nil,
                    "file",
                    "is missing; driver \"trace\" writes to a file, so name it",
                )
                self = .trace(file: file ?? "")
            case .gpiod: self = .gpiod(Lines(section))
            }
        }
    }

    /// A coin acceptor's pulses: the amount paid, in pulses.
    package struct Pulse: Hashable, Sendable {
        /// A chip's name, label or device path, as libgpiod looks it up.
        package let chip: String
        package let line: Int
        /// Length of one pulse; 1 ms to 1 s.
        package let width: Duration
        /// Pause between pulses; 1 ms to 5 s.
        package let gap: Duration
        /// What one pulse stands for, in the smallest unit.
        package let amountPerPulse: Int64

        init(_ section: Section) {
            chip = section.string("chip", bytes: 1...64, default: "gpiochip0")
            line = section.gpioLine("line")
            width = .milliseconds(section.integer("widthMilliseconds", in: 1...1000, default: 50))
            gap = .milliseconds(section.integer("gapMilliseconds", in: 1...5000, default: 100))
            amountPerPulse = section.integer(
                "amountPerPulse",
                in: 1...1_000_000_000,
                default: 100,
            )
        }
    }
}

extension Section {
    /// A line's number on its chip; required. Chips with more than a thousand lines are not built.
    fileprivate func gpioLine(_ key: String) -> Int { integer(key, in: 0...1023) }

    /// Checks the pins of a board whose lights this kiosk does not drive by GPIO.
    fileprivate func passOverGPIO() {
        _ = string("chip", bytes: 1...64, default: "gpiochip0")
        for key in ["ready", "busy", "approved", "declined", "fault"] {
            _ = optionalInteger(key, in: 0...1023)
        }
        _ = boolean("activeLow", default: false)
    }
}
