internal import Devices
internal import Payments
internal import Provisioning
internal import Transport
internal import WeChatPay

/// The configuration in the words of the other rooms.
extension Configuration {
    /// - Throws: a sentence for what the schema let through and the core refuses; the schema's bounds make that a fault of ours.
    func policy() throws(SetupError) -> Policy {
        guard let id = KioskID(kiosk.id), let currency = Currency(kiosk.currency) else {
            throw SetupError("kiosk.id or kiosk.currency is not usable; correct it.")
        }
        var policy = Policy(kiosk: id)
        policy.sale.currency = currency
        policy.sale.maximumAmount = sale.maxAmount
        policy.sale.codeWait = sale.codeWait
        policy.sale.maximumAttempts = sale.maxAttempts
        policy.sale.deliveryWait = sale.deliveryWait
        policy.sale.claimedUnreported = sale.claimedUnreported.policy
        policy.sale.unreportedPark = sale.claimedUnreportedPark
        policy.sale.autoDeliver = sale.autoDeliver
        policy.sale.requirePrinter = sale.requirePrinter
        policy.sale.rest = sale.rest
        if case .fixed(let amount, let description) = sale.mode {
            guard let money = Money(minorUnits: amount, currency: currency) else {
                throw SetupError("sale.amount is not an amount; correct it.")
            }
            policy.sale.fixedItem = .init(amount: money, description: description)
        }
        policy.timing.poll = timing.poll
        policy.timing.payerWait = timing.payerWait
        policy.timing.hardEnd = timing.hardEnd
        policy.timing.queryAfterSilence = timing.queryAfterSilence
        policy.timing.revokeNotBefore = timing.revokeNotBefore
        policy.timing.retryBase = timing.retryBase
        policy.timing.retryCap = timing.retryCap
        policy.timing.confirmAgain = timing.confirmAgain
        policy.timing.refundAgain = timing.refundAgain
        policy.timing.breakerProbe = timing.breakerProbe
        policy.timing.breakerProbeCap = timing.breakerProbeCap
        policy.timing.probe = timing.probe
        policy.timing.retryPause = timing.retryPause
        policy.timing.recoverySpread = timing.recoverySpread
        policy.timing.lastQueryWait = timing.lastQueryWait
        policy.timing.refusalCheck = timing.refusalCheck
        policy.timing.recordPatience = timing.recordPatience
        policy.timing.codeMemory = timing.codeMemory
        policy.risk.maximumUnsettledCount = risk.maxUnsettledCount
        policy.risk.maximumUnsettledSum = risk.maxUnsettledSum
        policy.risk.revokeRequestsPerSecond = risk.revokeRequestsPerSecond
        return policy
    }

    func httpsConfiguration() -> HTTPSConfiguration {
        var https = HTTPSConfiguration(primary: weChat.baseURL, standby: weChat.standbyURL)
        https.clientCertificateFile = weChat.certificateFile.path
        https.clientKeyFile = weChat.privateKeyFile.path
        https.caFile = weChat.caFile?.path
        https.proxy = network.proxy
        https.connectTimeout = timing.connectTimeout
        https.requestTimeout = timing.requestTimeout
        return https
    }

    func credentials(_ secrets: Secrets) throws(V2SettingError) -> V2Credentials {
        try V2Credentials(
            appID: weChat.appID,
            merchantID: weChat.merchantID,
            subAppID: weChat.subAppID,
            subMerchantID: weChat.subMerchantID,
            signType: signType,
            key: SecretKey(secrets.apiKey.bytes)
        )
    }

    /// - Throws: ``SetupError`` or ``V2SettingError``, one sentence.
    func dialect(_ secrets: Secrets) throws -> V2Dialect {
        guard let id = KioskID(kiosk.id) else {
            throw SetupError("kiosk.id is not usable; correct it.")
        }
        return try V2Dialect(
            credentials: try credentials(secrets),
            terminalIP: weChat.terminalIP,
            kiosk: id
        )
    }

    var signType: V2Credentials.SignType { weChat.signType == .md5 ? .md5 : .hmacSHA256 }

    /// `nil` without a printer.
    func printerProfile() throws(SetupError) -> PrinterProfile? {
        guard let printer else { return nil }
        guard let profile = PrinterProfile(named: printer.profile) else {
            throw SetupError("printer.profile \"\(printer.profile)\" is not known; choose another.")
        }
        return profile
    }

    func merchantText() -> MerchantText {
        MerchantText(
            name: kiosk.merchantName ?? kiosk.id,
            site: kiosk.site ?? "",
            contact: kiosk.contact ?? "",
            language: kiosk.language == .chinese ? .chinese : .english,
            utcOffsetMinutes: kiosk.utcOffsetSeconds / 60
        )
    }

    func lightsSettings() -> LightsSettings {
        switch lights {
        case .none: .none
        case .trace(let file): .trace(file: file)
        case .gpiod(let lines):
            .gpiod(
                chip: lines.chip,
                lines: GPIOLightLines(
                    ready: lines.ready,
                    busy: lines.busy,
                    approved: lines.approved,
                    declined: lines.declined,
                    fault: lines.fault
                ),
                activeLow: lines.activeLow
            )
        }
    }
}

extension Configuration.Scanner {
    /// A terminator is missing only once the line was silent for four characters (device facts, 1.5).
    func framing() -> ScannerFraming {
        ScannerFraming(idleGap: max(idleGap, line.settings().duration(ofBytes: 4)))
    }
}

extension Configuration.SerialLine {
    func settings() -> SerialSettings {
        SerialSettings(
            port: port,
            baud: baud,
            dataBits: dataBits,
            parity: SerialSettings.Parity(rawValue: parity.rawValue) ?? .none,
            stopBits: stopBits,
            flowControl: SerialSettings.FlowControl(rawValue: flowControl.rawValue) ?? .none
        )
    }
}

extension Configuration.Sale.ClaimedUnreported {
    fileprivate var policy: SalePolicy.ClaimedUnreported {
        switch self {
        case .ask: .ask
        case .refund: .refund
        case .keep: .keep
        }
    }
}

/// Something keeps the daemon from starting: one sentence, what and what to do.
package struct SetupError: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

extension Configuration {
    func localInterfaceSettings(_ secrets: Secrets) throws(SetupError) -> LocalInterfaceSettings {
        var token: AccessToken?
        if let secret = secrets.apiToken {
            token = AccessToken(fileContent: secret.bytes)
            guard token != nil else {
                throw SetupError(
                    "api.tokenFile holds no token; put 16 to 512 visible ASCII characters there."
                )
            }
        }
        return LocalInterfaceSettings(
            socketPath: api.socket,
            socketGroup: api.socketGroup,
            listen: listenAddress,
            token: token
        )
    }

    /// `nil` also for an address that cannot be listened on.
    var listenAddress: LoopbackAddress? {
        api.listen.flatMap { listen in
            let host = listen.host.contains(":") ? "[\(listen.host)]" : listen.host
            return LoopbackAddress("\(host):\(listen.port)")
        }
    }
}
