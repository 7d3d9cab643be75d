internal import Glibc
internal import Synchronization
internal import Threads

/// Follows the daemon's events from the first one on, on a thread of its own, across restarts and lost connections.
package final class EventFollower: Sendable {
    /// Longer than the pause between two of the daemon's pings.
    private static let silence = Duration.seconds(40)
    private static let pause = Duration.milliseconds(100)

    private let socket: String
    private let onEvent: @Sendable (EventStreamParser.Event) -> Void
    private let stopping = WakeDescriptor()
    private let thread = Mutex<OwnThread?>(nil)

    /// Starts at once. `onEvent` runs on the follower's thread; each event of the daemon's log comes once.
    package init(
        socket: String,
        onEvent: @escaping @Sendable (EventStreamParser.Event) -> Void,
    ) {
        self.socket = socket
        self.onEvent = onEvent
        let thread = OwnThread(name: "daemon-events") { [socket, stopping] in
            var lastID = "0"
            while !stopping.wait(atMost: .zero) {
                lastID = Self.follow(socket, from: lastID, until: stopping, onEvent)
                _ = stopping.wait(atMost: Self.pause)
            }
        }
        self.thread.withLock { $0 = thread }
    }

    /// Ends the thread; waits for that.
    package func stop() {
        stopping.signal()
        thread.withLock { _ = $0?.waitUntilEnded(atMost: .seconds(5)) }
    }

    /// One connection, until it ends. Returns what to resume from.
    private static func follow(
        _ socket: String,
        from lastID: String,
        until stopping: WakeDescriptor,
        _ onEvent: (EventStreamParser.Event) -> Void,
    ) -> String {
        var events = EventStreamParser(lastID: lastID)
        do {
            let connection = try LocalConnection(socket)
            let headers = ["Last-Event-ID: \(lastID)", "Accept: text/event-stream"]
            try connection.send(
                LocalClient.head("GET", "/v1/events", headers: headers, body: nil)
            )
            var reply = HTTPReplyReader()
            while !reply.isComplete {
                let end = BootClock.nanoseconds() + BootClock.nanoseconds(of: silence)
                guard let bytes = try connection.receive(until: end, wake: stopping),
                    !bytes.isEmpty
                else { break }
                let body = try reply.received(bytes)
                guard reply.status ?? 200 == 200 else { break }
                for event in try events.received(body) { onEvent(event) }
            }
        } catch {
            // A daemon that is starting, stopping or gone: the next connection tells.
        }
        return events.lastID
    }
}
