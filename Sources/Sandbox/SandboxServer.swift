internal import Glibc
package import Payments
internal import Synchronization

/// A strict stand-in for WeChat Pay's API v2, over TLS on 127.0.0.1.
///
/// It serves submit, query, reverse, refund and its query as the platform does, checks every request more strictly than the
/// platform, plays payers and faults (``SandboxCase``) and keeps the ledger: what was really charged and what really went
/// back. Every connection has a thread of its own, so that it can be cut at any byte. All methods can be called from any
/// thread; those that wait say so.
package final class SandboxServer: Sendable {
    package let material: SandboxMaterial
    package let options: SandboxOptions
    private let platform: SharedPlatform
    private let wakeup: Wakeup
    private let control: NetworkControl
    private let context: TLSContext
    private let listener = Mutex<Listener?>(nil)

    package init(
        material: SandboxMaterial,
        options: SandboxOptions = SandboxOptions(),
    ) throws(SandboxError) {
        self.material = material
        self.options = options
        context = try TLSContext(
            material,
            alertsCertificates: options.certificateRefusal == .alert
        )
        control = try NetworkControl()
        platform = try SharedPlatform(
            Platform(identity: material.identity, key: material.key, options: options)
        )
        wakeup = platform.clock
    }

    /// Another host of the same platform, with a port and a network of its own: what one does the other knows.
    package init(standbyOf primary: SandboxServer) throws(SandboxError) {
        material = primary.material
        options = primary.options
        context = primary.context
        platform = primary.platform
        control = try NetworkControl()
        wakeup = try Wakeup()
    }

    deinit { stop() }

    /// Listens and serves; answers the port. A server starts once.
    @discardableResult
    package func start() throws(SandboxError) -> UInt16 {
        let listener = try Listener(port: options.port)
        let isFirst = self.listener.withLock { stored in
            guard stored == nil else { return false }
            stored = listener
            return true
        }
        guard isFirst else { throw SandboxError("The stand-in has been started already.") }
        let acceptor = Acceptor(
            listener: listener,
            platform: platform,
            control: control,
            context: context,
            options: options,
            wakeup: wakeup
        )
        try acceptor.start()
        return listener.port
    }

    /// The port, once started.
    package var port: UInt16? { listener.withLock { $0?.port } }

    /// `https://localhost:PORT`, once started: what `wechat.baseURL` is set to.
    package var baseURL: String? { port.map { "https://localhost:\($0)" } }

    /// Ends all connections and threads; waits for them, at most 5 s, so not to be called by an event listener.
    /// Answers whether all ended. The ledger stays readable.
    @discardableResult
    package func stop() -> Bool {
        listener.withLock { $0?.refuse() }
        control.set { $0.isStopping = true }
        return control.awaitThreads(atMost: 0, within: .seconds(5))
    }

    /// The next new orders take these cases, one each, before the digits choose. At most 10 000 wait.
    package func script(_ cases: [SandboxCase]) {
        platform.with { platform, _ in platform.script(cases) }
    }

    /// The next replies of that operation meet these faults, one each, whatever their orders. At most 10 000 wait.
    package func spoil(_ operation: SandboxOperation, _ faults: [ReplyFault]) {
        platform.with { platform, _ in platform.spoil(operation, faults) }
    }

    /// These orders were submitted and paid before, as a kiosk's journal may say that was not born here. Numbers that are known
    /// already stay as they are.
    package func paidBefore(_ orders: [(number: String, amount: Money)]) {
        platform.with { platform, now in
            for order in orders { platform.paidBefore(order.number, order.amount, at: now) }
        }
    }

    /// A payer whose phone shows the password page acts on command: types the password, or closes the page. Whatever the
    /// case had in store for this payer is off. Whether there was such a page.
    @discardableResult
    package func payer(of order: String, _ act: SandboxPayerAct) -> Bool {
        platform.with { platform, now in platform.payerActed(order, act, at: now) }
    }

    /// Changes the network. With `.cut` it waits until every live connection is reset, at most 5 s.
    package func setNetwork(_ network: SandboxNetwork) throws(SandboxError) {
        let listener = listener.withLock { $0 }
        // The socket first: the acceptor, woken by the change, looks at it once.
        if network == .cut {
            listener?.refuse()
        } else {
            try listener?.open()
        }
        control.set { $0.network = network }
        if network == .cut { _ = control.awaitThreads(atMost: 1, within: .seconds(5)) }
        platform.with { platform, now in
            platform.note(.networkChanged(network), order: nil, at: now)
        }
    }

    /// Every order number ever named, as they first appeared, true at the time of the call.
    package func ledger() -> [LedgerEntry] { platform.with { platform, _ in platform.ledger } }

    /// The truth about one order number; `nil` if nobody ever named it.
    package func entry(of order: String) -> LedgerEntry? {
        platform.with { platform, _ in platform.orders[order]?.entry }
    }

    /// Everything a correct client never does, as it happened; the first 10 000.
    package func violations() -> [SandboxViolation] {
        platform.with { platform, _ in platform.violations }
    }

    /// The ledger as JSON lines.
    package func ledgerJSON() -> String {
        ledger().map { $0.json + "\n" }.joined()
    }

    /// Live connections, for tests and the demo.
    package var connectionCount: Int { max(0, control.threadCount - 1) }

    /// Called for everything that happens from now on, one event at a time and in order, on a thread of the server or of a
    /// caller. It may call the server; a slow one delays what comes after it. Replaces an earlier one.
    package func onEvent(_ listener: (@Sendable (SandboxEvent) -> Void)?) {
        platform.listen(listener)
    }
}
