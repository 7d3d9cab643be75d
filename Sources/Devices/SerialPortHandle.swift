internal import CSerialPort
internal import Glibc

/// libserialport's port: found, opened and set by the library; owned and closed by ``SerialPort``.
///
/// Safe because the pointer is private, comes from the library and is freed exactly once, by ``close()``.
@safe struct SerialPortHandle {
    let descriptor: Int32
    private let port: OpaquePointer

    /// `path` has no links in it.
    init(_ path: String, _ settings: SerialSettings) throws(SerialPortError) {
        var found: OpaquePointer?
        // The library fills in one pointer, which is ours until `sp_free_port`.
        guard unsafe sp_get_port_by_name(path, &found) == SP_OK, let port = unsafe found else {
            throw SerialPortError(code: ENOTSUP)
        }
        guard unsafe sp_open(port, SP_MODE_READ_WRITE) == SP_OK else {
            let code = sp_last_error_code()
            unsafe sp_free_port(port)
            throw SerialPortError(code: code)
        }
        var descriptor: Int32 = -1
        // The library writes one int.
        let isOpen = unsafe sp_get_port_handle(port, &descriptor) == SP_OK
        guard isOpen, unsafe Self.set(port, settings) else {
            unsafe sp_close(port)
            unsafe sp_free_port(port)
            throw SerialPortError(code: EINVAL)
        }
        self.descriptor = descriptor
        unsafe self.port = port
    }

    /// Flow control is left to ``SerialPort``: the library gets it wrong (device facts, 1.6).
    private static func set(_ port: OpaquePointer, _ settings: SerialSettings) -> Bool {
        let parity: sp_parity =
            switch settings.parity {
            case .none: SP_PARITY_NONE
            case .even: SP_PARITY_EVEN
            case .odd: SP_PARITY_ODD
            case .mark: SP_PARITY_MARK
            case .space: SP_PARITY_SPACE
            }
        // The port is open and lives through the calls.
        return unsafe sp_set_baudrate(port, Int32(clamping: settings.baud)) == SP_OK
            && sp_set_bits(port, Int32(clamping: settings.dataBits)) == SP_OK
            && sp_set_parity(port, parity) == SP_OK
            && sp_set_stopbits(port, Int32(clamping: settings.stopBits)) == SP_OK
    }

    func close() {
        // Called once, by the owner's `deinit`; nobody uses the pointer afterwards.
        unsafe sp_close(port)
        unsafe sp_free_port(port)
    }
}
