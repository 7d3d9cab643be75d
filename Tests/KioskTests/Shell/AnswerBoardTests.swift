import Payments
import Synchronization
import Testing

@testable import Kiosk

@Suite("Calls that wait for the machine")
struct AnswerBoardTests {
    private static let answer = Answer.problem(.notFound)

    @Test("An answer reaches the call it belongs to, given at once or later, from any thread")
    func answered() async throws {
        let board = AnswerBoard(patience: .seconds(30))
        let given = Mutex<[RequestID]>([])
        let atOnce = try await board.answer { id in
            given.withLock { $0.append(id) }
            #expect(board.give(Self.answer, to: id))
        }
        #expect(atOnce == Self.answer)
        let later = try await board.answer { id in
            given.withLock { $0.append(id) }
            Task { #expect(board.give(.problem(.alreadyClaimed), to: id)) }
        }
        #expect(later == .problem(.alreadyClaimed))
        for id in given.withLock({ $0 }) { #expect(!board.give(Self.answer, to: id)) }
    }

    @Test("Without an answer a call ends; nothing is kept of it and a late answer is dropped")
    func silent() async throws {
        let board = AnswerBoard(patience: .milliseconds(20))
        let asked = Mutex<RequestID?>(nil)
        await #expect(throws: NoAnswer.self) {
            _ = try await board.answer { id in asked.withLock { $0 = id } }
        }
        let late = try #require(asked.withLock { $0 })
        #expect(!board.give(Self.answer, to: late))
        #expect(!board.give(Self.answer, to: late))
        let next = try await board.answer { id in #expect(board.give(Self.answer, to: id)) }
        #expect(next == Self.answer)
    }

    @Test("A thousand calls over storage that hangs all end, also those answered at the limit")
    func many() async {
        let board = AnswerBoard(patience: .milliseconds(20))
        let asked = Asked()
        let ended = await withTaskGroup(of: Int.self) { group in
            for number in 0..<1_000 {
                group.addTask {
                    let answer = try? await board.answer { id in
                        asked.ids.withLock { $0.append(id) }
                        guard number.isMultiple(of: 2) else { return }
                        Task {
                            try? await Task.sleep(for: .milliseconds(20))
                            _ = board.give(Self.answer, to: id)
                        }
                    }
                    return answer == nil || answer == Self.answer ? 1 : 0
                }
            }
            return await group.reduce(0, +)
        }
        #expect(ended == 1_000)
        // Nothing is kept of any of them.
        let ids = asked.ids.withLock { $0 }
        #expect(ids.count == 1_000)
        #expect(ids.allSatisfy { !board.give(Self.answer, to: $0) })
    }

    @Test("What fails is told as its own failure, not as silence")
    func failed() async {
        struct Broken: Error {}
        await #expect(throws: Broken.self) {
            let _: Int = try await BoundedWait.value(within: .seconds(30)) {
                $0.end(with: .failure(Broken()))
            }
        }
    }
}

/// The calls that were asked, from any thread.
private final class Asked: Sendable {
    let ids = Mutex<[RequestID]>([])
}
