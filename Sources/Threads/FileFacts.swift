internal import Glibc

/// What is known of a file by its name, a link not followed.
///
/// Here and not where it is asked, because modules that import NIO cannot see the members of `struct stat` in a release
/// build: NIO's own C module declares it too.
package struct FileFacts: Hashable, Sendable {
    /// Device and number identify a file on this machine as long as it exists.
    package let device: UInt64
    package let number: UInt64
    package let isSocket: Bool

    /// Why a file could not be looked at: the system's own number, such as ENOENT.
    package struct Failure: Error, Hashable {
        package let code: Int32
    }

    package init(of path: String) throws(Failure) {
        var status = stat()
        // Path and status outlive the call; `status` is only written by it.
        let result = unsafe lstat(path, &status)
        let code = errno
        guard result == 0 else { throw Failure(code: code) }
        device = UInt64(status.st_dev)
        number = UInt64(status.st_ino)
        isSocket = status.st_mode & S_IFMT == S_IFSOCK
    }
}
