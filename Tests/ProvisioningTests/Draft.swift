import Provisioning

/// A configuration's text in the making: sections and keys with raw JSON values, in order.
struct Draft {
    private var sections: [(name: String, members: [(key: String, value: String)])]

    /// Every key there is, as the documentation shows them, with values that work together.
    static let complete = Draft(sections: [
        (
            "kiosk",
            [
                ("id", "\"K0007\""), ("site", "\"Nanshan store\""), ("merchantName", "\"小张南山店\""),
                ("contact", "\"400-000-0000\""), ("language", "\"zh-Hans\""),
                ("currency", "\"CNY\""),
                ("utcOffset", "\"+08:00\""), ("board", "null"),
            ]
        ),
        (
            "sale",
            [
                ("mode", "\"api\""), ("amount", "200"), ("description", "\"Locker, 24 h\""),
                ("codeWaitSeconds", "60"), ("maxAmount", "100000"), ("maxAttempts", "5"),
                ("deliveryWaitSeconds", "60"), ("claimedUnreported", "\"ask\""),
                ("claimedUnreportedParkSeconds", "3600"),
                ("requirePrinter", "false"), ("autoDeliver", "false"), ("restSeconds", "4"),
            ]
        ),
        ("access", [("mode", "\"direct\"")]),
        (
            "wechat",
            [
                ("dialect", "\"v2\""), ("baseURL", "\"https://api.mch.weixin.qq.com\""),
                ("standbyURL", "\"https://api2.mch.weixin.qq.com\""),
                ("appID", "\"wx2421b1c4370ec43b\""), ("merchantID", "\"10000100\""),
                ("subAppID", "null"), ("subMerchantID", "null"), ("signType", "\"HMAC-SHA256\""),
                ("keyFile", "\"api-v2.key\""), ("certificateFile", "\"apiclient_cert.pem\""),
                ("privateKeyFile", "\"apiclient_key.pem\""), ("terminalIP", "null"),
                ("certificateSerial", "null"), ("apiV3KeyFile", "null"),
                ("platformPublicKeyFile", "null"), ("platformPublicKeyID", "null"),
                ("caFile", "null"),
            ]
        ),
        (
            "backend",
            [
                ("baseURL", "\"https://pay.merchant.example\""), ("certificateFile", "\"b.pem\""),
                ("privateKeyFile", "\"b.key\""), ("caFile", "null"),
            ]
        ),
        ("network", [("proxy", "null")]),
        (
            "timing",
            [
                ("pollSeconds", "5"), ("payerWaitSeconds", "30"), ("hardEndSeconds", "45"),
                ("queryAfterSilenceSeconds", "10"), ("revokeNotBeforeSeconds", "15"),
                ("requestTimeoutSeconds", "30"), ("connectTimeoutSeconds", "5"),
                ("retryBaseSeconds", "2"), ("retryCapSeconds", "900"),
                ("confirmAgainSeconds", "60"), ("refundAgainSeconds", "60"),
                ("breakerProbeSeconds", "10"), ("breakerProbeCapSeconds", "60"),
                ("probeSeconds", "60"), ("retryPauseSeconds", "2"),
                ("recoverySpreadSeconds", "30"), ("lastQueryWaitSeconds", "3"),
                ("refusalCheckSeconds", "5"), ("recordPatienceSeconds", "10"),
                ("codeMemorySeconds", "120"),
            ]
        ),
        (
            "risk",
            [
                ("maxUnsettledCount", "20"), ("maxUnsettledSum", "2000000"),
                ("revokeRequestsPerSecond", "5"),
            ]
        ),
        (
            "scanner",
            [
                ("port", "\"/dev/ttyUSB0\""), ("baud", "9600"), ("dataBits", "8"),
                ("parity", "\"none\""), ("stopBits", "1"), ("flowControl", "\"none\""),
                ("idleGapMilliseconds", "50"),
            ]
        ),
        (
            "printer",
            [
                ("port", "\"/dev/ttyUSB1\""), ("baud", "115200"), ("dataBits", "8"),
                ("parity", "\"none\""), ("stopBits", "1"), ("flowControl", "\"rtscts\""),
                ("profile", "\"epson-80\""),
            ]
        ),
        (
            "lights",
            [
                ("driver", "\"gpiod\""), ("chip", "\"gpiochip0\""), ("ready", "0"), ("busy", "1"),
                ("approved", "2"), ("declined", "4"), ("fault", "5"), ("activeLow", "false"),
                ("file", "null"),
            ]
        ),
        (
            "pulse",
            [
                ("chip", "\"gpiochip0\""), ("line", "6"), ("widthMilliseconds", "50"),
                ("gapMilliseconds", "100"), ("amountPerPulse", "100"),
            ]
        ),
        (
            "api",
            [
                ("socket", "\"/run/kioskpay/kioskpay.sock\""), ("socketGroup", "\"kioskpay-app\""),
                ("listen", "\"127.0.0.1:8090\""), ("tokenFile", "null"),
            ]
        ),
    ])

    /// The keys that have no default.
    static let minimal: Draft = {
        var draft = Draft(sections: [("kiosk", []), ("wechat", []), ("scanner", [])])
        draft["kiosk.id"] = "\"K0007\""
        for key in ["appID", "merchantID", "keyFile", "certificateFile", "privateKeyFile"] {
            draft["wechat." + key] = complete["wechat." + key]
        }
        draft["scanner.port"] = "\"/dev/pts/3\""
        return draft
    }()

    /// All keys, as `section.key`, in order.
    var paths: [String] {
        sections.flatMap { section in section.members.map { section.name + "." + $0.key } }
    }

    /// The raw value at `section.key`; nil removes the key. A new section or key goes to the end.
    subscript(path: String) -> String? {
        get {
            let (section, key) = Self.split(path)
            return sections.first { $0.name == section }?.members.first { $0.key == key }?.value
        }
        set {
            let (name, key) = Self.split(path)
            if !sections.contains(where: { $0.name == name }) { sections.append((name, [])) }
            for index in sections.indices where sections[index].name == name {
                guard let place = sections[index].members.firstIndex(where: { $0.key == key })
                else {
                    if let newValue { sections[index].members.append((key, newValue)) }
                    continue
                }
                if let newValue {
                    sections[index].members[place].value = newValue
                } else {
                    sections[index].members.remove(at: place)
                }
            }
        }
    }

    /// Adds a member without looking whether the key is there already.
    mutating func append(_ path: String, _ value: String) {
        let (name, key) = Self.split(path)
        for index in sections.indices where sections[index].name == name {
            sections[index].members.append((key, value))
        }
    }

    mutating func remove(section name: String) { sections.removeAll { $0.name == name } }

    /// The draft with some values changed.
    func with(_ changes: [String: String?]) -> Draft {
        var draft = self
        for (path, value) in changes.sorted(by: { $0.key < $1.key }) { draft[path] = value }
        return draft
    }

    /// The text, one member a line.
    var text: String {
        let bodies = sections.map { section in
            let members = section.members.map { "    \"\($0.key)\": \($0.value)" }
            return "  \"\(section.name)\": {\n" + members.joined(separator: ",\n") + "\n  }"
        }
        return "{\n" + bodies.joined(separator: ",\n") + "\n}\n"
    }

    private static func split(_ path: String) -> (section: String, key: String) {
        let parts = path.split(separator: ".", maxSplits: 1)
        return (String(parts[0]), String(parts[1]))
    }
}

extension ConfigurationProblem {
    /// Every sentence ends with what to do, unless what must be there says it (interfaces, 1).
    var saysWhatToDo: Bool {
        reason.contains("; ") || reason.contains("must ") || reason.contains("did you mean")
    }
}
