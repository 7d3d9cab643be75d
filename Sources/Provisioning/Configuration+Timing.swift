extension Configuration {
    /// How long things take. Fractions of a second are accepted, so that tests can be quick.
    package struct Timing: Hashable, Sendable {
        /// Between queries while the payer types the password (rule B2); 5 s.
        package let poll: Duration
        /// The window, from the first reply that is not final (rule B2); 30 s.
        package let payerWait: Duration
        /// From the submit; 45 s is the platform's own end (wire facts, 0), so never more (rule B2).
        package let hardEnd: Duration
        /// When a submit without reply is first queried (rule B3); 10 s.
        package let queryAfterSilence: Duration
        /// From the last byte of the submit (rule C2); the platform refuses a revoke before 15 s (wire facts, 0).
        package let revokeNotBefore: Duration
        /// One request with its reply; 30 s.
        package let requestTimeout: Duration
        /// Resolving, connecting and TLS together; 5 s.
        package let connectTimeout: Duration
        /// The first pause of a revoke's back-off (rule C4); 2 s.
        package let retryBase: Duration
        /// The longest pause of a revoke's back-off (rule C4); 15 min.
        package let retryCap: Duration
        /// When a revoke's end is asked for again (rule C3); 60 s.
        package let confirmAgain: Duration
        /// Between two refunds of one order, under its one number (rule C5; wire facts, 1.12); 60 s.
        package let refundAgain: Duration
        /// From the revoke queue's breaker opening to its first probe (rule C4); 10 s, then twice as long each time.
        package let breakerProbe: Duration
        /// The longest pause between two of those probes (rule C4); 60 s.
        package let breakerProbeCap: Duration
        /// Between probes while out of service (rule B7), and between tries to use failed storage again and to reserve
        /// room on the disk again (rule A3); 60 s.
        package let probe: Duration
        /// Before a sale takes another code (rule B4); 2 s.
        package let retryPause: Duration
        /// Within which the due revokes start after the network is back (rule C4); 30 s.
        package let recoverySpread: Duration
        /// For a query in flight when the window ends (rule B2); 3 s.
        package let lastQueryWait: Duration
        /// For the one query that confirms a refusal (rule B4): 5 s, and never more.
        package let refusalCheck: Duration
        /// From a code to its submit: storage that takes longer finds the payer gone, and nothing is submitted; 10 s.
        package let recordPatience: Duration
        /// Within which the same code is one presentation (rule B8); 120 s, and never less. After a restart it is 120 s.
        package let codeMemory: Duration

        init(_ section: Section) {
            func read(_ key: String, from lower: Int, to upper: Int, _ fallback: Int) -> Duration {
                section.seconds(
                    key,
                    in: .milliseconds(lower) ... .seconds(upper),
                    default: .seconds(fallback),
                )
            }
            poll = read("pollSeconds", from: 10, to: 15, 5)
            payerWait = read("payerWaitSeconds", from: 50, to: 45, 30)
            hardEnd = read("hardEndSeconds", from: 50, to: 45, 45)
            queryAfterSilence = read("queryAfterSilenceSeconds", from: 10, to: 45, 10)
            revokeNotBefore = read("revokeNotBeforeSeconds", from: 0, to: 600, 15)
            requestTimeout = read("requestTimeoutSeconds", from: 50, to: 120, 30)
            connectTimeout = read("connectTimeoutSeconds", from: 50, to: 60, 5)
            retryBase = read("retryBaseSeconds", from: 10, to: 60, 2)
            retryCap = read("retryCapSeconds", from: 10, to: 3600, 900)
            confirmAgain = read("confirmAgainSeconds", from: 10, to: 3600, 60)
            refundAgain = read("refundAgainSeconds", from: 10, to: 3600, 60)
            breakerProbe = read("breakerProbeSeconds", from: 50, to: 600, 10)
            breakerProbeCap = read("breakerProbeCapSeconds", from: 50, to: 3600, 60)
            probe = read("probeSeconds", from: 50, to: 3600, 60)
            retryPause = read("retryPauseSeconds", from: 0, to: 60, 2)
            recoverySpread = read("recoverySpreadSeconds", from: 0, to: 300, 30)
            lastQueryWait = read("lastQueryWaitSeconds", from: 50, to: 10, 3)
            refusalCheck = read("refusalCheckSeconds", from: 50, to: 5, 5)
            recordPatience = read("recordPatienceSeconds", from: 50, to: 30, 10)
            codeMemory = read("codeMemorySeconds", from: 120_000, to: 3600, 120)
            checkOrder(section)
        }

        private func checkOrder(_ section: Section) {
            func require(_ holds: Bool, _ key: String, notAbove other: String) {
                section.require(
                    holds,
                    key,
                    and: ["timing." + other],
                    "is longer than timing.\(other); shorten it or lengthen the other",
                )
            }
            require(payerWait <= hardEnd, "payerWaitSeconds", notAbove: "hardEndSeconds")
            require(poll <= payerWait, "pollSeconds", notAbove: "payerWaitSeconds")
            require(
                queryAfterSilence <= hardEnd,
                "queryAfterSilenceSeconds",
                notAbove: "hardEndSeconds",
            )
            require(
                connectTimeout <= requestTimeout,
                "connectTimeoutSeconds",
                notAbove: "requestTimeoutSeconds",
            )
            require(retryBase <= retryCap, "retryBaseSeconds", notAbove: "retryCapSeconds")
            require(
                breakerProbe <= breakerProbeCap,
                "breakerProbeSeconds",
                notAbove: "breakerProbeCapSeconds",
            )
        }

        /// What only a stand-in may be told: the platform refuses an earlier revoke (rule C2), an earlier second query proves
        /// nothing (rule C3), and refunds keep their distance (rule C5).
        func checkPlatformRules(_ section: Section) {
            section.require(
                revokeNotBefore >= .seconds(15),
                "revokeNotBeforeSeconds",
                "is below 15, and WeChat Pay refuses a revoke before that; use 15",
            )
            section.require(
                confirmAgain >= .seconds(60),
                "confirmAgainSeconds",
                "is below 60, and WeChat Pay's answer is not settled before that; use 60",
            )
            section.require(
                refundAgain >= .seconds(60),
                "refundAgainSeconds",
                "is below 60, and WeChat Pay asks for a minute between two refunds of an order; use 60",
            )
        }
    }

    /// How much money may be unsettled, and how fast it is settled.
    package struct Risk: Hashable, Sendable {
        /// Attempts that may hold money, above which none starts (rule C7); 1 to 10 000.
        package let maxUnsettledCount: Int
        /// Their sum in the smallest unit (rule C7); at least the highest sale, at most 10^12.
        package let maxUnsettledSum: Int64
        /// 1 to 5, the most that one kiosk may send (rule C4).
        package let revokeRequestsPerSecond: Int

        init(_ section: Section) {
            maxUnsettledCount = section.integer("maxUnsettledCount", in: 1...10_000, default: 20)
            maxUnsettledSum = section.integer(
                "maxUnsettledSum",
                in: 1...1_000_000_000_000,
                default: 2_000_000,
            )
            revokeRequestsPerSecond = section.integer(
                "revokeRequestsPerSecond",
                in: 1...5,
                default: 5,
            )
        }
    }
}
