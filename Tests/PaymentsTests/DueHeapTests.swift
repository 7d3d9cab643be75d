import TestKit
import Testing

@testable import Payments

@Suite("What is due first")
struct DueHeapTests {
    @Test(
        "Whatever is put in, moved and taken out: the earliest comes first, of equals the lower number"
    )
    func order() {
        var random = SplitMix64(seed: 5)
        let orders = QueuedOrders(60).orders
        for _ in 0..<50 {
            var heap = DueHeap()
            var expected: [OrderNumber: Int64] = [:]
            for _ in 0..<400 {
                let order = orders[Int.random(in: orders.indices, using: &random)]
                // A third are taken out; few different times, so that many are equal.
                let due = Int64.random(in: -5..<10, using: &random)
                expected[order] = due < 0 ? nil : due
                heap.set(order, to: due < 0 ? nil : BootTime(nanoseconds: due))
                let first = expected.min { ($0.value, $0.key) < ($1.value, $1.key) }
                #expect(heap.first?.order == first?.key)
                #expect(heap.first?.due.nanoseconds == first?.value)
            }
            let sorted = expected.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map(\.key)
            var taken: [OrderNumber] = []
            while let first = heap.first {
                taken.append(first.order)
                heap.set(first.order, to: nil)
            }
            #expect(taken == sorted)
        }
    }
}
