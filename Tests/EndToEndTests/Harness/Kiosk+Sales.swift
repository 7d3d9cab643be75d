import Sandbox
import StrictJSON

/// A sale as the local interface shows it.
struct SaleView: Sendable {
    struct Attempt: Sendable {
        let order: String
        let state: String
        let verdict: String?
    }

    let id: String
    let state: String
    let amount: Int64
    let transactionID: String?
    let attempts: [Attempt]
    /// What the payer reads.
    let english: String
    let chinese: String

    init(_ answer: LocalCall.Answer) throws {
        let json = try answer.json()
        id = try json.string("id", bytes: 1...64)
        state = try json.string("state", bytes: 1...32)
        amount = try json.integer("amount", in: 1...Int64.max)
        transactionID = try json.optionalString("transactionID", bytes: 1...64)
        attempts = try json.objects("attempts", maximumCount: 50).map { one in
            Attempt(
                order: try one.string("order", bytes: 1...32),
                state: try one.string("state", bytes: 1...32),
                verdict: try one.optionalString("verdict", bytes: 1...200)
            )
        }
        let message = try json.object("message")
        english = try message.string("en", bytes: 1...500)
        chinese = try message.string("zh-Hans", bytes: 1...500)
    }
}

/// How the kiosk says it is.
struct StatusView {
    let isReady: Bool
    let reasons: [String]
    let devices: [String: String]
    let details: [String: String]
    let isReachable: Bool
    let queueCount: Int
    let parkedCount: Int
    let queueState: String
    let flagged: Int
    let isSynchronised: Bool
    let activeSale: String?
    let unixMilliseconds: Int64

    init(_ answer: LocalCall.Answer) throws {
        let text = answer.text
        let json = try answer.json()
        isReady = try json.boolean("ready")
        // The reader knows no arrays of strings, which nothing in money needs.
        reasons = Self.strings("reasons", in: text)
        var devices: [String: String] = [:]
        var details: [String: String] = [:]
        for device in try json.objects("devices", maximumCount: 10) {
            let name = try device.string("name", bytes: 1...32)
            devices[name] = try device.string("state", bytes: 1...32)
            details[name] = try device.optionalString("detail", bytes: 1...500)
        }
        self.devices = devices
        self.details = details
        isReachable = try json.object("network").boolean("reachable")
        let queue = try json.object("queue")
        queueCount = try queue.integer("count", in: 0...Int.max)
        parkedCount = try queue.integer("parked", in: 0...Int.max)
        queueState = try queue.string("state", bytes: 1...64)
        flagged = Self.strings("flagged", in: text).count
        let clock = try json.object("clock")
        isSynchronised = try clock.boolean("synchronised")
        unixMilliseconds = try clock.integer("unixMilliseconds", in: 0...Int64.max)
        activeSale = try json.optionalString("activeSale", bytes: 1...64)
    }

    private static func strings(_ key: String, in text: String) -> [String] {
        guard let start = text.ranges(of: "\"\(key)\":[").first?.upperBound else { return [] }
        return text[start...].prefix { $0 != "]" }.split(separator: ",").map {
            String($0.filter { $0 != "\"" })
        }
    }
}

extension Kiosk {
    /// A call whose answer is kept for the audit.
    @discardableResult
    func ask(
        _ method: String,
        _ path: String,
        body: String? = nil,
        headers: [String] = [],
    ) throws -> LocalCall.Answer {
        let answer = try call(method, path, body: body, headers: headers)
        answers += answer.body
        return answer
    }

    func status() throws -> StatusView { try StatusView(try ask("GET", "/v1/status")) }

    /// Asks for a sale as an application does.
    func askSale(amount: Int64 = 200, key: String? = nil) throws -> LocalCall.Answer {
        try ask(
            "POST",
            "/v1/sales",
            body: #"{"amount":\#(amount),"currency":"CNY","description":"Locker, 24 h"}"#,
            headers: key.map { ["Idempotency-Key: \($0)"] } ?? []
        )
    }

    /// A sale that waits for a code.
    func sell(amount: Int64 = 200, key: String? = nil) throws -> SaleView {
        let answer = try askSale(amount: amount, key: key)
        guard answer.status == 201 else {
            throw HarnessError("No sale: \(answer.status) \(answer.text)")
        }
        return try SaleView(answer)
    }

    func sale(_ id: String) throws -> SaleView {
        let answer = try ask("GET", "/v1/sales/\(id)")
        guard answer.status == 200 else {
            throw HarnessError("Sale \(id): \(answer.status) \(answer.text)")
        }
        return try SaleView(answer)
    }

    @discardableResult
    func act(_ sale: SaleView, _ call: String, body: String? = nil) throws -> LocalCall.Answer {
        try ask("POST", "/v1/sales/\(sale.id)/\(call)", body: body)
    }

    /// A customer holds a phone to the scanner.
    @discardableResult
    func show(_ play: SandboxCase = .paid) -> String {
        let code = Codes.make(play)
        show(code: code)
        return code
    }

    func show(code: String) {
        codes.append(code)
        scanner.scan(code)
    }

    /// Shows codes until the sale, which rests for a moment after a refusal, has come to `state`.
    func showAgain(
        _ sale: SaleView,
        until state: String,
        code: () throws -> String,
    ) throws {
        try wait("the next code to make the sale \(state)") {
            let last = events.events.last { $0.name == "sale" && $0.sale == sale.id }?.state
            if last == state { return true }
            if last == "declined" || last == "awaiting_code" {
                show(code: try code())
                pause(.milliseconds(200))
            }
            return false
        }
    }

    /// Waits until the application has been told that the sale reached the state.
    @discardableResult
    func awaitState(
        _ sale: SaleView,
        _ states: String...,
        times: Int = 1,
        within limit: Duration = .seconds(20),
    ) throws -> SaleView {
        try wait("sale \(sale.id) to be \(states.joined(separator: " or "))", within: limit) {
            events.events.count { event in
                event.name == "sale" && event.sale == sale.id
                    && states.contains(event.state ?? "")
            } >= times
        }
        return try self.sale(sale.id)
    }

    @discardableResult
    func awaitEvent(
        _ what: String,
        within limit: Duration = .seconds(20),
        where isIt: (KioskEvent) -> Bool,
    ) throws -> KioskEvent {
        try wait(what, within: limit) { events.events.contains(where: isIt) }
        guard let event = events.events.first(where: isIt) else { throw HarnessError(what) }
        return event
    }

    /// Waits until what `act` does has brought another notice.
    func awaitNotice(_ word: String, after act: () -> Void) throws {
        let known = events.events.count { $0.notice == word }
        act()
        try wait("the notice \(word)") { events.events.count { $0.notice == word } > known }
    }

    /// Claims and delivers, as an application does with a paid sale.
    func deliver(_ sale: SaleView) throws {
        let claim = try act(sale, "delivering", body: #"{"claim":"locker-7"}"#)
        let end = try act(sale, "delivered")
        guard claim.status == 200, end.status == 200 else {
            throw HarnessError("Not delivered: \(claim.text) \(end.text)")
        }
    }

    /// A whole payment that must work; proves that the kiosk is well.
    @discardableResult
    func payOnce() throws -> SaleView {
        try awaitReady()
        let sale = try sell()
        show()
        try awaitState(sale, "paid")
        try deliver(sale)
        let end = try self.sale(sale.id)
        guard end.state == "delivered" else { throw HarnessError("The sale is \(end.state).") }
        return end
    }

    /// The order number of the sale's newest attempt.
    func order(of sale: SaleView) throws -> String {
        guard let attempt = try self.sale(sale.id).attempts.last else {
            throw HarnessError("Sale \(sale.id) has no attempt.")
        }
        return attempt.order
    }
}
