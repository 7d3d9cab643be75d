import Kiosk
import Payments
import Testing

/// A person vouches for the journal (rule A5).
@Suite("Adopting the journal through the interface (A5)")
struct JournalCallTests {
    @Test("Who adopts is named to the kiosk; the answer says how the journal stands")
    func adoption() async throws {
        try await RunningInterface.serve { running in
            let answer = try exchange(running.socket, "POST", "/v1/journal/adopt")
            #expect(answer.status == 200)
            #expect(answer.body == #"{"state":"own","detail":null}"#)
            #expect(running.kiosk.with { $0.adoptedBy.first?.contains("user") } == true)
        }
    }

    @Test("A damaged journal is refused with what to do; storage that fails changed nothing")
    func refusals() async throws {
        try await RunningInterface.serve { running in
            running.kiosk.with {
                $0.adoption = .success(JournalStatus(.damaged, detail: "Run recover."))
            }
            let damaged = try exchange(running.socket, "POST", "/v1/journal/adopt")
            #expect(damaged.status == 409 && damaged.problem == "journal-damaged")
            #expect(damaged.body.contains("Run recover."))
            running.kiosk.with { $0.adoption = .failure(FakeKiosk.Unreadable()) }
            let failed = try exchange(running.socket, "POST", "/v1/journal/adopt")
            #expect(failed.status == 503 && failed.problem == "storage-failed")
            running.kiosk.with { $0.adoption = .failure(NoAnswer()) }
            let silent = try exchange(running.socket, "POST", "/v1/journal/adopt")
            #expect(silent.status == 503 && silent.problem == "no-answer")
        }
    }
}
