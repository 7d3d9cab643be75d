import Glibc

/// The descriptors of libcurl's connections: who uses each, and how it is closed.
///
/// libcurl opens and closes through this table (its open- and close-socket callbacks). It serves
/// three rules: a submit's connection is abortive from before the first write until its reply is
/// complete (C2), also when the process dies meanwhile; idle connections are watched (B10); and a
/// dead one is made to look dead to libcurl before a submit can pick it (B5).
final class SocketTable {
    private enum Use {
        case connecting
        case busy(Transfer)
        case idle
        /// Shut down by us; libcurl drops it when it next looks for a connection.
        case dead
    }

    private struct Entry {
        var use = Use.connecting
        var endpoints: SocketEndpoints?
        var host = 0
        var showsCertificate = false
        /// Whether the peer's certificate was held against the clock when the connection was made.
        var datesWereChecked = true
    }

    private var entries: [Int32: Entry] = [:]
    private let keepAlive: HTTPSConfiguration.KeepAlive
    /// While set, idle connections made without looking at validity dates are dropped (rule F1).
    var requiresCheckedDates = false

    init(keepAlive: HTTPSConfiguration.KeepAlive) { self.keepAlive = keepAlive }

    /// A new socket, or -1.
    func open(family: Int32, type: Int32, transportProtocol: Int32) -> Int32 {
        let closeOnExec = Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, type | closeOnExec, transportProtocol)
        guard descriptor >= 0 else { return -1 }
        SocketOption.keepAlive(keepAlive, on: descriptor)
        entries[descriptor] = Entry()
        return descriptor
    }

    /// libcurl is done with the socket.
    func close(_ descriptor: Int32) -> Int32 {
        if case .busy(let transfer)? = entries.removeValue(forKey: descriptor)?.use {
            // Said again here, so that no path depends on the order of callbacks.
            if transfer.isSubmit { SocketOption.abortive(true, on: descriptor) }
            let acknowledged = SocketOption.everythingIsAcknowledged(on: descriptor)
            let result = Glibc.close(descriptor)
            transfer.connectionClosed(everythingWasAcknowledged: acknowledged)
            return result
        }
        return Glibc.close(descriptor)
    }

    /// A transfer is about to write on the connection with these ends; `false` if it is unknown or
    /// cannot be made abortive, which must stop a submit.
    func begin(_ transfer: Transfer, on endpoints: SocketEndpoints) -> Bool {
        guard let descriptor = descriptor(with: endpoints) else { return false }
        if case .connecting? = entries[descriptor]?.use {
            entries[descriptor]?.datesWereChecked = transfer.checksValidityDates
        }
        entries[descriptor]?.use = .busy(transfer)
        entries[descriptor]?.host = transfer.host
        entries[descriptor]?.showsCertificate = transfer.showsCertificate
        return !transfer.isSubmit || SocketOption.abortive(true, on: descriptor)
    }

    /// The transfer has its complete reply: a connection that is still there is idle from now on.
    func end(_ transfer: Transfer) {
        for (descriptor, entry) in entries {
            guard case .busy(let user) = entry.use, user === transfer else { continue }
            if transfer.isSubmit { SocketOption.abortive(false, on: descriptor) }
            entries[descriptor]?.use = .idle
        }
    }

    /// Whether the transfer has a connection of its own. Before that it is being made.
    func hasConnection(_ transfer: Transfer) -> Bool {
        entries.values.contains { entry in
            if case .busy(let user) = entry.use { user === transfer } else { false }
        }
    }

    /// Descriptors whose readability means that the idle connection ended.
    var idleDescriptors: [Int32] {
        entries.compactMap { if case .idle = $0.value.use { $0.key } else { nil } }
    }

    /// Whether an idle connection without client certificate to that host is there.
    func hasIdle(host: Int) -> Bool {
        entries.values.contains { entry in
            guard case .idle = entry.use else { return false }
            return entry.host == host && !entry.showsCertificate
        }
    }

    /// Looks at every idle connection and drops those that must not be used again. The peer has
    /// nothing to say on one: bytes (a TLS alert), an end or an error all mean that it can no
    /// longer be used.
    ///
    /// libcurl counts a connection with a pending alert as alive. Taking the bytes and shutting the
    /// socket down makes it see the end.
    func dropUnusable() {
        for (descriptor, entry) in entries {
            guard case .idle = entry.use else { continue }
            let isTrusted = entry.datesWereChecked || !requiresCheckedDates
            if isTrusted && SocketOption.isQuiet(descriptor) { continue }
            SocketOption.drainAndShutDown(descriptor)
            entries[descriptor]?.use = .dead
        }
    }

    private func descriptor(with endpoints: SocketEndpoints) -> Int32? {
        for (descriptor, entry) in entries {
            switch entry.use {
            case .connecting:
                let found = SocketEndpoints(of: descriptor)
                entries[descriptor]?.endpoints = found
                if found == endpoints { return descriptor }
            case .busy, .idle:
                if entry.endpoints == endpoints { return descriptor }
            case .dead:
                continue
            }
        }
        return nil
    }
}
