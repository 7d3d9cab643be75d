import Glibc
import Kiosk
import Logging
import Payments
import TestKit
import Testing

/// The Unix socket's file: right permissions from its first moment, never taken from a living daemon.
@Suite("The Unix socket's file")
struct SocketFileTests {
    @Test("The socket is for its owner and group alone, and goes at the end")
    func theSocketIsForOwnerAndGroupAndGoesAtTheEnd() async throws {
        let folder = try TestFolder()
        let path = folder.path + "/k.sock"
        try await RunningInterface.run(settings(path)) { running in
            #expect(running.socketPath == path)
            let status = try #require(Self.status(of: path))
            #expect(status.st_mode & S_IFMT == S_IFSOCK)
            #expect(status.st_mode & 0o777 == 0o660)
            // The name it was bound under is gone.
            #expect(Self.status(of: path + ".new") == nil)
        }
        #expect(Self.status(of: path) == nil)
    }

    @Test("The socket is given to its group")
    func theSocketIsGivenToItsGroup() async throws {
        // Any group of this process will do; root may choose.
        let folder = try TestFolder()
        let path = folder.path + "/k.sock"
        let isRoot = getuid() == 0
        let group = isRoot ? "daemon" : nil
        try await RunningInterface.run(settings(path, group: group)) { _ in
            let status = try #require(Self.status(of: path))
            #expect(isRoot ? status.st_gid == 1 : status.st_gid == getgid())
        }
    }

    /// Without its group the kiosk still serves its owner: a missing group is no reason to stop selling.
    @Test("A group that does not exist is survived")
    func aMissingGroupIsSurvived() async throws {
        let folder = try TestFolder()
        try await RunningInterface.run(settings(folder.path + "/k.sock", group: "no-such-group")) {
            running in
            let status = try await onThread {
                try exchange(running.socket, "GET", "/healthz").status
            }
            #expect(status == 200)
        }
    }

    @Test("The socket that a killed daemon left is replaced")
    func aStaleSocketIsReplaced() async throws {
        let folder = try TestFolder()
        let path = folder.path + "/k.sock"
        try Self.leaveStaleSocket(at: path)
        try await RunningInterface.run(settings(path)) { running in
            let status = try await onThread {
                try exchange(running.socket, "GET", "/healthz").status
            }
            #expect(status == 200)
        }
    }

    @Test("A living daemon keeps its socket")
    func aLivingDaemonKeepsItsSocket() async throws {
        let folder = try TestFolder()
        let path = folder.path + "/k.sock"
        let other = settings(path)
        try await RunningInterface.run(settings(path)) { running in
            await #expect(throws: LocalInterfaceError.inUse(path)) {
                try await RunningInterface.run(other) { _ in }
            }
            let status = try await onThread {
                try exchange(running.socket, "GET", "/healthz").status
            }
            #expect(status == 200)
        }
    }

    @Test("What is no socket is left alone")
    func whatIsNoSocketIsLeftAlone() async throws {
        let folder = try TestFolder()
        let path = folder.path + "/file"
        // The text lives for the call alone.
        close(unsafe creat(path, 0o600))
        await #expect(throws: LocalInterfaceError.notASocket(path)) {
            try await RunningInterface.run(settings(path)) { _ in }
        }
        #expect(Self.status(of: path) != nil)
    }

    @Test("A path that cannot be is said in a clear sentence")
    func impossiblePathsAreSaidClearly() async throws {
        let folder = try TestFolder()
        let missing = folder.path + "/none/k.sock"
        await #expect(throws: LocalInterfaceError.folderMissing(missing)) {
            try await RunningInterface.run(settings(missing)) { _ in }
        }
        let long = "/tmp/" + String(repeating: "x", count: 95)
        await #expect(throws: LocalInterfaceError.pathTooLong(long, maximum: 99)) {
            try await RunningInterface.run(settings(long)) { _ in }
        }
        // One byte less and the listener takes it.
        let longest = folder.path + "/" + String(repeating: "x", count: 98 - folder.path.utf8.count)
        try await RunningInterface.run(settings(longest)) { _ in }
        for error in [LocalInterfaceError.folderMissing(missing), .inUse(missing)] {
            #expect("\(error)".contains(missing))
            #expect("\(error)".contains("api.socket"))
        }
    }

    @Test("Without TCP the socket alone serves")
    func withoutTCPOnlyTheSocketServes() async throws {
        let folder = try TestFolder()
        try await RunningInterface.run(settings(folder.path + "/k.sock", listen: nil)) { running in
            #expect(running.port == 0)
            let status = try await onThread {
                try exchange(running.socket, "GET", "/healthz").status
            }
            #expect(status == 200)
        }
    }

    // MARK: - Inside

    private func settings(
        _ path: String,
        group: String? = nil,
        listen: LoopbackAddress? = LoopbackAddress("127.0.0.1:0"),
    ) -> LocalInterfaceSettings {
        LocalInterfaceSettings(socketPath: path, socketGroup: group, listen: listen, token: nil)
    }

    private static func status(of path: String) -> stat? {
        var status = stat()
        // `status` outlives the call and is only written by it.
        return unsafe lstat(path, &status) == 0 ? status : nil
    }

    /// What a killed daemon leaves: a socket's file on which nobody listens.
    private static func leaveStaleSocket(at path: String) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        // The test's path is shorter than `sun_path`; the pointers live for the calls alone.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw RawConnection.Failure.system("bind", errno) }
    }
}
