import Glibc

/// A file system in memory of a few megabytes, mounted over a folder, so that a full disk is a real one. Making one needs the
/// right to mount.
package final class SmallDisk: Sendable {
    package let folder: TestFolder
    package var path: String { folder.path }
    private var filler: String { folder.file("filler") }

    package init(megabytes: Int) throws {
        folder = try TestFolder()
        // The strings live through the call.
        let result = unsafe mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m,mode=700")
        guard result == 0 else { throw FilesError("No file system in memory: \(errno)") }
    }

    deinit {
        // What is still open on it stays usable; the folder is removed empty.
        _ = unsafe umount2(path, Int32(MNT_DETACH))
    }

    package static let isAllowed = (try? SmallDisk(megabytes: 1)) != nil

    /// Takes all room but so many bytes.
    package func fill(sparing spare: Int = 0) throws {
        let descriptor = unsafe open(filler, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FilesError("filler: \(errno)") }
        defer { close(descriptor) }
        for size in [262_144, 4096, 1] {
            let piece = [UInt8](repeating: 0, count: size)
            // Ends with "no space": the disk has a few megabytes. The array lives through the calls.
            while unsafe write(descriptor, piece, piece.count) > 0 {}
            guard errno == ENOSPC else { throw FilesError("filling: \(errno)") }
        }
        if spare > 0 { try give(back: spare, to: descriptor) }
    }

    /// Gives back room that ``fill(sparing:)`` took.
    package func giveBack(_ bytes: Int) throws {
        let descriptor = unsafe open(filler, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FilesError("filler: \(errno)") }
        defer { close(descriptor) }
        try give(back: bytes, to: descriptor)
    }

    private func give(back bytes: Int, to descriptor: Int32) throws {
        var status = stat()
        // The structure lives through the call.
        guard unsafe fstat(descriptor, &status) == 0,
            ftruncate(descriptor, max(0, status.st_size - off_t(bytes))) == 0
        else { throw FilesError("sparing: \(errno)") }
    }

    /// Gives back all room at once.
    package func empty() {
        // A process that another test starts in this moment shares the open file until it becomes another program; a file
        // that is only removed would keep its room as long.
        _ = unsafe truncate(filler, 0)
        _ = unsafe unlink(filler)
    }
}
