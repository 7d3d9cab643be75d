/// The five lights, in the order in which they stand on the kiosk.
package enum LightName: String, Hashable, Sendable, CaseIterable {
    case ready
    case busy
    case approved
    case declined
    case fault
}

/// Which lights are lit.
package struct LightLevels: Hashable, Sendable {
    private var bits: UInt8 = 0

    package static let dark = LightLevels()
    /// What is shown when nobody is in control: out of service.
    package static let safe = LightLevels([.fault])

    package init(_ lit: [LightName] = []) {
        for name in lit { self[name] = true }
    }

    package subscript(name: LightName) -> Bool {
        get { bits & Self.bit(name) != 0 }
        set { bits = newValue ? bits | Self.bit(name) : bits & ~Self.bit(name) }
    }

    private static func bit(_ name: LightName) -> UInt8 {
        switch name {
        case .ready: 1
        case .busy: 2
        case .approved: 4
        case .declined: 8
        case .fault: 16
        }
    }
}
