/// What a device can do now.
package enum DeviceState: Hashable, Sendable {
    /// There is no device at the configured place, or it cannot be used.
    case absent(DeviceTrouble)
    case ready
    /// There, but something is wrong with it.
    case attention(DeviceTrouble)

    /// Whether the device does its work: ready, perhaps low on paper, or with scans that cannot be read.
    package var isUsable: Bool {
        switch self {
        case .ready, .attention(.paperLow), .attention(.unreadable): true
        case .absent, .attention: false
        }
    }

    /// The stable word of the state: `absent`, `ready` or `attention`.
    package var word: String {
        switch self {
        case .absent: "absent"
        case .ready: "ready"
        case .attention: "attention"
        }
    }

    /// What is wrong; `nil` when ready.
    package var trouble: DeviceTrouble? {
        switch self {
        case .absent(let trouble), .attention(let trouble): trouble
        case .ready: nil
        }
    }
}

/// What can be wrong with a device. The raw values are stable words for status and log.
package enum DeviceTrouble: String, Hashable, Sendable, CaseIterable {
    case notOpened = "not-opened"
    case notFound = "not-found"
    case busy
    case noPermission = "no-permission"
    case notASerialPort = "not-a-serial-port"
    case settingsRefused = "settings-refused"
    case speedRefused = "speed-refused"
    case characterRefused = "character-refused"
    case inputOutputError = "input-output-error"
    case unplugged
    case flooding
    case unreadable
    case stopped
    case paperOut = "paper-out"
    case paperLow = "paper-low"
    case coverOpen = "cover-open"
    case offline
    case printerError = "printer-error"
    case noAnswer = "no-answer"
    case stalled

    /// One sentence for a technician: what is wrong and what to do.
    package var sentence: String {
        switch self {
        case .notOpened: "The port has not been opened yet; wait a moment."
        case .notFound: "There is no such port; plug the device in or correct the path."
        case .busy: "Another program uses the port; stop that program."
        case .noPermission: "The port may not be opened; add the user to the group that owns it."
        case .notASerialPort: "The path is not a serial port; correct it."
        case .settingsRefused:
            "The port refuses its settings; correct baud, data bits, parity or stop bits."
        case .speedRefused:
            "The port cannot be set to its baud rate; correct baud, such as 9600 or 115200."
        case .characterRefused:
            "The port cannot be set to its data bits, parity or stop bits; correct them, such as 8, none and 1."
        case .inputOutputError: "The port cannot be opened or used; check cable and device."
        case .unplugged: "The device was unplugged; plug it in again."
        case .flooding:
            "The device sends without end and is not listened to; check its cable and settings."
        case .unreadable:
            "The last scans could not be read; check that baud, data bits and parity are the scanner's, and its cable."
        case .stopped: "The device was stopped with the program."
        case .paperOut: "The printer has no paper; put in a new roll."
        case .paperLow: "The printer's paper is nearly used up; have a new roll ready."
        case .coverOpen: "The printer's cover is open; close it."
        case .offline: "The printer is offline; check its feed button and its display."
        case .printerError:
            "The printer reports an error; check the cutter and switch it off and on."
        case .noAnswer: "The printer does not answer; check its power, cable and baud rate."
        case .stalled: "The printer accepts no more bytes; check its power, cable and flow control."
        }
    }
}
