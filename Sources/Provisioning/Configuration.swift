import StrictJSON

/// Everything one kiosk is told: its configuration file over its board file over the built-in defaults.
///
/// Sections and keys are those of the JSON file. Values are within their bounds and consistent with each other; whether
/// the files they name can be used is ``Installation``'s affair.
package struct Configuration: Hashable, Sendable {
    package let kiosk: Kiosk
    package let sale: Sale
    package let weChat: WeChat
    package let network: Network
    package let timing: Timing
    package let risk: Risk
    package let scanner: Scanner
    /// `nil` for a kiosk without a printer.
    package let printer: Printer?
    package let lights: Lights
    /// `nil` for a kiosk that does not emulate a coin acceptor.
    package let pulse: Pulse?
    package let api: API

    /// Reads the whole file and notes every problem; the value is good only if none was noted.
    ///
    /// - Parameter review: what the rooms that use the values find in them.
    init(
        _ file: ConfigurationFile,
        boardDirectories: [String],
        review: (Configuration) -> [Finding],
        _ problems: Problems,
    ) {
        func section(
            _ name: String,
            over board: BoardFile? = nil,
            isRequired: Bool = true,
        ) -> Section {
            Section(name, of: file, board: board, isRequired: isRequired, problems)
        }
        let kiosk = section("kiosk")
        self.kiosk = Kiosk(kiosk)
        let board = self.kiosk.board.flatMap { name in
            BoardFile(
                named: name,
                for: file,
                directories: boardDirectories,
                place: kiosk.place(of: "board"),
                problems,
            )
        }
        let sale = section("sale")
        let isDirect = Access(section("access")).mode == .direct
        let weChat = section("wechat", isRequired: isDirect)
        let timing = section("timing")
        let risk = section("risk")
        let scanner = section("scanner", over: board)
        let printer = Section.optional("printer", of: file, board: board, from: "port", problems)
        // A board says where pulses would go out; only the configuration says that they do.
        let pulse = Section.optional("pulse", of: file, board: board, from: nil, problems)

        self.sale = Sale(sale)
        self.weChat = WeChat(weChat)
        Backend.check(section("backend", isRequired: false))
        network = Network(section("network"))
        self.timing = Timing(timing)
        self.risk = Risk(risk)
        self.scanner = Scanner(scanner)
        self.printer = printer.map(Printer.init)
        lights = Lights(section("lights", over: board))
        self.pulse = pulse.map(Pulse.init)
        api = API(section("api"))

        checkRules(sale: sale, timing: timing, risk: risk, printer: printer, pulse: pulse)
        for error in file.reader.unknownKeys() { problems.add(error, in: file.path) }
        if let board {
            for error in board.reader.unknownKeys() { problems.add(error, in: board.path) }
        }
        for finding in review(self) where !problems.concerns([finding.key]) {
            let place = Self.place(of: finding.key, file, board)
            switch finding.weight {
            case .problem: problems.add(place.problem(finding.reason))
            case .warning: problems.warn(place.problem(finding.reason))
            }
        }
    }

    private static func place(
        of path: String,
        _ file: ConfigurationFile,
        _ board: BoardFile?,
    ) -> KeyPlace {
        let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
            return KeyPlace(file: file.path, line: file.reader.error(path, "").line, key: path)
        }
        // What can be wrong with the section has been noted.
        return Section(parts[0], of: file, board: board, isRequired: false, Problems())
            .place(of: parts[1])
    }

    /// The rules that look at more than one section.
    private func checkRules(
        sale section: Section,
        timing: Section,
        risk: Section,
        printer: Section?,
        pulse: Section?,
    ) {
        if weChat.isPlatform { self.timing.checkPlatformRules(timing) }
        risk.require(
            self.risk.maxUnsettledSum >= sale.maxAmount,
            "maxUnsettledSum",
            and: ["sale.maxAmount"],
            "is below sale.maxAmount, so that such a sale could never start; raise it",
        )
        section.require(
            !sale.requirePrinter || self.printer != nil,
            "requirePrinter",
            "is true, but there is no printer; configure one or set it to false",
        )
        printer?.require(
            self.printer?.line.port != scanner.line.port,
            "port",
            and: ["scanner.port"],
            "is the scanner's port too; give each device its own",
        )
        section.require(
            !sale.mode.isFixed || self.pulse != nil || sale.autoDeliver,
            "mode",
            "is \"fixed\", but nothing releases the goods; set autoDeliver, as this version drives no pulse",
        )
        section.require(
            self.pulse == nil || !sale.autoDeliver,
            "autoDeliver",
            "and pulse both release the goods; set one of them",
        )
        guard let value = self.pulse, let pulse else { return }
        if case .fixed(let amount, _) = sale.mode {
            pulse.require(
                amount.isMultiple(of: value.amountPerPulse),
                "amountPerPulse",
                and: ["sale.amount"],
                "does not divide sale.amount, so that pulses cannot say what was paid; change one of them",
            )
        }
        if case .gpiod(let lines) = lights {
            pulse.require(
                value.chip != lines.chip || !lines.all.contains(value.line),
                "line",
                and: ["pulse.chip", "lights.chip"],
                "drives a light too; give the pulse a line of its own",
            )
        }
    }
}
