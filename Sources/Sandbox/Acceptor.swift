internal import Glibc
internal import Payments

/// The thread that accepts connections, starts a thread for each, and lets time pass on the platform.
struct Acceptor: Sendable {
    let listener: Listener
    let platform: SharedPlatform
    let control: NetworkControl
    let context: TLSContext
    let options: SandboxOptions
    /// Wakes this one, and no other.
    let wakeup: Wakeup

    func start() throws(SandboxError) {
        let id = control.join(with: wakeup)
        do {
            try SandboxThread.start {
                run()
                control.leave(id)
            }
        } catch {
            control.leave(id)
            throw error
        }
    }

    private func run() {
        while true {
            let condition = control.condition
            if condition.isStopping { return }
            let due = platform.with { platform, _ in platform.nextDue }
            let hasRoom = control.threadCount <= options.maxConnections
            guard condition.acceptsConnections, hasRoom, listener.isOpen else {
                wakeup.wait(until: due)
                continue
            }
            wakeup.wait(on: listener.descriptor, for: Int16(POLLIN), until: due)
            // One at a time: the room for each is checked anew.
            if control.condition.acceptsConnections, let socket = listener.accept() {
                serve(socket)
            }
        }
    }

    private func serve(_ socket: Int32) {
        guard let wakeup = try? Wakeup() else {
            close(socket)
            return
        }
        let id = control.join(with: wakeup)
        do {
            try SandboxThread.start {
                if let stream = context.makeStream(over: socket, control: control, wakeup: wakeup) {
                    var connection = Connection(
                        stream: stream,
                        platform: platform,
                        control: control,
                        timings: options.timings
                    )
                    stream.close(connection.serve())
                } else {
                    close(socket)
                }
                control.leave(id)
            }
        } catch {
            // No thread, no service: the client sees its connection closed and tries again.
            close(socket)
            control.leave(id)
        }
    }
}
