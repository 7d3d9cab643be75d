internal import Payments
internal import Threads

/// What the printer's thread does while the port is open: watch the printer, print what waits.
struct PrinterSession: ~Copyable {
    private var link: PrinterLink
    private let settings: SerialSettings
    private let profile: PrinterProfile
    private let typesetter: SlipTypesetter
    private let queue: PrintQueue
    private let timing: PrinterTiming
    private let report: (DeviceState) -> Void

    private var state = DeviceState.absent(.notOpened)
    private var lastCheck = BootTime(nanoseconds: 0)
    private var isInitialised = false
    /// The last slip was cut off in its midst.
    private var mustSeparate: Bool

    init(
        _ link: consuming PrinterLink,
        settings: SerialSettings,
        profile: PrinterProfile,
        typesetter: SlipTypesetter,
        queue: PrintQueue,
        timing: PrinterTiming,
        mustSeparate: Bool,
        report: @escaping (DeviceState) -> Void,
    ) {
        self.link = link
        self.settings = settings
        self.profile = profile
        self.typesetter = typesetter
        self.queue = queue
        self.timing = timing
        self.mustSeparate = mustSeparate
        self.report = report
    }

    /// Runs until the printer is gone or stopped, and says which.
    mutating func run() -> (trouble: DeviceTrouble, mustSeparate: Bool) {
        do {
            // Opening the port can reset the printer; what it says meanwhile is noise.
            try link.pause(until: BootClock.now() + .milliseconds(200))
            link.discardInput()
            try check()
            while true { try attend() }
        } catch {
            return (error.trouble, mustSeparate)
        }
    }

    /// One round: prints the first slip that waits, or looks after the printer, or waits for
    /// something to do.
    private mutating func attend() throws(PrinterLink.End) {
        let now = BootClock.now()
        queue.expire(at: now, for: state.trouble ?? .noAnswer)
        let isWaiting = !queue.isEmpty
        if isWaiting, state.isUsable || now >= lastCheck + timing.troubleInterval {
            // Looked at before every slip: what it said ten seconds ago does not count.
            try check()
            if state.isUsable, let job = queue.removeFirst() { try finish(job) }
            return
        }
        let interval = state.isUsable ? timing.idleInterval : timing.troubleInterval
        if profile.reportsStatus, now >= lastCheck + interval {
            try check()
            return
        }
        var deadline = profile.reportsStatus ? lastCheck + interval : nil
        if let expiry = queue.nextExpiry { deadline = deadline.map { min($0, expiry) } ?? expiry }
        let hasNews = try link.waitForNews(until: deadline)
        if hasNews, profile.reportsStatus, BootClock.now() >= lastCheck + timing.troubleInterval {
            try check()
        }
    }

    /// Asks the printer how it is. A profile without status is taken to be ready (device facts,
    /// 2.6).
    private mutating func check() throws(PrinterLink.End) {
        var status: PrinterStatus?
        if profile.reportsStatus {
            // One silence says nothing, except of a printer that is known to be in trouble. In a flood anything may look like
            // an answer.
            let tries = state.isUsable || state == .absent(.notOpened) ? 3 : 1
            for _ in 0..<tries where status == nil && !link.isFlooded { status = try link.status() }
            if link.isFlooded { status = nil }
            if status == nil { link.abandonOutput() }
        }
        lastCheck = BootClock.now()
        if let status {
            change(to: status.state)
        } else if profile.reportsStatus {
            change(to: .attention(link.isFlooded ? .flooding : .noAnswer))
            return
        } else {
            change(to: .ready)
        }
        guard !isInitialised else { return }
        let start = EscPos.initialise + (profile.reportsStatus ? EscPos.automaticStatusOff : [])
        isInitialised = try link.send(start, until: lastCheck + timing.slipLimit)
    }

    private mutating func change(to new: DeviceState) {
        state = new
        report(new)
    }

    // MARK: One slip

    private mutating func finish(_ job: PrintQueue.Job) throws(PrinterLink.End) {
        defer { queue.printed() }
        do {
            job.completion(try result(of: job.slip))
        } catch {
            mustSeparate = true
            job.completion(.failed(.device(error.trouble)))
            throw error
        }
    }

    private mutating func result(of slip: Slip) throws(PrinterLink.End) -> PrintResult {
        guard let lines = typesetter.lines(of: slip) else { return .failed(.contradictory) }
        let encoder = SlipEncoder(profile)
        let bytes = (mustSeparate ? encoder.separation : []) + encoder.bytes(of: lines)
        let started = BootClock.now()
        let limit = started + timing.slipLimit
        guard try link.send(bytes, until: limit) else { return try stalled() }
        mustSeparate = false
        let mechanics = started + profile.mechanicalTime(ofLines: lines.count)
        if profile.reportsStatus {
            return try confirmation(
                mechanics: mechanics,
                lineTime: settings.duration(ofBytes: bytes.count),
                limit: limit,
            )
        }
        guard try link.drain(until: limit) else { return try stalled() }
        try link.pause(until: mechanics)
        return .sentUnconfirmed
    }

    /// The printer took no more: it says why, if it says anything.
    private mutating func stalled() throws(PrinterLink.End) -> PrintResult {
        mustSeparate = true
        try check()
        if profile.reportsStatus, !state.isUsable {
            return .failed(.device(state.trouble ?? .stalled))
        }
        return .failed(.device(.stalled))
    }

    /// GS r is answered when all before it was interpreted; then the printer must be well (device
    /// facts, 2.8).
    private mutating func confirmation(
        mechanics: BootTime,
        lineTime: Duration,
        limit: BootTime,
    ) throws(PrinterLink.End) -> PrintResult {
        link.forgetReplies()
        guard try link.send(EscPos.queuedPaperStatus, until: limit) else { return try stalled() }
        let due = max(mechanics, BootClock.now()) + lineTime + timing.confirmationMargin
        while true {
            let now = BootClock.now()
            if try link.queuedStatus(until: min(now + timing.troubleInterval, limit)) != nil {
                try link.pause(until: mechanics)
                try check()
                return state.isUsable ? .confirmed : .sentUnconfirmed
            }
            // Silence: out of paper, cover open, gone, or a printer that does not know GS r.
            try check()
            let isOver = BootClock.now() >= due
            if state.isUsable, isOver { return .sentUnconfirmed }
            if state == .attention(.noAnswer), isOver { return .failed(.device(.noAnswer)) }
            // Anything else is for a person to cure: the printer keeps the rest and goes on by
            // itself.
            if BootClock.now() >= limit {
                return .failed(.device(state.trouble ?? .noAnswer))
            }
        }
    }
}
