import Payments

/// States of things that come and go: outages, full disks, open doors.
extension World {
    /// Each visit can bring one of each.
    func drawIncidents() {
        draw(.outage, .outage, Span.second, 30 * Span.minute)
        draw(.longOutage, .outage, 2 * Span.hour, 3 * Span.day)
        draw(.weekOutage, .outage, 6 * Span.day, 9 * Span.day)
        draw(.captivePortal, .captivePortal, 5 * Span.second, 10 * Span.minute)
        draw(.certificateRefused, .certificate, Span.minute, 3 * Span.hour)
        draw(.identityRefused, .identity, Span.minute, 3 * Span.hour)
        draw(.diskFull, .diskFull, Span.second, Span.hour)
        draw(.littleRoom, .littleRoom, 10 * Span.second, 2 * Span.hour)
        draw(.diskHangs, .diskHangs, Span.second, 4 * Span.minute)
        draw(.diskBroken, .diskBroken, Span.second, 20 * Span.minute)
        draw(.scannerGone, .scanner, Span.second, 10 * Span.minute)
        draw(.printerGone, .printer, Span.second, 20 * Span.minute)
        draw(.maintenance, .maintenance, Span.second, 20 * Span.minute)
        if schedule.happens(.paperLow) {
            machinery.isPaperLow.toggle()
            tellDevices(in: Span.second)
        }
        if var dice = schedule.strikes(.clockJumps) {
            let days = Int64(dice.roll(4_000)) - 2_000
            machinery.wallOffset = dice.oneIn(2) ? days * 86_400_000 : days * 100
        }
        refundByHand()
        if schedule.happens(.falseAlarm), let run = process?.run {
            plan(.reaches(.networkChanged(isReachable: false), run: run), in: Span.second)
            plan(.networkNoticed(run: run), in: 20 * Span.second)
        }
        if schedule.happens(.terminated), let run = process?.run {
            note("SIGTERM")
            plan(.reaches(.stopAsked, run: run), in: 8 * Span.second)
            plan(.killedIfRunning(run: run), in: 98 * Span.second)
        }
    }

    private func draw(_ fault: Fault, _ incident: Incident, _ low: Int64, _ high: Int64) {
        guard var dice = schedule.strikes(fault) else { return }
        let begins = dice.span(0, 60 * Span.second)
        plan(.befalls(incident, length: dice.spread(low, high)), in: begins)
    }

    func befall(_ incident: Incident, _ length: Int64) {
        guard !schedule.isOver else { return }
        note("BEGINS: \(incident) for \(length / Span.second) s")
        plan(.ends(incident), in: length)
        switch incident {
        case .outage:
            network.isDown = true
            network.returnsAt = now + length
            if let run = process?.run {
                var dice = schedule.requestDice()
                plan(.networkNoticed(run: run), in: dice.spread(50 * Span.millisecond, Span.minute))
            }
        case .captivePortal: network.isCaptive = true
        case .certificate: network.refusesCertificate = true
        case .identity: network.refusesIdentity = true
        case .diskFull:
            disk.isFull = true
            disk.reserve = Disk.reserveRecords
        case .littleRoom:
            var dice = schedule.commitDice()
            disk.room = dice.roll(4)
        case .diskHangs: disk.isHanging = true
        case .diskBroken: disk.isBroken = true
        case .scanner:
            machinery.isScannerGone = true
            tellDevices(in: Span.second)
        case .printer:
            machinery.isPrinterGone = true
            tellDevices(in: Span.second)
        case .maintenance:
            machinery.isInMaintenance = true
            tellServiceMode(.maintenance)
        case .clockUnset: break
        }
    }

    func end(_ incident: Incident) {
        guard !schedule.isOver else { return endQuietly(incident) }
        note("ENDS: \(incident)")
        switch incident {
        case .outage:
            network.isDown = false
            if let run = process?.run { plan(.networkNoticed(run: run), in: 3 * Span.second) }
        case .captivePortal: network.isCaptive = false
        case .certificate: network.refusesCertificate = false
        case .identity: network.refusesIdentity = false
        case .diskFull: disk.isFull = false
        case .littleRoom: disk.room = nil
        case .diskHangs:
            disk.isHanging = false
            if disk.isWriting, let run = process?.run {
                plan(.diskWrites(run: run), in: Span.millisecond)
            }
        case .diskBroken:
            disk.isBroken = false
            if process != nil {
                kill("a technician restarts it")
                plan(.powerReturns, in: 5 * Span.second)
            }
        case .scanner:
            machinery.isScannerGone = false
            tellDevices(in: Span.second)
        case .printer:
            machinery.isPrinterGone = false
            tellDevices(in: Span.second)
        case .maintenance:
            machinery.isInMaintenance = false
            tellServiceMode(.normal)
        case .clockUnset: endQuietly(incident)
        }
    }

    /// What was put right when faults stopped needs nothing more; the time of day comes when it comes.
    private func endQuietly(_ incident: Incident) {
        if case .clockUnset(let boot) = incident, boot == machinery.boots {
            machinery.isClockUnset = false
        }
    }

    private func tellServiceMode(_ mode: ServiceMode) {
        guard let run = process?.run else { return }
        plan(.reaches(.serviceModeAsked(mode), run: run), in: Span.millisecond)
    }

    func noticeNetwork() {
        hear(.networkChanged(isReachable: !network.isDown))
    }
}
