internal import Threads

/// Starts threads of the stand-in; one that the system refuses is an error here, not the end of the process.
enum SandboxThread {
    static func start(_ run: @escaping @Sendable () -> Void) throws(SandboxError) {
        guard OwnThread.start(name: "sandbox", run) else {
            throw SandboxError("The stand-in could not start a thread: the system refuses more.")
        }
    }
}
