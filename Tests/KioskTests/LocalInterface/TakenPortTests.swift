import Kiosk
import Synchronization
import TestKit
import Testing

/// A TCP port that somebody else has: the kiosk goes on without it, and takes it when it is free.
@Suite("A TCP port that is taken")
struct TakenPortTests {
    private static func settings(_ folder: TestFolder, port: Int) -> LocalInterfaceSettings {
        var limits = LocalInterfaceLimits()
        limits.reopen = .milliseconds(50)
        limits.longestReopen = .milliseconds(100)
        return LocalInterfaceSettings(
            socketPath: folder.path + "/k.sock",
            socketGroup: nil,
            listen: LoopbackAddress("127.0.0.1:\(port)"),
            token: nil,
            limits: limits,
        )
    }

    @Test("A port that is taken is told, and tried again until it is free")
    func aTakenPortIsToldAndTriedAgain() async throws {
        let (first, second) = (try TestFolder(), try TestFolder())
        let log = CapturedLog()
        let taken = Mutex(0)
        try await RunningInterface.run(Self.settings(first, port: 0)) { other in
            taken.withLock { $0 = other.port }
            let settings = Self.settings(second, port: other.port)
            try await RunningInterface.run(settings, log: log) { running in
                try await onThread {
                    #expect(running.port == 0, "taken, and yet announced")
                    let status = try exchange(running.socket, "GET", "/v1/status").body
                    #expect(status.contains(#""port":null,"detail":"The display"#))
                    #expect(status.contains("127.0.0.1:\(other.port)"))
                    other.stop()
                    try eventually {
                        let status = try? exchange(running.socket, "GET", "/v1/status").body
                        return status?.contains(#""port":\#(other.port),"detail":null"#) == true
                    }
                }
            }
        }
        let told = log.lines.filter { $0.hasPrefix("error ") }
        #expect(told.count == 1, "\(told)")
        #expect(told.allSatisfy { $0.contains("api.listen") && $0.contains("go on") })
        let later = log.lines.filter { $0.hasPrefix("notice The local interface listens on TCP") }
        let port = taken.withLock { $0 }
        #expect(later == ["notice The local interface listens on TCP now. port=\(port)"])
        // Without TCP there is no port to name.
        let listens = log.lines.filter { $0.hasPrefix("info The local interface listens.") }
        #expect(listens == ["info The local interface listens. socket=\(second.path)/k.sock"])
    }

    /// A stop does not wait for the next try.
    @Test("A stop between two tries ends the interface at once")
    func aStopDuringThePauseEndsAtOnce() async throws {
        let (first, second) = (try TestFolder(), try TestFolder())
        try await RunningInterface.run(Self.settings(first, port: 0)) { other in
            var limits = LocalInterfaceLimits()
            limits.reopen = .seconds(60)
            let settings = LocalInterfaceSettings(
                socketPath: second.path + "/k.sock",
                socketGroup: nil,
                listen: LoopbackAddress("127.0.0.1:\(other.port)"),
                token: nil,
                limits: limits,
            )
            let start = ContinuousClock.now
            try await RunningInterface.run(settings) { running in
                #expect(running.port == 0)
            }
            #expect(ContinuousClock.now - start < .seconds(30))
        }
    }
}
