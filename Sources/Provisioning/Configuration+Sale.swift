extension Configuration {
    /// What is sold and how a sale goes.
    package struct Sale: Hashable, Sendable {
        /// Who starts a sale.
        package enum Mode: Hashable, Sendable {
            /// An application starts each sale through the local interface.
            case api
            /// Any scan buys this item. `amount` in the currency's smallest unit, `description` at most 127 bytes
            /// (wire facts, 1.6: `body`).
            case fixed(amount: Int64, description: String)

            package var isFixed: Bool {
                switch self {
                case .api: false
                case .fixed: true
                }
            }
        }

        /// What to do about goods that were claimed and never reported (rule D3).
        package enum ClaimedUnreported: String, Hashable, Sendable, CaseIterable {
            case ask
            case refund
            case keep
        }

        private enum ModeName: String, CaseIterable {
            case api
            case fixed
        }

        package let mode: Mode
        /// How long a sale waits for a code; 0.05 s to 1 h.
        package let codeWait: Duration
        /// The highest amount of one sale, in the smallest unit; at most 1 000 000 000.
        package let maxAmount: Int64
        /// Attempts of one sale (rule B4); 1 to 20.
        package let maxAttempts: Int
        /// How long a paid sale waits for its claim (rule D2); 0.05 s to 1 h.
        package let deliveryWait: Duration
        package let claimedUnreported: ClaimedUnreported
        /// With `ask`: from the claim to where a person must settle the order and the kiosk sells again (rule D3); 0.05 s to 1
        /// day.
        package let claimedUnreportedPark: Duration
        /// Whether the kiosk stops selling while the printer is out of order (rule D4).
        package let requirePrinter: Bool
        /// A paid sale counts as delivered at once.
        package let autoDeliver: Bool
        /// In fixed mode, how long the scanner rests after a verdict; up to 1 min.
        package let rest: Duration

        init(_ section: Section) {
            let wait = Duration.milliseconds(50) ... .seconds(3600)
            maxAmount = section.integer("maxAmount", in: 1...1_000_000_000, default: 100_000)
            mode = Self.mode(section, maxAmount: maxAmount)
            codeWait = section.seconds("codeWaitSeconds", in: wait, default: .seconds(60))
            maxAttempts = section.integer("maxAttempts", in: 1...20, default: 5)
            deliveryWait = section.seconds("deliveryWaitSeconds", in: wait, default: .seconds(60))
            claimedUnreported = section.choice("claimedUnreported", default: .ask)
            claimedUnreportedPark = section.seconds(
                "claimedUnreportedParkSeconds",
                in: .milliseconds(50) ... .seconds(86_400),
                default: .seconds(3_600),
            )
            requirePrinter = section.boolean("requirePrinter", default: false)
            autoDeliver = section.boolean("autoDeliver", default: false)
            rest = section.seconds(
                "restSeconds",
                in: .zero ... .seconds(60),
                default: .seconds(4),
            )
        }

        /// Amount and description have no default: a kiosk must not sell at a price that nobody chose.
        private static func mode(_ section: Section, maxAmount: Int64) -> Mode {
            let name = section.choice("mode", default: ModeName.api)
            let amount = section.optionalInteger(
                "amount",
                in: 1...1_000_000_000 as ClosedRange<Int64>
            )
            let description = section.optionalString("description", bytes: 1...127)
            section.require(
                amount ?? 1 <= maxAmount,
                "amount",
                and: ["sale.maxAmount"],
                "is above sale.maxAmount (\(maxAmount)); lower it or raise the maximum",
            )
            guard name == .fixed else { return .api }
            section.require(
                amount != nil,
                "amount",
                "is missing; mode \"fixed\" sells one item, so give its price in the smallest unit",
            )
            section.require(
                description != nil,
                "description",
                "is missing; mode \"fixed\" sells one item, so say what it is",
            )
            return .fixed(amount: amount ?? 1, description: description ?? "")
        }
    }
}
