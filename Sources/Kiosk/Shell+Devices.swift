internal import Devices
internal import Payments

/// What the devices' states mean to the machine and to people.
extension Shell {
    func deviceStatus() -> [KioskStatus.DeviceStatus] {
        var found = [status("scanner", parts.scanner.state)]
        if let printer = parts.printer { found.append(status("printer", printer.state)) }
        switch parts.lights.state {
        case .none: break
        case .working: found.append(.init(name: "lights", condition: .working, detail: nil))
        case .failed(let error):
            found.append(.init(name: "lights", condition: .failed, detail: error.description))
        }
        return found
    }

    private func status(_ name: String, _ state: DeviceState) -> KioskStatus.DeviceStatus {
        KioskStatus.DeviceStatus(
            name: name,
            condition: state.condition,
            detail: state.trouble?.sentence
        )
    }
}

extension DeviceState {
    /// As far as a sale is concerned: low paper still prints.
    var condition: DeviceCondition {
        switch self {
        // Nobody's scans may stop the sales, and the next one may be readable.
        case .ready, .attention(.unreadable): .working
        case .attention(.paperLow): .needsAttention
        case .absent, .attention: .failed
        }
    }
}
