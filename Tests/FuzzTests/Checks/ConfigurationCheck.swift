import Glibc
import Provisioning

/// What must hold of every configuration file: one that is taken keeps within the documented bounds, holds only known
/// keys, each once, and says what a second reader of JSON reads; one that is refused is refused at a key.
///
/// The input is the file.
struct ConfigurationCheck {
    private let text: [UInt8]

    init(_ input: [UInt8]) { text = input }

    func run() throws(Finding) {
        let path = try Self.store(text)
        let plain = PlainJSON(text)
        let configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try Configuration.load(
                file: path,
                boardDirectories: [Self.boards],
                credentialsDirectory: nil,
            )
        } catch {
            return try check(error, path, plain)
        }
        guard let plain, plain.isObject, !plain.hasTwins, plain.depth <= 16 else {
            throw Finding(sentence: "A text that is no configuration was taken.")
        }
        for section in plain.keys {
            guard let known = Self.keys[section] else {
                throw Finding(sentence: "The unknown section \(section) was taken.")
            }
            try Finding.unless(
                known.isSuperset(of: plain[section]?.keys ?? []),
                "An unknown key of \(section) was taken.",
            )
        }
        try ConfigurationBounds(configuration).check()
        try checkAmounts(configuration, plain)
    }

    /// Rule E1: amounts are the numbers that were written.
    private func checkAmounts(
        _ configuration: Configuration,
        _ plain: PlainJSON,
    ) throws(Finding) {
        if case .fixed(let amount, let description) = configuration.sale.mode {
            try Finding.unless(
                plain["sale"]?["amount"]?.integer == amount
                    && plain["sale"]?["description"]?.string(1...127) == description,
                "Something else is sold than was written.",
            )
        }
        let written: [(value: Int64, section: String, key: String)] = [
            (configuration.sale.maxAmount, "sale", "maxAmount"),
            (configuration.risk.maxUnsettledSum, "risk", "maxUnsettledSum"),
            (Int64(configuration.risk.maxUnsettledCount), "risk", "maxUnsettledCount"),
        ]
        for (value, section, key) in written {
            guard let number = plain[section]?[key] else { continue }
            try Finding.unless(
                number.integer == value,
                "\(section).\(key) is not what was written."
            )
        }
        try Finding.unless(
            plain["kiosk"]?["id"]?.string(1...10) == configuration.kiosk.id
                && plain["wechat"]?["merchantID"]?.string(1...32)
                    == configuration.weChat.merchantID,
            "Kiosk or merchant is not the one that was written.",
        )
    }

    private func check(
        _ error: ConfigurationError,
        _ path: String,
        _ plain: PlainJSON?,
    ) throws(Finding) {
        try Finding.unless(!error.problems.isEmpty, "Refused without a problem.")
        let hasPlaces = plain.map { $0.isObject && $0.depth <= 16 } ?? false
        for problem in error.problems {
            try Finding.unless(
                problem.description.unicodeScalars.allSatisfy {
                    $0.properties.generalCategory != .control
                },
                "A problem is more than one line.",
            )
            try Finding.unless(!problem.key.isEmpty || !hasPlaces, "A problem names no key.")
            try Finding.unless(
                problem.file == path || problem.file.hasPrefix(Self.boards + "/"),
                "A problem names another file.",
            )
            try Finding.unless(!problem.reason.isEmpty, "A problem gives no reason.")
        }
    }

    // MARK: Files

    /// The boards that come with the product.
    private static let boards =
        "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/board"

    /// One file for each process, in memory where the machine has such a place.
    private static let file: String = {
        // Both paths live for the call.
        let folder = unsafe access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        return "\(folder)/kioskpay-fuzz-\(getpid()).json"
    }()

    private static func store(_ text: [UInt8]) throws(Finding) -> String {
        // The path lives for the call.
        let descriptor = unsafe open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Finding(sentence: "The check cannot store its file.") }
        defer { _ = close(descriptor) }
        // The bytes are borrowed for the call and as many as said.
        let written = unsafe write(descriptor, text, text.count)
        try Finding.unless(written == text.count, "The check cannot store its file.")
        return file
    }

    /// Removes what ``run()`` left.
    static func removeFile() {
        // The path lives for the call.
        _ = unsafe unlink(file)
    }

    /// Every section and key there is.
    private static let keys: [String: Set<String>] = [
        "kiosk": [
            "id", "site", "merchantName", "contact", "language", "currency", "utcOffset", "board",
        ],
        "sale": [
            "mode", "amount", "description", "codeWaitSeconds", "maxAmount", "maxAttempts",
            "deliveryWaitSeconds", "claimedUnreported", "requirePrinter", "autoDeliver",
            "restSeconds",
        ],
        "access": ["mode"],
        "wechat": [
            "dialect", "baseURL", "standbyURL", "appID", "merchantID", "subAppID", "subMerchantID",
            "signType", "keyFile", "certificateFile", "privateKeyFile", "terminalIP",
            "certificateSerial", "apiV3KeyFile", "platformPublicKeyFile", "platformPublicKeyID",
            "caFile",
        ],
        "backend": ["baseURL", "certificateFile", "privateKeyFile", "caFile"],
        "network": ["proxy"],
        "timing": [
            "pollSeconds", "payerWaitSeconds", "hardEndSeconds", "queryAfterSilenceSeconds",
            "revokeNotBeforeSeconds", "requestTimeoutSeconds", "connectTimeoutSeconds",
            "retryBaseSeconds", "retryCapSeconds", "confirmAgainSeconds", "probeSeconds",
            "retryPauseSeconds", "recoverySpreadSeconds",
        ],
        "risk": ["maxUnsettledCount", "maxUnsettledSum", "revokeRequestsPerSecond"],
        "scanner": ["port", "baud", "dataBits", "parity", "stopBits", "flowControl"],
        "printer": ["port", "baud", "dataBits", "parity", "stopBits", "flowControl", "profile"],
        "lights": [
            "driver", "chip", "ready", "busy", "approved", "declined", "fault", "activeLow", "file",
        ],
        "pulse": ["chip", "line", "widthMilliseconds", "gapMilliseconds", "amountPerPulse"],
        "api": ["socket", "socketGroup", "listen", "tokenFile"],
    ]
}
