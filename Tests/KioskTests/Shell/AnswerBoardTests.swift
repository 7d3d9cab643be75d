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
        #expect(try await board.answer { board.give(Self.answer, to: $0) } == Self.answer)
        let later = try await board.answer { id in
            Task { board.give(.problem(.alreadyClaimed), to: id) }
        }
        #expect(later == .problem(.alreadyClaimed))
        #expect(board.waitingCount == 0)
    }

    @Test("Without an answer a call ends; nothing is kept of it and a late answer is dropped")
    func silent() async throws {
        let board = AnswerBoard(patience: .milliseconds(20))
        let asked = Mutex<RequestID?>(nil)
        await #expect(throws: NoAnswer.self) {
            _ = try await board.answer { id in asked.withLock { $0 = id } }
        }
        #expect(board.waitingCount == 0)
        let late = try #require(asked.withLock { $0 })
        board.give(Self.answer, to: late)
        board.give(Self.answer, to: late)
        #expect(try await board.answer { board.give(Self.answer, to: $0) } == Self.answer)
    }

    @Test("A thousand calls over storage that hangs all end, also those answered at the limit")
    func many() async {
        let board = AnswerBoard(patience: .milliseconds(20))
        let ended = await withTaskGroup(of: Int.self) { group in
            for number in 0..<1_000 {
                group.addTask {
                    let answer = try? await board.answer { id in
                        guard number.isMultiple(of: 2) else { return }
                        Task {
                            try? await Task.sleep(for: .milliseconds(20))
                            board.give(Self.answer, to: id)
                        }
                    }
                    return answer == nil || answer == Self.answer ? 1 : 0
                }
            }
            return await group.reduce(0, +)
        }
        #expect(ended == 1_000)
        #expect(board.waitingCount == 0)
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
