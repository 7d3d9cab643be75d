import CLinux
import COpenSSL
import Glibc
import Synchronization

/// A blocking TLS server with one thread per connection, which does to each connection what the test
/// says and writes down what it saw.
final class TLSServer: Sendable {
    /// One request as it arrived.
    struct Seen: Sendable {
        let connection: Int
        let method: String
        let path: String
        let head: String
        let body: [UInt8]
        let showedCertificate: Bool
        let bootNanoseconds: Int64
    }

    let port: UInt16
    let requests = Log<Seen>()
    /// Numbers of accepted connections.
    let connections = Log<Int>()
    /// How connections ended for the server when it waited for the end: 0 orderly, else errno.
    let ends = Log<Int32>()
    private let listener: Mutex<Int32>
    private let context: Context
    private let behaviour: @Sendable (ServerConnection) -> Void

    var url: String { "https://127.0.0.1:\(port)" }

    init(
        _ certificate: TestCertificate = TestAuthority.shared.issue(),
        maximumVersion: Int32 = TLS1_3_VERSION,
        behaviour: @escaping @Sendable (ServerConnection) -> Void
    ) {
        // Writing to a peer that reset the connection is an error code here.
        signal(SIGPIPE, SIG_IGN)
        let (descriptor, port) = TestSocket.listening()
        self.port = port
        self.behaviour = behaviour
        listener = Mutex(descriptor)
        context = Context(certificate, maximumVersion: maximumVersion)
        startThread { self.acceptConnections(descriptor) }
    }

    /// From now on connecting is refused; open connections go on.
    func stopListening() {
        listener.withLock { descriptor in
            guard descriptor >= 0 else { return }
            // Ends a blocked accept; the accepting thread then closes it.
            shutdown(descriptor, Int32(SHUT_RDWR))
            descriptor = -1
        }
    }

    /// While cut, connection attempts get no answer at all.
    func cutListener(_ isCut: Bool) {
        listener.withLock { TestSocket.cut(isCut, $0) }
    }

    private func acceptConnections(_ descriptor: Int32) {
        var number = 0
        while true {
            let accepted = TestSocket.accepted(from: descriptor)
            guard accepted >= 0 else { break }
            TestSocket.sendAtOnce(accepted)
            number += 1
            connections.add(number)
            let connection = ServerConnection(
                descriptor: accepted, number: number, server: self, context: context)
            startThread {
                self.behaviour(connection)
                connection.close()
            }
        }
        close(descriptor)
    }

    /// An SSL_CTX; OpenSSL allows its use from several threads once it is set up.
    @safe final class Context: @unchecked Sendable {
        fileprivate let pointer: OpaquePointer?

        init(_ certificate: TestCertificate, maximumVersion: Int32) {
            unsafe pointer = SSL_CTX_new(TLS_server_method())
            let own = unsafe PEM.certificate(certificate.certificate)
            let key = unsafe PEM.key(certificate.key)
            unsafe SSL_CTX_use_certificate(pointer, own)
            unsafe SSL_CTX_use_PrivateKey(pointer, key)
            unsafe SSL_CTX_ctrl(
                pointer, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(maximumVersion), nil)
            // Asks for a client certificate and accepts that there is none.
            let authority = unsafe PEM.certificate(TestAuthority.shared.own.certificate)
            unsafe X509_STORE_add_cert(SSL_CTX_get_cert_store(pointer), authority)
            unsafe SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
            unsafe X509_free(authority)
            unsafe X509_free(own)
            unsafe EVP_PKEY_free(key)
        }

        deinit { unsafe SSL_CTX_free(pointer) }

        func newConnection() -> OpaquePointer? { unsafe SSL_new(pointer) }
    }
}
