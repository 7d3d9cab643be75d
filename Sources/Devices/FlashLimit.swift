internal import Payments

/// Keeps every light at or below 2 Hz, however fast displays change: a light comes on at most every
/// 500 ms.
struct FlashLimit {
    private static let shortestPeriod = Duration.milliseconds(500)
    private(set) var shown: LightLevels
    private var cameOn: [LightName: BootTime] = [:]

    init(shown: LightLevels) { self.shown = shown }

    /// The lights were opened, and show out of service.
    mutating func opened(at now: BootTime) {
        for name in LightName.allCases where LightLevels.safe[name] && !shown[name] {
            cameOn[name] = now
        }
        shown = .safe
    }

    /// Takes what may be shown of the levels wanted. Returns when to ask again for what had to
    /// wait.
    mutating func changed(to wanted: LightLevels, at now: BootTime) -> BootTime? {
        var again: BootTime?
        for name in LightName.allCases where wanted[name] != shown[name] {
            if !wanted[name] {
                shown[name] = false
            } else if let last = cameOn[name], now < last + Self.shortestPeriod {
                let free = last + Self.shortestPeriod
                again = again.map { min($0, free) } ?? free
            } else {
                shown[name] = true
                cameOn[name] = now
            }
        }
        return again
    }
}
