import Sandbox

/// What a test wants to be different about its kiosk.
struct KioskSettings: Sendable {
    /// Factor on the vendor's times, on both sides.
    var scale = 0.04
    /// Seconds by key, instead of the scaled ones.
    var timing: [String: Double] = [:]
    /// Keys of `sale` as JSON, beside the two waits below.
    var sale: [String: String] = [:]
    var codeWait = 30.0
    var deliveryWait = 30.0
    /// Whole sections as JSON.
    var sections: [String: String] = [:]
    /// Of the journal, if it is not to lie in the kiosk's folder.
    var stateDirectory: String?
    var hasPrinter = true
    /// After which the platform closes a connection without a request.
    var idle = Duration.seconds(75)
    /// Instead of the sandbox's own.
    var baseURL: String?
    /// Whether the platform has a second host, the sandbox being the first.
    var hasStandby = false

    /// Sections of the configuration as the daemon reads them.
    var configuration: [String: String] {
        var all = [
            "timing": Self.object(scaledTiming.merging(timing) { $1 }.mapValues { "\($0)" }),
            "sale": Self.object(
                ["codeWaitSeconds": "\(codeWait)", "deliveryWaitSeconds": "\(deliveryWait)"]
                    .merging(sale) { $1 }
            ),
            "risk": #"{"maxUnsettledCount":1000,"maxUnsettledSum":100000000}"#,
        ]
        if !hasPrinter { all["printer"] = "null" }
        return all.merging(sections) { $1 }
    }

    var sandboxTimings: SandboxTimings {
        var timings = SandboxTimings.scaled(by: scale)
        timings.arrivalTolerance = .milliseconds(150)
        timings.idle = idle
        // Later than the kiosk's first revoke, so that a payer can still pay just before it.
        timings.platformRevoke = .milliseconds(Int64(90_000 * scale))
        return timings
    }

    /// The vendor's times, scaled; a connection is given what a busy machine needs.
    private var scaledTiming: [String: Double] {
        let real = [
            "pollSeconds": 5.0, "payerWaitSeconds": 30, "hardEndSeconds": 45,
            "queryAfterSilenceSeconds": 10, "revokeNotBeforeSeconds": 15,
            "requestTimeoutSeconds": 30, "retryBaseSeconds": 2, "retryCapSeconds": 60,
            "confirmAgainSeconds": 20, "retryPauseSeconds": 2,
            "recoverySpreadSeconds": 30, "refundAgainSeconds": 60,
        ]
        var scaled = real.mapValues { $0 * scale }
        scaled["connectTimeoutSeconds"] = min(1, 30 * scale)
        scaled["probeSeconds"] = 0.5
        scaled["breakerProbeSeconds"] = max(0.05, 10 * scale)
        scaled["breakerProbeCapSeconds"] = max(0.05, 60 * scale)
        return scaled
    }

    private static func object(_ members: [String: String]) -> String {
        let body = members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
        return "{" + body.joined(separator: ",") + "}"
    }
}
