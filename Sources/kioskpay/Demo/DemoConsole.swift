import Glibc
import Payments
import Sandbox
import Threads

/// The demo that a person plays: keys in, a picture of the kiosk out. All of it on one thread that may block.
struct DemoConsole {
    /// Lights are read this often; nothing announces them.
    private static let tick: Int64 = 100_000_000
    /// How often, and for how long, a payer holds the same code to the scanner.
    private static let rescan: Int64 = 300_000_000
    private static let patience: Int64 = 4_000_000_000

    private struct HeldCode {
        let text: String
        /// The sale's codes taken before this one.
        let taken: Int
        var next: Int64
        let end: Int64
    }

    private let rig: DemoRig
    private var view = DemoView()
    private var held: HeldCode?
    private var saleCount = 0
    private var isInputOpen = true
    private var isQuitting = false

    static func run(
        _ options: DemoRig.Options,
        keepsFolder: Bool,
        until stopping: WakeDescriptor,
    ) throws {
        Output.line("Starting the stand-in, the devices and the daemon.")
        let rig = try DemoRig(options)
        var console = DemoConsole(rig)
        do {
            try rig.waitUntilReady()
            console.play(until: stopping)
        } catch {
            _ = rig.stop()
            throw error
        }
        let diedEarly = !rig.isDaemonRunning
        Output.line("Stopping: what is under way is finished first.")
        let code = rig.stop()
        for entry in rig.server.ledger() where entry.amount != nil { Output.line("\(entry)") }
        try sayHowItEnded(rig)
        guard keepsFolder || diedEarly || code != 0 else { return rig.folder.remove() }
        Output.line("Everything of this run is kept in \(rig.folder.path).")
        if diedEarly || code != 0 { throw DemoError("The daemon ended with \(code).") }
    }

    /// Orders that were left while being undone are no fault: a kiosk's next start goes on with them.
    private static func sayHowItEnded(_ rig: DemoRig) throws {
        let ledger = rig.server.ledger().map(LedgerFact.init)
        let stored = JournalJudge(sales: try rig.storedSales(), ledger: ledger)
        let differences = stored.differences
        if differences.isEmpty { return Output.line(stored.summary) }
        Output.line("Left before everything was settled; a kiosk's next start goes on from here:")
        for difference in differences { Output.line("    \(difference)") }
    }

    private init(_ rig: DemoRig) { self.rig = rig }

    private mutating func play(until stopping: WakeDescriptor) {
        if let terminal = RawTerminal.take() {
            var painter = ScreenPainter()
            loop(until: stopping) { view in
                let size = terminal.size
                let screen = DemoScreen(width: size.width, height: size.height)
                painter.paint(screen.lines(view), width: size.width)
            }
        } else {
            var report = PlainReport()
            Output.line(DemoScreen.help.joined(separator: "\n"))
            loop(until: stopping) { view in
                for line in report.lines(view) { Output.line(line) }
            }
        }
    }

    private mutating func loop(until stopping: WakeDescriptor, show: (DemoView) -> Void) {
        while !isQuitting {
            look()
            show(view)
            // Without more keys to come the demo ends with the sale.
            if !isInputOpen, held == nil, !view.isSaleActive { return }
            var descriptors = [
                pollfd(fd: isInputOpen ? 0 : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: rig.board.changed.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stopping.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            _ = Poll.wait(&descriptors, until: BootClock.nanoseconds() + Self.tick)
            if descriptors[2].revents != 0 { return }
            if descriptors[0].revents != 0 { readKeys() }
            holdCode()
        }
    }

    /// Takes in what has changed.
    private mutating func look() {
        rig.board.changed.clear()
        view.lit = rig.board.lights().lit
        view.events = rig.board.events
        let slips = rig.printer.slips
        view.slip = slips.last?.lines ?? []
        // A new slip is shown from its beginning.
        if slips.count != view.slipCount { view.slipTurns = 0 }
        view.slipCount = slips.count
        view.ledger = rig.server.ledger().filter { $0.amount != nil }.map(DemoView.ledgerLine)
        view.hasPaper = rig.printer.condition.hasPaper
        view.isScannerPlugged = rig.scanner.isPlugged
        view.isDaemonRunning = rig.isDaemonRunning
        if let problem = rig.board.problems.last { view.hint = problem }
        if !rig.isDaemonRunning { view.hint = "The daemon has ended; its log is \(rig.daemonLog)." }
    }

    // MARK: - Keys

    private mutating func readKeys() {
        var bytes = [UInt8](repeating: 0, count: 64)
        // The buffer outlives the call and has the length passed.
        let count = unsafe read(0, &bytes, bytes.count)
        guard count > 0 else {
            isInputOpen = count < 0 && errno == EINTR
            return
        }
        for key in bytes[..<count] {
            do {
                try press(key)
            } catch {
                view.hint = "\(error)"
            }
            // The next key of the same piece sees what this one has changed.
            look()
        }
    }

    private mutating func press(_ key: UInt8) throws {
        view.hint = ""
        switch Character(UnicodeScalar(key)) {
        case "s": try scan("paid", "a good code")
        case "w": try scan("password-never-paid", "the phone asks for the password; press p or c")
        case "r": try scan("too-little-money", "too little money; press s for another code")
        case "e": try scan("expired-code", "an expired code; press s for another code")
        case "p": act(.pays, "The payer types the password.")
        case "c": act(.closesPage, "The payer closes the password page.")
        case "x": try cancel()
        case "n": try toggleNetwork()
        case "o": togglePaper()
        case "k": try toggleScanner()
        // Ctrl-C and Ctrl-D arrive as keys.
        case "q", "\u{03}", "\u{04}": isQuitting = true
        case " ": view.slipTurns += 1
        case "\n", "\r": break
        default: view.hint = "No key of the demo; the lines below name them."
        }
    }

    /// Starts a sale if none waits for a code, and holds a fresh code to the scanner.
    private mutating func scan(_ name: String, _ words: String) throws {
        guard let play = SandboxCase(named: name) else { return }
        guard rig.scanner.isPlugged else {
            view.hint = "The scanner is unplugged; press k."
            return
        }
        if !view.isSaleActive {
            saleCount += 1
            _ = try rig.openSale(key: "demo-\(saleCount)")
        } else if let state = view.sale?.state, !["awaiting_code", "declined"].contains(state) {
            view.hint = "The sale is \(state): no code is taken now."
            return
        }
        let now = BootClock.nanoseconds()
        let code = rig.code(for: play)
        view.hint = "Scanned \(code.prefix(2))…\(code.suffix(4)): \(words)."
        held = HeldCode(text: code, taken: codesTaken, next: now, end: now + Self.patience)
        holdCode()
    }

    private var codesTaken: Int { rig.board.events.count { $0.state == "submitting" } }

    /// Right after a refusal the kiosk rests (rule B4), so a payer holds the code there for a while.
    private mutating func holdCode() {
        guard var code = held else { return }
        let now = BootClock.nanoseconds()
        guard codesTaken == code.taken, now < code.end else {
            held = nil
            return
        }
        guard now >= code.next else { return }
        rig.scanner.scan(code.text)
        code.next = now + Self.rescan
        held = code
    }

    private mutating func act(_ act: SandboxPayerAct, _ words: String) {
        let open = rig.server.ledger().last { $0.state == .userPaying }
        let isDone = open.map { rig.server.payer(of: $0.order, act) } ?? false
        view.hint = isDone ? words : "No password page is open; press w."
    }

    private mutating func cancel() throws {
        guard view.isSaleActive, let sale = view.sale else {
            view.hint = "There is no sale to cancel."
            return
        }
        view.hint = try rig.cancelSale(sale.id) ?? "The sale is being cancelled."
    }

    private mutating func toggleNetwork() throws {
        view.isNetworkUp.toggle()
        try rig.server.setNetwork(view.isNetworkUp ? .up : .cut)
        view.hint = view.isNetworkUp ? "The network is back." : "The network is cut."
    }

    private mutating func togglePaper() {
        rig.printer.change { $0.hasPaper.toggle() }
        view.hint = rig.printer.condition.hasPaper ? "Paper is in." : "The paper is out."
    }

    private mutating func toggleScanner() throws {
        if rig.scanner.isPlugged {
            rig.scanner.unplug()
            view.hint = "The scanner is unplugged."
        } else {
            try rig.scanner.plug()
            view.hint = "The scanner is plugged in."
        }
    }
}
