import Provisioning

/// The documented bounds of a configuration and what must agree in it, told once more.
struct ConfigurationBounds {
    private let configuration: Configuration

    init(_ configuration: Configuration) { self.configuration = configuration }

    func check() throws(Finding) {
        for (name, holds) in sale + timing + risk + devices + identity {
            try Finding.unless(holds, "A configuration was taken in which \(name) does not hold.")
        }
    }

    private typealias Bound = (name: String, holds: Bool)

    private var sale: [Bound] {
        let sale = configuration.sale
        var bounds: [Bound] = [
            ("sale.maxAmount", 1...1_000_000_000 ~= sale.maxAmount),
            ("sale.maxAttempts", 1...20 ~= sale.maxAttempts),
            ("sale.codeWaitSeconds", Self.milliseconds(50...3_600_000, sale.codeWait)),
            ("sale.deliveryWaitSeconds", Self.milliseconds(50...3_600_000, sale.deliveryWait)),
            ("sale.restSeconds", Self.milliseconds(0...60_000, sale.rest)),
            ("sale.requirePrinter", !sale.requirePrinter || configuration.printer != nil),
            ("sale.autoDeliver", !sale.autoDeliver || configuration.pulse == nil),
        ]
        if case .fixed(let amount, let description) = sale.mode {
            bounds += [
                ("sale.amount", 1...sale.maxAmount ~= amount),
                ("sale.description", 1...127 ~= description.utf8.count),
                ("sale.mode", sale.autoDeliver || configuration.pulse != nil),
            ]
            if let pulse = configuration.pulse {
                bounds.append(("pulse.amountPerPulse", amount % pulse.amountPerPulse == 0))
            }
        }
        return bounds
    }

    private var timing: [Bound] {
        let timing = configuration.timing
        let bounds: [(String, Duration, ClosedRange<Int64>)] = [
            ("poll", timing.poll, 10...15_000), ("payerWait", timing.payerWait, 50...45_000),
            ("hardEnd", timing.hardEnd, 50...45_000),
            ("queryAfterSilence", timing.queryAfterSilence, 10...45_000),
            ("revokeNotBefore", timing.revokeNotBefore, 0...600_000),
            ("requestTimeout", timing.requestTimeout, 50...120_000),
            ("connectTimeout", timing.connectTimeout, 50...60_000),
            ("retryBase", timing.retryBase, 10...60_000),
            ("retryCap", timing.retryCap, 10...3_600_000),
            ("confirmAgain", timing.confirmAgain, 10...3_600_000),
            ("probe", timing.probe, 50...3_600_000),
            ("retryPause", timing.retryPause, 0...60_000),
            ("recoverySpread", timing.recoverySpread, 0...300_000),
            ("refundAgain", timing.refundAgain, 10...3_600_000),
            ("breakerProbe", timing.breakerProbe, 50...600_000),
            ("breakerProbeCap", timing.breakerProbeCap, 50...3_600_000),
            ("lastQueryWait", timing.lastQueryWait, 50...10_000),
            ("refusalCheck", timing.refusalCheck, 50...5_000),
            ("recordPatience", timing.recordPatience, 50...30_000),
            ("codeMemory", timing.codeMemory, 120_000...3_600_000),
        ]
        // Anybody may shorten the times against a stand-in, nobody against WeChat Pay's own hosts (rules C2 and C3).
        let isPlatform = [configuration.weChat.baseURL, configuration.weChat.standbyURL ?? ""]
            .contains { url in
                let host = url.lowercased().split(separator: "/").last ?? ""
                return host.prefix { $0 != ":" }.hasSuffix(".mch.weixin.qq.com")
            }
        return bounds.map { ("timing.\($0)Seconds", Self.milliseconds($2, $1)) } + [
            ("payerWait within hardEnd", timing.payerWait <= timing.hardEnd),
            ("poll within payerWait", timing.poll <= timing.payerWait),
            ("queryAfterSilence within hardEnd", timing.queryAfterSilence <= timing.hardEnd),
            ("connect within request", timing.connectTimeout <= timing.requestTimeout),
            ("retryBase within retryCap", timing.retryBase <= timing.retryCap),
            ("breakerProbe within its cap", timing.breakerProbe <= timing.breakerProbeCap),
            ("rule C5", !isPlatform || timing.refundAgain >= .seconds(60)),
            ("rule C2", !isPlatform || timing.revokeNotBefore >= .seconds(15)),
            ("rule C3", !isPlatform || timing.confirmAgain >= .seconds(60)),
        ]
    }

    private var risk: [Bound] {
        let risk = configuration.risk
        return [
            ("risk.maxUnsettledCount", 1...10_000 ~= risk.maxUnsettledCount),
            (
                "risk.maxUnsettledSum",
                configuration.sale.maxAmount...1_000_000_000_000 ~= risk.maxUnsettledSum
            ),
            ("risk.revokeRequestsPerSecond", 1...5 ~= risk.revokeRequestsPerSecond),
        ]
    }

    private var devices: [Bound] {
        var bounds = Self.line("scanner", configuration.scanner.line)
        bounds.append(
            (
                "scanner.idleGapMilliseconds",
                Self.milliseconds(10...300, configuration.scanner.idleGap)
            )
        )
        if let printer = configuration.printer {
            bounds += Self.line("printer", printer.line)
            bounds += [
                ("printer.profile", Self.isName(printer.profile, 1...32)),
                ("printer.port", printer.line.port != configuration.scanner.line.port),
            ]
        }
        if case .gpiod(let lines) = configuration.lights {
            bounds += [
                ("lights within a chip", lines.all.allSatisfy { 0...1023 ~= $0 }),
                ("lights apart", Set(lines.all).count == lines.all.count),
                (
                    "pulse.line",
                    configuration.pulse.map {
                        $0.chip != lines.chip || !lines.all.contains($0.line)
                    }
                        ?? true
                ),
            ]
        }
        if let pulse = configuration.pulse {
            bounds += [
                ("pulse.line", 0...1023 ~= pulse.line),
                ("pulse.widthMilliseconds", Self.milliseconds(1...1000, pulse.width)),
                ("pulse.gapMilliseconds", Self.milliseconds(1...5000, pulse.gap)),
                ("pulse.amountPerPulse", 1...1_000_000_000 ~= pulse.amountPerPulse),
            ]
        }
        return bounds
    }

    private var identity: [Bound] {
        let kiosk = configuration.kiosk
        let weChat = configuration.weChat
        let api = configuration.api
        let urls = [weChat.baseURL] + (weChat.standbyURL.map { [$0] } ?? [])
        let host = api.listen?.host ?? "127.0.0.1"
        return [
            ("kiosk.id", Self.consists(kiosk.id, 1...10, of: { $0.isNumber || $0.isUppercase })),
            ("kiosk.currency", Self.consists(kiosk.currency, 3...3, of: \.isUppercase)),
            ("kiosk.utcOffset", -43_200...50_400 ~= kiosk.utcOffsetSeconds),
            ("kiosk.board", kiosk.board.map { Self.isName($0, 1...64) } ?? true),
            (
                "wechat.baseURL",
                urls.allSatisfy { $0.hasPrefix("https://") && $0.utf8.count <= 300 }
            ),
            ("wechat.standbyURL", weChat.standbyURL != weChat.baseURL),
            ("wechat.merchantID", Self.consists(weChat.merchantID, 1...32, of: \.isNumber)),
            ("wechat.subMerchantID", weChat.subMerchantID != weChat.merchantID),
            ("wechat.subAppID", weChat.subAppID == nil || weChat.subMerchantID != nil),
            ("api.socket", 1...99 ~= api.socket.utf8.count && api.socket.hasPrefix("/")),
            ("api.listen", ["127.0.0.1", "::1"].contains(host)),
        ]
    }

    private static func line(_ name: String, _ line: Configuration.SerialLine) -> [Bound] {
        [
            ("\(name).port", line.port.hasPrefix("/")),
            ("\(name).baud", 300...921_600 ~= line.baud),
            ("\(name).dataBits", 5...8 ~= line.dataBits),
            ("\(name).stopBits", 1...2 ~= line.stopBits),
        ]
    }

    private static func milliseconds(_ range: ClosedRange<Int64>, _ duration: Duration) -> Bool {
        Duration.milliseconds(range.lowerBound) ... .milliseconds(range.upperBound) ~= duration
    }

    private static func consists(
        _ text: String,
        _ bytes: ClosedRange<Int>,
        of isAllowed: (Character) -> Bool,
    ) -> Bool {
        bytes ~= text.utf8.count && text.allSatisfy { $0.isASCII && isAllowed($0) }
    }

    private static func isName(_ text: String, _ bytes: ClosedRange<Int>) -> Bool {
        consists(text, bytes) { $0.isNumber || $0.isLowercase || $0 == "-" }
    }
}
