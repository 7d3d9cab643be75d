import KioskClient
import StrictJSON
import Synchronization
import Threads

/// The application of a vending machine, on a thread of its own: claims each release that is offered, dispenses, and
/// reports it delivered (rule D1).
final class VendingController: Sendable {
    private let client: LocalClient
    private let dispenses: Duration
    private let board: DemoBoard
    private let waiting = Mutex<[String]>([])
    private let wake = WakeDescriptor()
    private let stopping = WakeDescriptor()
    private let thread = Mutex<OwnThread?>(nil)

    /// - Parameter dispenses: how long the goods take to come out.
    init(client: LocalClient, dispenses: Duration, board: DemoBoard) {
        self.client = client
        self.dispenses = dispenses
        self.board = board
        // The board lives as long as the demo, and so does this; the thread ends with `stop`.
        let thread = OwnThread(name: "vending") { [self] in run() }
        self.thread.withLock { $0 = thread }
    }

    func released(sale: String) {
        waiting.withLock { $0.append(sale) }
        wake.signal()
    }

    func stop() {
        stopping.signal()
        wake.signal()
        thread.withLock { _ = $0?.waitUntilEnded(atMost: .seconds(15)) }
    }

    private func run() {
        while !stopping.wait(atMost: .zero) {
            guard let sale = waiting.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else {
                _ = wake.wait(atMost: .seconds(60))
                wake.clear()
                continue
            }
            do {
                try dispense(sale)
            } catch {
                board.add(problem: "The goods of sale \(sale) were not released: \(error)")
            }
        }
    }

    private func dispense(_ sale: String) throws {
        let claim = JSONWriter.object { $0.string("claim", "demo-\(sale)") }
        try expect(try client.post("/v1/sales/\(sale)/delivering", claim), "the claim")
        _ = stopping.wait(atMost: dispenses)
        try expect(try client.post("/v1/sales/\(sale)/delivered"), "the delivery")
    }

    private func expect(_ reply: LocalClient.Reply, _ what: String) throws {
        guard reply.status == 200 else {
            throw DemoError("\(what) was answered with \(reply.status).")
        }
    }
}
