import Glibc
import Payments
import Synchronization
import TestKit
import Testing

@testable import Sandbox

/// A running stand-in with its merchant, in a folder of its own that is removed afterwards.
struct Stand: Sendable {
    let server: SandboxServer
    let port: UInt16
    let events = EventLog()

    var material: SandboxMaterial { server.material }
    var merchant: Merchant { Merchant(material: material) }

    /// Runs a story on a thread of its own, because its client blocks. Payers act a hundred times faster.
    static func run(
        timings: SandboxTimings = .scaled(by: 0.01),
        maxConnections: Int = 64,
        _ story: @escaping @Sendable (Stand) throws -> Void,
    ) async throws {
        try await onThread {
            StoryGate.enter()
            defer { StoryGate.leave() }
            try withFolder { folder throws in
                let server = try SandboxServer(
                    material: .prepare(in: folder),
                    options: SandboxOptions(timings: timings, maxConnections: maxConnections)
                )
                let stand = Stand(server: server, port: try server.start())
                let events = stand.events
                server.onEvent { events.append($0) }
                defer { #expect(server.stop(), "threads are left") }
                try story(stand)
            }
        }
    }

    func connect(withCertificate: Bool = true, patience: Duration = .seconds(20)) throws
        -> TLSClient
    {
        try TLSClient(
            port: port,
            authority: material,
            certificateOf: withCertificate ? material : nil,
            patience: patience
        )
    }

    /// One call on a connection of its own.
    func call(_ operation: SandboxOperation, _ body: [UInt8]) throws -> Answer {
        try connect().post(operation.path, body)
    }

    func submit(_ order: String, code: String, _ changes: Merchant.Fields = [:]) throws -> Answer {
        try call(.submit, merchant.submit(order, code: code, changes))
    }

    func query(_ order: String) throws -> Answer { try call(.query, merchant.query(order)) }
    func reverse(_ order: String) throws -> Answer { try call(.reverse, merchant.query(order)) }

    func entry(_ order: String) throws -> LedgerEntry { try #require(server.entry(of: order)) }

    /// Waits for the ledger to say so, at most five seconds; without it the test fails.
    func await(_ order: String, _ condition: (LedgerEntry) -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(5)
        while ContinuousClock.now < deadline {
            if condition(try entry(order)) { return }
            events.waitForMore(atMost: .milliseconds(50))
        }
        Issue.record("the ledger never said so: \(try entry(order))")
    }
}

/// Lets four stories run at once: more would only wait for each other's processor time, and look silent.
private enum StoryGate {
    private static let free = Mutex(4)
    private static let changed = try? Wakeup()

    static func enter() {
        while !free.withLock({ places in
            if places > 0 { places -= 1; return true }
            return false
        }) {
            // One signal wakes one or several waiters; the slice bounds what the others miss.
            changed?.wait(until: PlatformTime.now.boot + .milliseconds(20))
        }
    }

    static func leave() {
        free.withLock { $0 += 1 }
        changed?.signal()
    }
}

/// All events of a stand, in order.
final class EventLog: Sendable {
    private let events = Mutex<[SandboxEvent]>([])
    private let changed = try? Wakeup()

    func append(_ event: SandboxEvent) {
        events.withLock { $0.append(event) }
        changed?.signal()
    }

    var all: [SandboxEvent] { events.withLock { $0 } }

    func waitForMore(atMost limit: Duration) {
        changed?.wait(until: PlatformTime.now.boot + limit)
    }
}

/// Runs blocking work away from the cooperative pool.
func onThread(_ work: @escaping @Sendable () throws -> Void) async throws {
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
        do {
            try SandboxThread.start { done.resume(with: Result(catching: work)) }
        } catch {
            done.resume(throwing: error)
        }
    }
}

/// A new folder, removed afterwards with what is in it.
func withFolder(_ work: (String) throws -> Void) throws {
    let folder = try Files.makeTemporaryFolder()
    defer { Files.removeTree(folder) }
    try work(folder)
}
