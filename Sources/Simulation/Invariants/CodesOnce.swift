import Payments

/// Rule B8: the same code within two minutes of one boot is one presentation, unless its attempt was void.
struct CodesOnce: Invariant {
    private var submitted: [(digits: String, file: OrderFile)] = []

    mutating func saw(_ fact: Fact, _ books: Books) -> String? {
        guard case .acts(.submit(let order, let code, _, _)) = fact,
            let file = books.orders[order], let attempt = file.attempt
        else { return nil }
        for other in submitted.suffix(40) where other.digits == code.digits {
            // A recovery cannot know the code of an attempt whose row is lost (rule A6).
            guard let earlier = other.file.attempt, earlier.state != .void, !other.file.isRemade,
                let age = earlier.prepared.age(at: attempt.prepared), age < .seconds(120)
            else { continue }
            return "\(order) submits a code that \(other.file.order) submitted \(age) before"
        }
        submitted.append((code.digits, file))
        return nil
    }
}
