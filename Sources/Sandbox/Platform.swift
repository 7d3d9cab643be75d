internal import Payments

/// The platform itself: orders, payers and money, without any I/O. Time comes in with every call.
///
/// A request is first received, which is when it is judged and takes effect; then its ticket's delay passes; then it is
/// finished, which makes the reply from what is true by then. ``Platform+Submit.swift`` and its neighbours hold the calls.
struct Platform: Sendable {
    /// One request as the connection read it.
    struct Call: Sendable {
        let operation: SandboxOperation
        let body: [UInt8]
        let certificate: CertificateFault?
        let firstByte: BootTime
    }

    /// A request that was received and waits for its reply.
    struct Ticket: Sendable {
        enum Content: Sendable {
            case document(ReplyDocument)
            case page(Reply, summary: String)
            /// The submit's reply is made when the delay is over.
            case submit(CheckedRequest, SandboxCase.Answer)
        }

        let operation: SandboxOperation
        var order: String?
        var content: Content
        var delay = Duration.zero
        var fault: ReplyFault?
    }

    /// More numbers than this are not kept: a submit is then answered SYSTEMERROR and takes no money.
    static let maxOrders = 100_000
    static let maxViolations = 10_000
    static let maxScript = 10_000

    let identity: SandboxIdentity
    let key: String
    let options: SandboxOptions
    var orders: [String: PlatformOrder] = [:]
    /// Order numbers as they first appeared.
    private(set) var sequence: [String] = []
    /// Which order used up a payment code.
    var codes: [String: String] = [:]
    var transactions: [String: String] = [:]
    /// Which order a refund number or a refund's id belongs to.
    var refunds: [String: String] = [:]
    /// Faults for the next replies of an operation, whatever their orders.
    private var spoils: [SandboxOperation: [ReplyFault]] = [:]
    private(set) var violations: [SandboxViolation] = []
    private var nonces = NonceMemory(capacity: 100_000)
    private var script: [SandboxCase] = []
    /// Numbers of orders that may still change by themselves.
    private var open: [String] = []
    private var outbox: [SandboxEvent] = []

    init(identity: SandboxIdentity, key: String, options: SandboxOptions) {
        self.identity = identity
        self.key = key
        self.options = options
    }

    var ledger: [LedgerEntry] { sequence.compactMap { orders[$0]?.entry } }

    mutating func receive(_ call: Call, at now: PlatformTime) -> Ticket {
        var ticket = judge(call, at: now)
        if let fault = spoils[call.operation]?.first {
            spoils[call.operation]?.removeFirst()
            ticket.fault = fault
            if case .late(let delay) = fault { ticket.delay = options.timings.payer(delay) }
        }
        return ticket
    }

    /// The next replies of that operation meet these faults, one each.
    mutating func spoil(_ operation: SandboxOperation, _ faults: [ReplyFault]) {
        let waiting = spoils[operation, default: []]
        spoils[operation] = waiting + faults.prefix(max(0, Self.maxScript - waiting.count))
    }

    private mutating func judge(_ call: Call, at now: PlatformTime) -> Ticket {
        advance(to: now)
        if let fault = call.certificate, call.operation.needsCertificate {
            violate(.certificate(fault.word), call.operation, order: nil, at: now)
            var page = Reply.page(400, fault.title, closes: true)
            if options.certificateRefusal == .drop { page = Reply(delivery: .dropped) }
            return Ticket(operation: call.operation, content: .page(page, summary: "HTTP 400"))
        }
        do {
            let request = try CheckedRequest(
                call.body,
                for: call.operation,
                from: identity,
                key: key
            )
            let order =
                request["out_trade_no"] ?? request["out_refund_no"].flatMap { refunds[$0] }
            if let order, call.operation == .submit { _ = register(order) }
            note(.received(call.operation, firstByte: call.firstByte), order: order, at: now)
            guard nonces.insert(request["nonce_str"] ?? "") else {
                violate(.nonceRepeated, call.operation, order: order, at: now)
                return failure(request, "PARAM_ERROR", "nonce_str重复")
            }
            switch call.operation {
            case .submit:
                let ticket = submit(request, at: now)
                return settled(ticket)
            case .query: return query(request)
            case .reverse: return reverse(request, firstByte: call.firstByte, at: now)
            case .refund: return refund(request, at: now)
            case .refundQuery: return refundQuery(request)
            }
        } catch {
            note(.received(call.operation, firstByte: call.firstByte), order: nil, at: now)
            violate(.requestRefused(error.check), call.operation, order: nil, at: now)
            return Ticket(operation: call.operation, content: .document(document(for: error)))
        }
    }

    /// Without a delay the reply says what is true now, however long the connection takes to send it.
    private func settled(_ ticket: Ticket) -> Ticket {
        guard ticket.delay == .zero, case .submit(let request, let answer) = ticket.content else {
            return ticket
        }
        var settled = ticket
        settled.content = .document(submitReply(to: request, saying: answer))
        return settled
    }

    mutating func finish(_ ticket: Ticket, at now: PlatformTime) -> Reply {
        advance(to: now)
        let reply: Reply
        var summary: String
        switch ticket.content {
        case .page(let page, let words):
            reply = page
            summary = words
        case .document(let document):
            reply = document.reply(spoiltBy: ticket.fault)
            summary = document.summary
        case .submit(let request, let answer):
            let document = submitReply(to: request, saying: answer)
            reply = document.reply(spoiltBy: ticket.fault)
            summary = document.summary
        }
        if let fault = ticket.fault { summary += ", " + fault.word }
        note(.answered(ticket.operation, summary), order: ticket.order, at: now)
        return reply
    }

    // MARK: Script

    mutating func script(_ cases: [SandboxCase]) {
        script += cases.prefix(max(0, Self.maxScript - script.count))
    }

    /// The case for a new order: the script's next, else the one its code chooses.
    mutating func nextCase(for code: String) -> SandboxCase {
        script.isEmpty ? SandboxCase(code: code) : script.removeFirst()
    }

    /// After how many bytes the next submit is to be cut, if the script wants that before it can be read whole.
    var requestCut: Int? {
        guard case .cut(let count) = script.first?.arrival, count < .max else { return nil }
        return count
    }

    /// The cut has been made: its case is used up.
    mutating func requestWasCut() {
        if requestCut != nil { script.removeFirst() }
    }

    // MARK: Time

    /// When something next happens by itself.
    var nextDue: BootTime? {
        open.compactMap { orders[$0]?.due(platformRevoke: options.timings.platformRevoke) }.min()
    }

    /// Lets payers act and unpaid orders end, in the order of their times, up to `now`.
    mutating func advance(to now: PlatformTime) {
        let platformRevoke = options.timings.platformRevoke
        open.removeAll { orders[$0]?.isOpen != true }
        while let (number, due) = open.compactMap({ number in
            orders[number]?.due(platformRevoke: platformRevoke).map { (number, $0) }
        }).min(by: { $0.1 < $1.1 }), due <= now.boot {
            let time = now.at(due)
            if orders[number]?.refund?.due == due {
                completeRefund(of: number, at: time)
            } else if let act = orders[number]?.act, act.at == due {
                perform(act.what, on: number, at: time)
            } else {
                orders[number]?.act = nil
                change(number, to: .revoked, at: time)
            }
        }
    }

    /// The payer acts now, at a person's command; `false` if no password page is open for that order.
    mutating func payerActed(
        _ number: String,
        _ act: SandboxPayerAct,
        at now: PlatformTime,
    ) -> Bool {
        guard orders[number]?.state == .userPaying else { return false }
        perform(act, on: number, at: now)
        return true
    }

    private mutating func perform(_ act: SandboxPayerAct, on number: String, at time: PlatformTime)
    {
        orders[number]?.act = nil
        switch act {
        case .pays: charge(number, at: time)
        case .closesPage:
            orders[number]?.refusal = "TRADE_ERROR"
            change(number, to: .payError, at: time)
        }
    }

    // MARK: Money and states

    /// Takes the money: the only place that does.
    mutating func charge(_ number: String, at time: PlatformTime) {
        guard let order = orders[number], let amount = order.amount, order.charged == nil else {
            return
        }
        let hasCoupon = order.play?.hasCoupon == true && amount.minorUnits > 1
        let payment = PlatformOrder.Payment(
            transactionID: Identifiers.transactionID(at: time),
            openID: Identifiers.openID(),
            time: time,
            couponFee: hasCoupon ? amount.minorUnits / 2 : 0
        )
        orders[number]?.payment = payment
        orders[number]?.charged = amount
        transactions[payment.transactionID] = number
        note(.charged(amount), order: number, at: time)
        change(number, to: .success, at: time)
    }

    /// An order of before: submitted and paid, though nobody here saw it.
    mutating func paidBefore(_ number: String, _ amount: Money, at time: PlatformTime) {
        guard register(number), orders[number]?.isProcessed == false else { return }
        orders[number]?.created = time.boot
        orders[number]?.amount = amount
        orders[number]?.play = .paid
        charge(number, at: time)
    }

    /// Gives the money back, if it was taken: the only place that does.
    mutating func giveBack(_ number: String, at time: PlatformTime) {
        guard let order = orders[number], let charged = order.charged, order.returned == nil else {
            return
        }
        orders[number]?.returned = charged
        note(.returned(charged), order: number, at: time)
    }

    mutating func change(
        _ number: String,
        to state: SandboxOrderState,
        at time: PlatformTime,
    ) {
        orders[number]?.state = state
        if orders[number]?.isOpen == true, !open.contains(number) { open.append(number) }
        note(.stateChanged(state), order: number, at: time)
    }

    /// Makes sure the number has its place in the ledger; `false` if the ledger is full.
    mutating func register(_ number: String) -> Bool {
        if orders[number] != nil { return true }
        guard sequence.count < Self.maxOrders else { return false }
        sequence.append(number)
        orders[number] = PlatformOrder(number: number)
        return true
    }

    // MARK: Events

    mutating func note(_ kind: SandboxEvent.Kind, order: String?, at time: PlatformTime) {
        let event = SandboxEvent(at: time, order: order, kind: kind)
        if let order { orders[order]?.remember(event) }
        outbox.append(event)
    }

    mutating func violate(
        _ rule: SandboxViolation.Rule,
        _ operation: SandboxOperation,
        order: String?,
        at time: PlatformTime,
    ) {
        let violation = SandboxViolation(
            rule: rule,
            operation: operation,
            order: order,
            at: time.boot
        )
        if violations.count < Self.maxViolations { violations.append(violation) }
        if let order, let count = orders[order]?.violations.count, count < LedgerEntry.maxHistory {
            orders[order]?.violations.append(violation)
        }
        note(.violated(rule), order: order, at: time)
    }

    /// The events since the last call, oldest first.
    mutating func takeEvents() -> [SandboxEvent] {
        defer { outbox = [] }
        return outbox
    }
}
