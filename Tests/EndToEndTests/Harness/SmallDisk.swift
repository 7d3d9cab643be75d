import Glibc
import TestKit

/// A file system in memory of a few megabytes, so that a full disk is a real one. Only root can make one.
final class SmallDisk: Sendable {
    let path: String
    var state: String { path + "/state" }
    private var filler: String { path + "/filler" }

    init(megabytes: Int = 8) throws {
        path = try Files.makeTemporaryFolder()
        // The strings live through the call.
        let result = unsafe mount(
            "tmpfs",
            path,
            "tmpfs",
            0,
            "size=\(megabytes)m,mode=700"
        )
        guard result == 0, unsafe mkdir(state, 0o700) == 0 else {
            throw HarnessError("No file system in memory: \(errno)")
        }
    }

    deinit {
        _ = unsafe umount2(path, Int32(MNT_DETACH))
        _ = unsafe rmdir(path)
    }

    static let isAllowed = (try? SmallDisk(megabytes: 1)) != nil

    /// Takes all room.
    func fill() throws {
        let descriptor = unsafe open(filler, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw HarnessError("filler: \(errno)") }
        defer { close(descriptor) }
        for size in [262_144, 4096, 1] {
            let piece = [UInt8](repeating: 0, count: size)
            // Ends with "no space": the disk has a few megabytes. The array lives through the calls.
            while unsafe write(descriptor, piece, piece.count) > 0 {}
        }
    }

    /// Gives back room for a sale's rows, and too little for a new reserve (rule A3).
    func spareLittle() throws {
        var status = stat()
        // The path and the structure live through the calls.
        guard unsafe stat(filler, &status) == 0,
            unsafe truncate(filler, max(0, status.st_size - 524_288)) == 0
        else { throw HarnessError("sparing: \(errno)") }
    }

    func empty() { Files.remove(filler) }
}
