internal import COpenSSL
internal import Glibc
internal import Payments

/// One TLS connection, used by the thread that serves it and by no other.
///
/// Every wait ends when the peer is ready, the deadline passes, the server stops or its network is cut. While the network
/// is a black hole nothing is read or written, and deadlines wait too.
@safe final class TLSStream {
    /// Why a connection is over.
    enum End: Error, Hashable {
        case closedByPeer
        case timedOut
        /// The network was cut: the connection must be reset.
        case cut
        case stopped
    }

    // Owned: freed in `close`, which everybody calls last and once.
    private let ssl: OpaquePointer
    private let socket: Int32
    private let control: NetworkControl
    private let wakeup: Wakeup
    private var isEstablished = false

    /// `ssl` and `socket` belong to the stream from here on.
    fileprivate init(
        adopting ssl: OpaquePointer,
        socket: Int32,
        control: NetworkControl,
        wakeup: Wakeup,
    ) {
        unsafe self.ssl = ssl
        self.socket = socket
        self.control = control
        self.wakeup = wakeup
    }

    func handshake(within limit: Duration) throws(End) {
        _ = try repeating(within: limit) { unsafe SSL_do_handshake(ssl) }
        isEstablished = true
    }

    /// At least one byte, at most `count`.
    func read(atMost count: Int, within limit: Duration?) throws(End) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        // OpenSSL writes at most `count` bytes into the array.
        let length = try repeating(within: limit) { unsafe SSL_read(ssl, &bytes, Int32(count)) }
        return Array(bytes.prefix(Int(length)))
    }

    func write(_ bytes: [UInt8], within limit: Duration) throws(End) {
        var rest = bytes[...]
        while !rest.isEmpty {
            // The slice is contiguous; OpenSSL reads at most its count.
            let count = try repeating(within: limit) {
                unsafe rest.withUnsafeBytes {
                    unsafe SSL_write(ssl, $0.baseAddress, Int32($0.count))
                }
            }
            rest = rest.dropFirst(Int(count))
        }
    }

    /// Lets `duration` pass. What the client does meanwhile shows at the next read or write.
    func pause(for duration: Duration) throws(End) {
        let end = PlatformTime.now.boot + duration
        while PlatformTime.now.boot < end {
            _ = try checkNetwork()
            wakeup.wait(until: end)
        }
        _ = try checkNetwork()
    }

    /// What is wrong with the client's certificate; `nil` if it is good.
    var certificateFault: CertificateFault? {
        guard let certificate = unsafe SSL_get1_peer_certificate(ssl) else { return .missing }
        unsafe X509_free(certificate)
        return unsafe SSL_get_verify_result(ssl) == Int(X509_V_OK) ? nil : .untrusted
    }

    enum Ending {
        /// TLS close, then TCP close.
        case orderly
        /// TCP close alone.
        case truncated
        /// TCP reset.
        case reset
    }

    /// Ends the connection. Nothing may be called after it.
    func close(_ ending: Ending) {
        switch ending {
        case .orderly: if isEstablished { _ = unsafe SSL_shutdown(ssl) }
        case .truncated: break
        case .reset:
            var option = linger(l_onoff: 1, l_linger: 0)
            // The option is a local of the size given.
            _ = unsafe setsockopt(
                socket,
                SOL_SOCKET,
                SO_LINGER,
                &option,
                socklen_t(MemoryLayout<linger>.size)
            )
        }
        unsafe SSL_free(ssl)
        Glibc.close(socket)
    }

    /// Repeats a call of OpenSSL until it succeeds; its result is positive then.
    private func repeating(
        within limit: Duration?,
        _ call: () -> Int32,
    ) throws(End) -> Int32 {
        var deadline = limit.map { PlatformTime.now.boot + $0 }
        while true {
            let lost = try checkNetwork()
            deadline = deadline.map { $0 + lost }
            ERR_clear_error()
            let result = call()
            if result > 0 { return result }
            let events: Int16
            switch unsafe SSL_get_error(ssl, result) {
            case SSL_ERROR_WANT_READ: events = Int16(POLLIN)
            case SSL_ERROR_WANT_WRITE: events = Int16(POLLOUT)
            default:
                // After a fatal error OpenSSL forbids SSL_shutdown.
                isEstablished = false
                throw .closedByPeer
            }
            if let deadline, PlatformTime.now.boot >= deadline { throw .timedOut }
            wakeup.wait(on: socket, for: events, until: deadline)
        }
    }

    /// Waits while the network is a black hole and answers how long that was.
    ///
    /// Bytes written into a black hole wait in the client's own system, so a client that resets its connection takes them
    /// back (rule C2). Here they are in this system already, and Linux would still hand them out after a reset.
    private func checkNetwork() throws(End) -> Duration {
        let start = PlatformTime.now.boot
        var wasHeld = false
        while true {
            let condition = control.condition
            if condition.isStopping { throw .stopped }
            switch condition.network {
            case .up, .silent:
                if wasHeld, isResetByPeer { throw .closedByPeer }
                return PlatformTime.now.boot - start
            case .cut: throw .cut
            case .blackhole:
                wasHeld = true
                wakeup.wait(until: nil)
            }
        }
    }

    private var isResetByPeer: Bool {
        var states = [pollfd(fd: socket, events: 0, revents: 0)]
        // One entry, alive for the call, which does not wait.
        return unsafe poll(&states, 1, 0) == 1 && states[0].revents & Int16(POLLERR) != 0
    }
}

/// The server's side of TLS: certificate, and the authority that client certificates are checked against.
///
/// A client certificate is asked for and not required: the platform's front lets everybody in and answers a page
/// (wire facts, 1.3), unless it is told otherwise. The check's result stays with the connection.
///
/// `@unchecked Sendable`: the SSL_CTX is not changed after `init`, and OpenSSL counts references to it atomically.
@safe final class TLSContext: @unchecked Sendable {
    // Owned: freed in deinit.
    private let handle: OpaquePointer

    /// - Parameter alertsCertificates: whether a certificate of another authority ends the handshake.
    init(_ material: SandboxMaterial, alertsCertificates: Bool = false) throws(SandboxError) {
        guard let context = unsafe SSL_CTX_new(TLS_server_method()) else {
            throw SandboxError("OpenSSL could not set TLS up for the stand-in.")
        }
        unsafe handle = context
        // Paths are bridged to terminated copies for the calls. Failure of any leaves `handle` to deinit.
        let isReady =
            unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
            == 1
            && SSL_CTX_use_certificate_file(
                context,
                material.serverCertificateFile,
                SSL_FILETYPE_PEM
            ) == 1
            && SSL_CTX_use_PrivateKey_file(context, material.serverKeyFile, SSL_FILETYPE_PEM) == 1
            && SSL_CTX_check_private_key(context) == 1
            && SSL_CTX_load_verify_file(context, material.authorityFile) == 1
        guard isReady else {
            throw SandboxError(
                "The certificates in \(material.directory) cannot be used: remove the folder to have them made anew."
            )
        }
        unsafe SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(material.authorityFile))
        if alertsCertificates {
            unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        } else {
            unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER) { _, _ in 1 }
        }
        // No resumption: each connection shows its certificate itself.
        unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF), nil)
        _ = unsafe SSL_CTX_set_options(context, UInt64(1) << 14)  // SSL_OP_NO_TICKET
        _ = unsafe SSL_CTX_set_num_tickets(context, 0)
        // Writes go out in pieces from an array that may move between two tries.
        let mode = SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
        unsafe SSL_CTX_ctrl(context, SSL_CTRL_MODE, Int(mode), nil)
    }

    deinit { unsafe SSL_CTX_free(handle) }

    /// A stream over a connected, non-blocking socket, which it then owns; `nil` leaves the socket to the caller.
    func makeStream(
        over socket: Int32,
        control: NetworkControl,
        wakeup: Wakeup,
    ) -> TLSStream? {
        // The new session holds its own reference to the context.
        guard let ssl = unsafe SSL_new(handle) else { return nil }
        guard unsafe SSL_set_fd(ssl, socket) == 1 else {
            unsafe SSL_free(ssl)
            return nil
        }
        unsafe SSL_set_accept_state(ssl)
        return unsafe TLSStream(adopting: ssl, socket: socket, control: control, wakeup: wakeup)
    }
}
