internal import Devices
internal import Journal
internal import Payments

/// What the local interface asks of the kiosk: the machine for decisions, the journal for what is stored.
struct ShellControl: KioskControl {
    let shell: Shell
    let currency: Currency
    /// Why the platform cannot be reached.
    let networkTrouble: @Sendable () -> String?

    func ask(_ wish: SaleRequest) async throws -> Answer {
        let stored: SaleRow?
        do {
            stored = try await storedSale(under: wish.idempotencyKey)
        } catch let error as NoAnswer {
            throw error
        } catch {
            return .problem(.storageFailed)
        }
        return try await shell.answers.answer { id in
            shell.deliver(.saleAsked(id, wish.hashed(as: stored), stored: stored))
        }
    }

    /// A key is honoured durably, so the journal is asked before the machine.
    private func storedSale(under key: String?) async throws -> SaleRow? {
        guard let key else { return nil }
        return try await read { reader throws(JournalError) in
            try reader.sale(idempotencyKey: key)
        }
    }

    func call(_ sale: SaleID, _ call: SaleCall) async throws -> Answer {
        let details: SaleDetails?
        do {
            details = try await self.sale(sale)
        } catch let error as NoAnswer {
            throw error
        } catch {
            return .problem(.storageFailed)
        }
        return try await shell.answers.answer { id in
            shell.deliver(
                .saleCalled(
                    id,
                    sale,
                    call,
                    stored: details?.sale,
                    attempts: details?.attempts ?? []
                )
            )
        }
    }

    func revokes(limit: Int) async -> [RevokeEntry] {
        shell.look { $0.revokeEntries(limit: limit) }
    }

    func callRevoke(_ order: OrderNumber, _ call: RevokeCall) async throws -> Answer {
        let stored: AttemptRow?
        do {
            stored = try await read { reader throws(JournalError) in try reader.attempt(order) }
        } catch let error as NoAnswer {
            throw error
        } catch {
            return .problem(.storageFailed)
        }
        return try await shell.answers.answer { id in
            shell.deliver(.revokeCalled(id, order, call, stored: stored))
        }
    }

    func adoptJournal(by person: String) async throws -> JournalStatus {
        guard shell.look({ $0.custody }) == .foreign else { return shell.journalStatus }
        let now = shell.parts.clock.now()
        try await BoundedWait.value(within: shell.answers.patience) { wait in
            shell.parts.journal.adopt(by: person, now: now) { [shell] result in
                if case .success = result { shell.deliver(.journalAdopted) }
                wait.end(with: result.mapError { $0 as any Error })
            }
        }
        return shell.journalStatus
    }

    func setServiceMode(_ mode: ServiceMode) async {
        shell.deliver(.serviceModeAsked(mode))
    }

    func sale(_ id: SaleID) async throws -> SaleDetails? {
        try await read { reader throws(JournalError) in
            guard let row = try reader.sale(id) else { return nil }
            return try Self.details(of: row, reader)
        }
    }

    func sales(limit: Int) async throws -> [SaleDetails] {
        try await read { reader throws(JournalError) in
            var found: [SaleDetails] = []
            for row in try reader.sales(limit: limit) {
                found.append(try Self.details(of: row, reader))
            }
            return found
        }
    }

    private static func details(
        of sale: SaleRow,
        _ reader: JournalReader,
    ) throws(JournalError) -> SaleDetails {
        let attempts = try reader.attempts(of: sale.id)
        // The first one, as the machine names it; one is the rule, and needs no look at the queue.
        var returned: OrderNumber?
        for attempt in attempts where returned == nil && attempts.count > 1 {
            if try reader.revoke(of: attempt.order)?.chargeSeen == true { returned = attempt.order }
        }
        return SaleDetails(sale: sale, attempts: attempts, returned: returned)
    }

    func events(after id: Int64, limit: Int) async throws -> [EventRow] {
        try await read { reader throws(JournalError) in
            try reader.events(after: id, limit: limit)
        }
    }

    func lastEventID() async throws -> Int64 {
        try await read { reader throws(JournalError) in
            try reader.lastEventID()
        }
    }

    /// Reads from the journal, as patiently as for an answer.
    private func read<Value: Sendable>(
        _ body: @escaping @Sendable (JournalReader) throws(JournalError) -> Value
    ) async throws -> Value {
        try await BoundedWait.value(within: shell.answers.patience) { wait in
            Task { [journal = shell.parts.journal] in
                do {
                    wait.end(with: .success(try await journal.read(body)))
                } catch {
                    wait.end(with: .failure(error))
                }
            }
        }
    }

    func status() async -> KioskStatus {
        let now = shell.parts.clock.now()
        let devices = shell.deviceStatus()
        let networkTrouble = networkTrouble()
        let journal = shell.journalStatus
        return shell.look { till in
            let queue = till.revokeQueue
            return KioskStatus(
                reasons: till.reasons,
                devices: devices,
                isNetworkReachable: till.isNetworkReachable,
                networkTrouble: till.isNetworkReachable ? nil : networkTrouble,
                queue: KioskStatus.QueueStatus(
                    count: queue.count,
                    sum: queue.sum,
                    oldestAgeSeconds: queue.oldest?.age(at: now)?.components.seconds,
                    parked: queue.parked,
                    activity: queue.activity,
                    flagged: till.flaggedOrders
                ),
                risk: KioskStatus.RiskStatus(
                    count: till.unsettledCount,
                    sum: till.unsettledSum,
                    isWarning: till.isNearRiskLimit
                ),
                journal: journal,
                currency: currency,
                clock: now.wall,
                configurationGeneration: nil,
                configurationFault: till.configurationFault?.text,
                activeSale: till.activeSale?.id,
                unreportedSale: till.unreportedSale,
                version: Version.text
            )
        }
    }
}

/// The product's version.
package enum Version {
    package static let text = "0.1.0"
}
