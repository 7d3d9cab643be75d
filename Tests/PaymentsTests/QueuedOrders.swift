import Payments
import TestKit

/// Rows of orders that wait in the revoke queue, as a journal would hand them out; and a platform that answers a rig's steps.
struct QueuedOrders {
    let orders: [OrderNumber]
    let rows: OpenRows

    /// - Parameter tries: steps that were taken of each before the restart.
    init(_ count: Int, reason: RevokeReason = .expired, tries: Int = 0, fen: Int64 = 200) {
        var generator = SplitMix64(seed: 99)
        let moment = Moment(
            boot: BootTime(nanoseconds: 0),
            bootID: BootID("boot-0"),
            wall: WallTime(milliseconds: 1_699_999_000_000, isSynchronised: true)
        )
        var rows = OpenRows()
        var orders: [OrderNumber] = []
        for _ in 0..<count {
            let order = OrderNumber(kiosk: TillRig.kiosk, using: &generator)
            let sale = SaleID(using: &generator)
            orders.append(order)
            rows.sales.append(
                SaleRow(
                    id: sale,
                    amount: TillRig.cny(fen),
                    description: "Locker",
                    reference: nil,
                    idempotencyKey: nil,
                    bodyHash: nil,
                    created: moment,
                    state: .expired,
                    updated: moment
                )
            )
            rows.attempts.append(
                AttemptRow(
                    order: order,
                    sale: sale,
                    ordinal: 1,
                    amount: TillRig.cny(fen),
                    fingerprint: CodeFingerprint(order.text),
                    prepared: moment,
                    state: .revoking,
                    updated: moment
                )
            )
            rows.revokes.append(
                RevokeRow(
                    order: order,
                    reason: reason.rawValue,
                    decided: moment,
                    tries: tries,
                    due: moment
                )
            )
        }
        self.orders = orders
        self.rows = rows
    }
}

/// A platform that answers a rig's steps in its own time; what it says of an order the test decides.
final class Responder {
    private var due: [(at: Int64, event: TillEvent)] = []
    private let rig: TillRig
    private var seen: Int
    /// Every step with the time it left, in nanoseconds.
    private(set) var sent: [(order: OrderNumber, at: Int64)] = []
    private(set) var probes: [Int64] = []
    /// Seconds from a step to its answer.
    var delay = 0.2
    /// Nothing gets through: every request fails after this time.
    var outage: Double?
    /// Orders whose requests always fail after this time, whatever the network does.
    var poisoned: [OrderNumber: Double] = [:]
    var reverse: (OrderNumber) -> ReverseVerdict = { _ in .accepted(recall: false) }
    /// What a query says before a revoke was accepted, and after it.
    var alive = QueryVerdict.notPaid(.notPay, transactionID: nil)
    var undone = QueryVerdict.notPaid(.revoked, transactionID: nil)
    private var accepted: Set<OrderNumber> = []

    init(_ rig: TillRig) {
        self.rig = rig
        seen = 0
    }

    /// Lets time pass in steps of a tenth of a second, and answers what is asked meanwhile.
    func run(_ seconds: Double, step: Double = 0.1, until isOver: () -> Bool = { false }) {
        let end = rig.time + Int64(seconds * 1e9)
        while rig.time < end, !isOver() {
            rig.advance(step)
            take()
            while let index = due.firstIndex(where: { $0.at <= rig.time }) {
                rig.send(due.remove(at: index).event)
                take()
            }
        }
    }

    private func take() {
        while seen < rig.log.count {
            let action = rig.log[seen]
            seen += 1
            switch action {
            case .query(let order, _):
                let verdict = accepted.contains(order) ? undone : alive
                plan(order, .queryEnded(order, .unknown(lost)), .queryEnded(order, verdict))
            case .reverse(let order):
                let verdict = reverse(order)
                if plan(
                    order,
                    .reverseEnded(order, .unknown(lost)),
                    .reverseEnded(order, verdict)
                ), case .accepted = verdict {
                    accepted.insert(order)
                }
            case .probe:
                probes.append(rig.time)
                let result: ProbeResult = outage == nil ? .good : .unreachable
                due.append((rig.time + nanoseconds(outage ?? delay), .probeEnded(result)))
            default:
                break
            }
        }
    }

    private let lost = UnknownCause.noReply(reason: "timed-out")

    /// - Returns: whether it is answered.
    @discardableResult
    private func plan(_ order: OrderNumber, _ failed: TillEvent, _ answered: TillEvent) -> Bool {
        sent.append((order, rig.time))
        if let time = outage ?? poisoned[order] {
            due.append((rig.time + nanoseconds(time), failed))
            return false
        }
        due.append((rig.time + nanoseconds(delay), answered))
        return true
    }

    private func nanoseconds(_ seconds: Double) -> Int64 { Int64(seconds * 1e9) }
}
