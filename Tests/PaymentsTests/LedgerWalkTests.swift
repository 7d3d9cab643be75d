import Testing

/// Long random walks with restarts against a platform that keeps a ledger, under every policy. After the faults stop,
/// every order must have an end that the ledger agrees with.
@Suite("Random walks against a platform's ledger, with restarts")
struct LedgerWalkTests {
    @Test(
        "Whatever fails, no payment is lost, doubled or left unknown (A1, B1, B6, C1, C3, D1, G3)"
    )
    func walks() {
        for seed in 1...800 {
            var walk = LedgerWalk(seed: UInt64(seed))
            for _ in 0..<150 where walk.problem == nil { walk.step() }
            walk.settle()
            #expect(walk.problem == nil, "seed \(seed): \(walk.problem ?? "")")
            if walk.problem != nil { return }
        }
    }
}
