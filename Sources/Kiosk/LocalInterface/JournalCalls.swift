import HTTPTypes
import Hummingbird
import Logging
import Payments
import StrictJSON

/// A person vouches for the journal (rule A5).
struct JournalCalls: Sendable {
    let control: any KioskControl
    let body: CallBody

    /// Answers 200 also for a journal that is the kiosk's own already: to repeat the call is harmless.
    func adopt(_ request: Request, _ context: CallContext) async throws -> Response {
        try await body.nothing(from: request)
        let caller = await Caller.of(context)
        let status: JournalStatus
        do {
            status = try await control.adoptJournal(by: "\(caller)")
        } catch {
            log("no answer", caller, context)
            throw error is NoAnswer
                ? ProblemDocument.noAnswer(to: .adoption) : ProblemDocument.adoptionFailed
        }
        log(status.word, caller, context)
        guard status.custody == .own else { throw ProblemDocument.notAdoptable(status) }
        return .json(JSONWriter.object { status.write(to: &$0) })
    }

    /// Rule G2.
    private func log(_ outcome: String, _ caller: Caller, _ context: CallContext) {
        context.logger.notice(
            "The journal's adoption was asked for.",
            metadata: ["outcome": "\(outcome)", "by": "\(caller)"],
        )
    }
}

extension JournalStatus {
    func write(to one: inout JSONWriter) {
        one.string("state", word)
        one.string("detail", detail)
    }
}

extension ProblemDocument {
    static var adoptionFailed: Self {
        Self(
            status: .serviceUnavailable,
            word: "storage-failed",
            title: "The adoption could not be stored",
            detail: "The journal is as it was, and no money was moved; see the log, look at the "
                + "storage, and ask again.",
        )
    }

    static func notAdoptable(_ status: JournalStatus) -> Self {
        Self(
            status: .conflict,
            word: "journal-damaged",
            title: "The journal is damaged",
            detail: status.detail ?? "It cannot be adopted; nothing was changed.",
        )
    }
}
