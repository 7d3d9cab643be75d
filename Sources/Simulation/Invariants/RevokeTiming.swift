import Payments

/// Rules C1, C2 and C4: a revoke leaves no earlier than 15 s after the last byte of the submit, never while one could still
/// leave, never after delivery, and one at a time for each order.
struct RevokeTiming: Invariant {
    private let earliest: Int64

    init(_ timing: Timing) { earliest = timing.revokeNotBefore.wholeNanoseconds }

    func saw(_ fact: Fact, _ books: Books) -> String? {
        if case .acts(.refund(let order, _)) = fact { return refund(books.file(order), books) }
        guard case .acts(.reverse(let order)) = fact, let file = books.orders[order] else {
            return nil
        }
        if file.isSubmitOpen { return "\(order) is revoked while its submit is under way" }
        if let lastByte = file.lastByte, books.now - lastByte < earliest {
            return
                "\(order) is revoked \((books.now - lastByte) / Span.millisecond) ms after its last byte"
        }
        if file.reversesOpen > 0 { return "\(order) is revoked twice at once" }
        if books.sale(of: file)?.row?.state == .delivered, file.attempt?.state == .paid {
            return "\(order) is revoked and its goods were delivered"
        }
        return nil
    }

    private func refund(_ file: OrderFile, _ books: Books) -> String? {
        guard file.attempt?.state == .paid, books.sale(of: file)?.row?.state == .delivered else {
            return nil
        }
        return "\(file.order) is refunded and its goods were delivered"
    }
}
