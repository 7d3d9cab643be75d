import Glibc

@testable import Journal

/// A file system in memory of a few megabytes, so that a full disk is a real one. Only root can
/// make one.
final class SmallDisk: Sendable {
    let scratch: Scratch

    init(megabytes: Int) throws {
        scratch = try Scratch()
        guard unsafe mount("tmpfs", scratch.path, "tmpfs", 0, "size=\(megabytes)m,mode=700") == 0
        else { throw Failed(what: "mount") }
    }

    deinit {
        _ = unsafe umount2(scratch.path, CInt(MNT_DETACH))
    }

    static let isAllowed: Bool = (try? SmallDisk(megabytes: 1)) != nil

    private var filler: String { scratch.path + "/filler" }

    /// Takes all room but `spare` bytes.
    func fill(sparing spare: Int = 0) throws {
        let descriptor = unsafe open(filler, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        guard descriptor >= 0 else { throw Failed(what: "filler") }
        defer { close(descriptor) }
        let page = [UInt8](repeating: 0, count: 4096)
        // Ends with "no space": the disk has a few megabytes.
        while unsafe page.withUnsafeBytes({ unsafe write(descriptor, $0.baseAddress, $0.count) })
            > 0
        {}
        guard errno == ENOSPC else { throw Failed(what: "filling") }
        guard ftruncate(descriptor, max(0, Directory.size(of: filler) - spare)) == 0 else {
            throw Failed(what: "sparing")
        }
    }

    func empty() {
        _ = unsafe unlink(filler)
    }
}
