internal import Glibc

/// Why a simulated device cannot be made: one sentence.
package struct SimulatedDeviceError: Error, Hashable, CustomStringConvertible {
    package let description: String
}

/// A pseudo terminal whose far end a program opens as if it were a serial port. Closing it is the perfect unplugging.
struct PseudoTerminal: ~Copyable {
    let descriptor: Int32
    /// The far end's path, `/dev/pts/N`.
    let path: String
    /// Held open, because otherwise reading fails until the program opens its end.
    private let farEnd: Int32

    init() throws(SimulatedDeviceError) {
        var master: Int32 = -1
        var farEnd: Int32 = -1
        var name = [CChar](repeating: 0, count: 64)
        // Two descriptors are written, and a path of at most 20 characters.
        guard unsafe openpty(&master, &farEnd, &name, nil, nil) == 0 else {
            throw SimulatedDeviceError(
                description: "A pseudo terminal cannot be made; is /dev/pts mounted?")
        }
        // Raw from the start: a cooked terminal would echo before the program has set it.
        var modes = termios()
        unsafe tcgetattr(farEnd, &modes)
        unsafe cfmakeraw(&modes)
        unsafe tcsetattr(farEnd, TCSANOW, &modes)
        _ = fcntl(master, F_SETFD, FD_CLOEXEC)
        _ = fcntl(farEnd, F_SETFD, FD_CLOEXEC)
        _ = fcntl(master, F_SETFL, O_NONBLOCK)
        descriptor = master
        self.farEnd = farEnd
        path = String(
            decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        close(descriptor)
        close(farEnd)
    }

    /// How many bytes the far end's queue took; 0 when it is full.
    func write(_ bytes: ArraySlice<UInt8>) -> Int {
        // The slice's storage lives through the call, with its own count.
        let count = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
        }
        return max(0, count)
    }

    /// What the program has written, at most 4096 bytes; empty if nothing.
    func read() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 4096)
        // The buffer outlives the call and has the length passed.
        let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
        return count > 0 ? Array(buffer[..<count]) : []
    }
}

/// A stable name for a device, as udev makes: a link that comes and goes with it.
enum StableLink {
    /// Points `link` at `path`, in one step for whoever looks.
    static func make(_ link: String, to path: String) throws(SimulatedDeviceError) {
        let draft = link + ".new"
        // The paths are strings that live through the calls.
        unsafe unlink(draft)
        guard unsafe symlink(path, draft) == 0, unsafe rename(draft, link) == 0 else {
            throw SimulatedDeviceError(description: "The link \(link) cannot be made.")
        }
    }

    static func remove(_ link: String) {
        // The path is a string that lives through the call.
        unsafe unlink(link)
    }
}
