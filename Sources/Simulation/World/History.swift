import Payments

/// A world's history for a reader: one line for each thing that happened.
struct History {
    private(set) var lines: [String] = []

    mutating func add(_ sentence: String, at time: Int64) {
        lines.append("\(History.clock(time))  \(sentence)")
    }

    mutating func note(_ fact: Fact, at time: Int64, run: Int) {
        guard let sentence = History.sentence(fact) else { return }
        add(sentence, at: time)
    }

    /// Hours, minutes, seconds and milliseconds since the world began.
    static func clock(_ time: Int64) -> String {
        let milliseconds = time / Span.millisecond
        func padded(_ value: Int64, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        return padded(milliseconds / 3_600_000, 3) + ":" + padded(milliseconds / 60_000 % 60, 2)
            + ":" + padded(milliseconds / 1_000 % 60, 2) + "." + padded(milliseconds % 1_000, 3)
    }

    private static func sentence(_ fact: Fact) -> String? {
        switch fact {
        case .stored(let record): "disk keeps \(record.id.number): \(words(record))"
        case .notStored(let record): "disk REFUSES \(record.id.number)"
        case .hears(let event): words(event)
        case .acts(let action): words(action).map { "    " + $0 }
        case .starts(let rows, let isNewBoot, let custody):
            "START\(isNewBoot ? " after a boot" : "")\(custody == .own ? "" : ", journal \(custody),") "
                + "with \(rows.sales.count) sales, "
                + "\(rows.attempts.count) attempts, \(rows.revokes.count) revokes"
        case .rewritten: "the journal is another"
        case .isGone: "the process is gone"
        case .charged(let file): "CHARGED \(file.order)"
        case .returned(let file): "RETURNED \(file.order)"
        case .dispensed(let sale, let claim): "goods leave for \(sale), claim \(claim ?? "none")"
        case .called(let request, let sale, let call): "call \(request.number): \(call) of \(sale)"
        case .asked(let request): "call \(request.number): sell"
        }
    }

    private static func words(_ record: Record) -> String {
        record.rows.map { row in
            switch row {
            case .sale(let row): "sale \(row.id) \(row.state) \(row.truth ?? "-")"
            case .attempt(let row): "attempt \(row.order) \(row.state)"
            case .revoke(let row):
                "revoke \(row.order) tries \(row.tries) \(row.lastAnswer ?? "-")"
                    + (row.settled == nil ? "" : " settled")
            case .settlement(let row): "settlement \(row.order) \(row.outcome)"
            case .event(let row): "event \(row.id) \(row.kind)"
            }
        }.joined(separator: ", ")
    }

    private static func words(_ event: TillEvent) -> String? {
        switch event {
        case .saleAsked, .saleCalled: nil
        case .revokeCalled(let request, let order, let call, _):
            "call \(request.number): \(call) of \(order)"
        case .journalAdopted: "the journal is adopted"
        case .journalDamaged: "the journal turns out to be damaged"
        case .serviceModeAsked(let mode): "service mode \(mode)"
        case .stopAsked: "stop is asked for"
        case .codeScanned(let code, _): "scan \(code)"
        case .deviceChanged(let device, let condition): "\(device) \(condition)"
        case .committed(let id): "committed \(id.number)"
        case .commitFailed(let id): "commit of \(id.number) failed"
        case .submitStarted(let order): "first byte of \(order) leaves"
        case .submitEnded(let order, let outcome): "submit of \(order): \(outcome)"
        case .queryEnded(let order, let verdict): "query of \(order): \(verdict)"
        case .reverseEnded(let order, let verdict): "reverse of \(order): \(verdict)"
        case .refundEnded(let order, let verdict): "refund of \(order): \(verdict)"
        case .refundQueryEnded(let order, let verdict): "refund query of \(order): \(verdict)"
        case .probeEnded(let result): "probe: \(result)"
        case .networkChanged(let isReachable): "network \(isReachable ? "there" : "away")"
        case .timerFired(let id): "timer \(id.purpose)"
        }
    }

    private static func words(_ action: TillAction) -> String? {
        switch action {
        case .record(let record): "record \(record.id.number): \(words(record))"
        case .submit(let order, _, _, _): "submit \(order)"
        case .abandonSubmit(let order): "abandon submit \(order)"
        case .query(let order, _): "query \(order)"
        case .reverse(let order): "reverse \(order)"
        case .refund(let order, _): "refund \(order)"
        case .refundQuery(let order, _): "query the refund of \(order)"
        case .probe: "probe"
        case .show(let display): "lights \(display.situation)"
        case .print(let slip): "print \(slip.kind)\(slip.isCopy ? " copy" : "")"
        case .announce(let event):
            "tell: \(event.kind) \(event.state.map { "\($0)" } ?? "") \(event.truth ?? "-")"
        case .notice(let notice): "notice \(notice.word)"
        case .rememberReturn(let order): "remember the return of \(order)"
        case .answer(let request, let answer): "answer \(request.number): \(words(answer))"
        case .stop: "stop"
        case .prepareSubmit, .openAhead, .arm, .disarm, .discardScans: nil
        }
    }

    private static func words(_ answer: Answer) -> String {
        switch answer {
        case .sale(let row): "sale \(row.id) \(row.state)"
        case .revoke(let entry): "revoke \(entry.row.order) \(entry.attempt.state)"
        case .created(let row): "created \(row.id)"
        case .accepted(let row): "accepted \(row.id) \(row.state)"
        case .problem(let problem): "problem \(problem.word)"
        }
    }
}
