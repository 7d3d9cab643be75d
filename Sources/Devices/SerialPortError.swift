internal import Glibc

/// Why a port could not be opened or set.
struct SerialPortError: Error, Hashable {
    /// The word that people see.
    let trouble: DeviceTrouble
    /// The system's number; 0 where the port itself refused nothing.
    let code: Int32

    init(code: Int32) {
        self.code = code
        trouble =
            switch code {
            case ENOENT, ENXIO, ENODEV, ENOTDIR, ELOOP: .notFound
            case EACCES, EPERM: .noPermission
            case EBUSY: .busy
            case ENOTTY, ENOTSUP: .notASerialPort
            case EINVAL: .settingsRefused
            default: .inputOutputError
            }
    }

    init(_ trouble: DeviceTrouble) {
        self.trouble = trouble
        code = 0
    }
}
