internal import Glibc

/// Why a port could not be opened: the system's number, which only decides the word that people see.
struct SerialPortError: Error, Hashable {
    let code: Int32

    var trouble: DeviceTrouble {
        switch code {
        case ENOENT, ENXIO, ENODEV, ENOTDIR, ELOOP: .notFound
        case EACCES, EPERM: .noPermission
        case EBUSY: .busy
        case ENOTTY, ENOTSUP: .notASerialPort
        case EINVAL: .settingsRefused
        default: .inputOutputError
        }
    }
}
