import CCurl
import Threads

/// The transport thread's work: one libcurl multi handle, its transfers and its idle connections.
///
/// It blocks in one poll over libcurl's sockets, the idle connections, a timer on the boot clock
/// and the inbox; nothing is polled at intervals, but for connections being made. Made on the caller's thread, then used by the
/// transport thread alone.
@safe final class TransportLoop {
    let setup: TransferSetup
    let inbox: TransferInbox
    let sockets: SocketTable
    let observer: NetworkObserver
    var hosts: HostPreference
    var plan: OpeningPlan
    var checksValidityDates: Bool
    /// Made ready for a request that may follow, and not yet with libcurl.
    var prepared: Transfer?
    /// By handle.
    private(set) var transfers: [UInt: Transfer] = [:]
    /// Valid from `init` to `deinit`.
    private let multi: UnsafeMutableRawPointer
    private let timer = BootTimer()

    /// Idle connections kept, of all hosts, with and without client certificate.
    private static let maximumIdleConnections = 8

    /// How long libcurl is left alone while a connection is being made. Once a host's first address has been silent for its
    /// share of the time, libcurl 7.88 readies the next one and waits for nothing: it would never be tried.
    private static let connectingSlice = Duration.milliseconds(200)

    /// libcurl's global state, made once per process; libcurl makes that safe between threads.
    private static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init(
        setup: TransferSetup,
        inbox: TransferInbox,
        observer: NetworkObserver
    ) throws {
        guard Self.isLibraryReady, let multi = unsafe curl_multi_init() else {
            throw TransportSetupError("The HTTPS library could not be started; is memory short?")
        }
        unsafe self.multi = unsafe multi
        self.setup = setup
        self.inbox = inbox
        self.observer = observer
        let configuration = setup.configuration
        sockets = SocketTable(keepAlive: configuration.keepAlive)
        checksValidityDates = configuration.checksValidityDates
        sockets.requiresCheckedDates = configuration.checksValidityDates
        hosts = HostPreference(
            hasStandby: setup.hosts.count > 1,
            standbyTime: configuration.standbyPreference
        )
        plan = OpeningPlan(
            hosts: setup.hosts.count,
            pace: configuration.openingPace,
            now: BootClock.now
        )
        _ = unsafe kioskpay_curl_multi_set_long(
            multi,
            CURLMOPT_MAXCONNECTS,
            Self.maximumIdleConnections
        )
    }

    deinit {
        // Every transfer has left the handle; idle connections are closed through `sockets`.
        unsafe curl_multi_cleanup(multi)
    }

    /// Runs until the inbox says stop; then every open transfer has been completed.
    func run() {
        while true {
            inbox.wake.clear()
            timer.clear()
            // Before anything starts, so that no submit picks a connection that has ended.
            sockets.dropUnusable()
            for command in inbox.take() {
                if case .stop = command { return stop() }
                perform(command)
            }
            drive()
            timer.set(nextEvent)
            wait()
        }
    }

    private func perform(_ command: TransferInbox.Command) {
        switch command {
        case .send(let order):
            start(order)
        case .abandon(let id):
            for transfer in transfers.values where transfer.order?.id == id {
                give(up: transfer, as: .aborted)
            }
        case .openAhead:
            plan.openingAsked(at: BootClock.now)
        case .prepare(let make):
            prepared = make.flatMap { prepare($0()) }
            if make != nil { plan.openingAsked(at: BootClock.now) }
        case .checkValidityDates(let on):
            // Said after every reply: only a change is a reason to open a connection past the pace (rule B10).
            guard on != checksValidityDates else { return }
            checksValidityDates = on
            sockets.requiresCheckedDates = on
            sockets.dropUnusable()
            for transfer in transfers.values where on && transfer.isUncheckedOpening {
                remove(transfer)
            }
            plan.openingAsked(at: BootClock.now)
        case .stop:
            break
        }
    }

    /// Lets libcurl work until neither a result nor a new transfer is left to look at.
    private func drive() {
        var isNews = true
        while isNews {
            var running: Int32 = 0
            // A failure of the handle as a whole shows in the transfers' deadlines.
            _ = unsafe curl_multi_perform(multi, &running)
            for transfer in transfers.values { transfer.tellBeginning() }
            isNews = false
            var code = CURLE_OK
            while let key = nextFinished(&code) {
                guard let transfer = transfers[key] else { continue }
                isNews = true
                remove(transfer)
                finish(transfer, code: code)
            }
            let now = BootClock.now
            for transfer in transfers.values where transfer.deadline <= now {
                isNews = true
                give(up: transfer, as: .timedOut)
            }
            if keepOpen(at: now) { isNews = true }
        }
    }

    /// Hands a transfer that the setup has prepared to libcurl; it moves with the next `drive`.
    func add(_ transfer: Transfer) -> Bool {
        // The transfer is kept until `remove`, and its handle with it.
        guard unsafe curl_multi_add_handle(multi, transfer.easy.pointer) == CURLM_OK
        else { return false }
        transfers[transfer.easy.key] = transfer
        return true
    }

    /// Takes the transfer back from libcurl, which closes its connection unless it is complete.
    func remove(_ transfer: Transfer) {
        _ = unsafe curl_multi_remove_handle(multi, transfer.easy.pointer)
        transfers[transfer.easy.key] = nil
    }

    /// The key of a transfer that libcurl is done with, and its result.
    private func nextFinished(_ code: inout CURLcode) -> UInt? {
        unsafe kioskpay_curl_next_finished(multi, &code).map { UInt(bitPattern: $0) }
    }

    private var nextEvent: Int64? {
        let deadline = transfers.values.map(\.deadline).min()
        let isConnecting = transfers.values.contains { !sockets.hasConnection($0) }
        let look = isConnecting ? BootClock.now.advanced(by: Self.connectingSlice) : nil
        return [deadline, nextOpening, look].compactMap { $0 }.min()
    }

    private func wait() {
        let others = [inbox.wake.descriptor, timer.descriptor] + sockets.idleDescriptors
        var entries = others.map {
            curl_waitfd(fd: $0, events: Int16(CURL_WAIT_POLLIN), revents: 0)
        }
        // libcurl reads as many entries as said; its own timers shorten the hour.
        let code = unsafe curl_multi_poll(
            multi,
            &entries,
            UInt32(entries.count),
            3_600_000,
            nil
        )
        // Without memory for its poll libcurl returns at once; this keeps the loop from spinning.
        if code != CURLM_OK { _ = inbox.wake.wait(atMost: .milliseconds(100)) }
    }

    private func stop() {
        for command in inbox.take() {
            if case .send(let order) = command { refuse(order, .stopped) }
        }
        for transfer in Array(transfers.values) { give(up: transfer, as: .stopped) }
    }
}

/// Whom the transport thread tells what it learns about the network.
struct NetworkObserver: Sendable {
    let onNetworkChange: @Sendable (Bool, String) -> Void
    let onDate: @Sendable (Int64) -> Void
}
