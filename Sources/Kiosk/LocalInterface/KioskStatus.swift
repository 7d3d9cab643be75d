package import Payments

/// How the kiosk is doing, for `GET /v1/status`, `/readyz` and the display.
package struct KioskStatus: Hashable, Sendable {
    /// One device as a technician wants to read it.
    package struct DeviceStatus: Hashable, Sendable {
        /// `scanner`, `printer`, `lights`.
        package let name: String
        package let condition: DeviceCondition
        /// One sentence on what is wrong, such as the port that is not there; `nil` when there is nothing to say.
        package let detail: String?

        package init(name: String, condition: DeviceCondition, detail: String?) {
            self.name = name
            self.condition = condition
            self.detail = detail
        }
    }

    /// The revoke queue in numbers.
    package struct QueueStatus: Hashable, Sendable {
        package let count: Int
        /// In the currency's smallest unit.
        package let sum: Int64
        /// Age of the oldest entry; `nil` when the queue is empty or the age cannot be known (another boot).
        package let oldestAgeSeconds: Int64?
        /// Those of them that a person must settle (rule C5).
        package let parked: Int
        /// Whether steps start, and if not why (rule C4).
        package let activity: RevokeQueueStatus.Activity
        /// Orders that want a person's eye (rule C4): flagged or parked.
        package let flagged: [OrderNumber]

        package init(
            count: Int,
            sum: Int64,
            oldestAgeSeconds: Int64?,
            parked: Int,
            activity: RevokeQueueStatus.Activity,
            flagged: [OrderNumber],
        ) {
            self.count = count
            self.sum = sum
            self.oldestAgeSeconds = oldestAgeSeconds
            self.parked = parked
            self.activity = activity
            self.flagged = flagged
        }
    }

    /// Money that may still have to go back (rule C7).
    package struct RiskStatus: Hashable, Sendable {
        /// Orders that may hold money.
        package let count: Int
        /// In the currency's smallest unit.
        package let sum: Int64
        /// Three quarters of a limit are reached.
        package let isWarning: Bool

        package init(count: Int, sum: Int64, isWarning: Bool) {
            self.count = count
            self.sum = sum
            self.isWarning = isWarning
        }
    }

    /// Why no sale can start now, most important first; empty when the kiosk is ready.
    package let reasons: [OutOfServiceReason]
    package let devices: [DeviceStatus]
    /// Whether the platform can be reached (rule B10).
    package let isNetworkReachable: Bool
    /// Why it cannot, in one sentence; `nil` while it can.
    package let networkTrouble: String?
    package let queue: QueueStatus
    package let risk: RiskStatus
    package let journal: JournalStatus
    package let currency: Currency
    package let clock: WallTime
    /// The generation of the configuration in force; `nil` where it was not installed as one.
    package let configurationGeneration: Int?
    /// What the platform found wrong with this kiosk's keys or certificate (rule B7); `nil` if nothing.
    package let configurationFault: String?
    package let activeSale: SaleID?
    /// The active sale, where its goods were claimed and never reported (rule D3).
    package let unreportedSale: SaleID?
    package let version: String

    package var isReady: Bool { reasons.isEmpty }

    package init(
        reasons: [OutOfServiceReason],
        devices: [DeviceStatus],
        isNetworkReachable: Bool,
        networkTrouble: String? = nil,
        queue: QueueStatus,
        risk: RiskStatus,
        journal: JournalStatus = JournalStatus(.own),
        currency: Currency,
        clock: WallTime,
        configurationGeneration: Int?,
        configurationFault: String? = nil,
        activeSale: SaleID?,
        unreportedSale: SaleID? = nil,
        version: String,
    ) {
        self.reasons = reasons
        self.devices = devices
        self.isNetworkReachable = isNetworkReachable
        self.networkTrouble = networkTrouble
        self.queue = queue
        self.risk = risk
        self.journal = journal
        self.currency = currency
        self.clock = clock
        self.configurationGeneration = configurationGeneration
        self.configurationFault = configurationFault
        self.activeSale = activeSale
        self.unreportedSale = unreportedSale
        self.version = version
    }
}
