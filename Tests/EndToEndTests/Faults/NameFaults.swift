import Glibc

/// A library before the system's that answers for the platform's name as a bad name service does. Every other name is left to
/// the system.
final class NameFaults {
    enum Fault: UInt64, Hashable, Sendable, CaseIterable {
        case none
        /// The name service says that there is no such name.
        case unknown
        /// It says nothing.
        case silent
        /// The first of two addresses refuses connections.
        case refusingFirst
        /// The first of two addresses never answers.
        case deafFirst
    }

    /// The stand-in's certificate is for this name too.
    static let name = "platform.test"
    /// Addresses of loopback beside the stand-in's own.
    fileprivate static let refusing = "127.0.0.2"
    static let deaf = "127.0.0.3"

    private let page: FaultPage
    var environment: [String: String] { page.environment }

    init(in folder: String) throws {
        page = try FaultPage(
            "names",
            layout: "volatile uint64_t fault; uint64_t lookups;",
            source: Self.source,
            in: folder
        )
    }

    func arm(_ fault: Fault) { page[0] = fault.rawValue }

    /// How often the daemon has asked for the name.
    var lookups: UInt64 { page[8] }

    private static let source = """
        typedef int lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);

        int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                        struct addrinfo **result) {
            static lookup *next;
            if (!next) next = (lookup *)dlsym(RTLD_NEXT, "getaddrinfo");
            if (!page || !name || strcmp(name, "\(name)")) return next(name, service, hints, result);
            __atomic_add_fetch(&page->lookups, 1, __ATOMIC_SEQ_CST);
            for (int tenths = 0; page->fault == \(Fault.silent.rawValue) && tenths < 600; tenths++) usleep(100000);
            if (page->fault == \(Fault.silent.rawValue)) return EAI_AGAIN;
            if (page->fault == \(Fault.unknown.rawValue)) return EAI_NONAME;
            const char *dead = page->fault == \(Fault.refusingFirst.rawValue) ? "\(refusing)"
                : page->fault == \(Fault.deafFirst.rawValue) ? "\(deaf)" : 0;
            struct addrinfo *live;
            int error = next("127.0.0.1", service, hints, &live);
            if (error) return error;
            *result = live;
            if (!dead) return 0;
            struct addrinfo *first;
            error = next(dead, service, hints, &first);
            if (error) {
                freeaddrinfo(live);
                return error;
            }
            *result = first;
            /* glibc frees a list node by node. */
            while (first->ai_next) first = first->ai_next;
            first->ai_next = live;
            return 0;
        }

        """
}

/// A port of a loopback address whose owner accepts nothing and whose queue is full: whoever connects hears nothing.
final class DeafPort {
    private var sockets: [Int32] = []

    init(_ address: String, _ port: UInt16) throws {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        // The text outlives the call, which writes the four bytes of the address.
        guard unsafe inet_pton(AF_INET, address, &name.sin_addr) == 1 else {
            throw HarnessError("\(address) is no address.")
        }
        // A queue of no length holds one connection; what else comes is dropped.
        for number in 0..<4 {
            let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
            let socket = socket(AF_INET, kind, 0)
            sockets.append(socket)
            // `sockaddr_in` is what calls of AF_INET take; it lives for the calls.
            let result = unsafe withUnsafePointer(to: &name) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
                    guard number == 0 else { return unsafe connect(socket, pointer, size) }
                    return unsafe bind(socket, pointer, size) + listen(socket, 0)
                }
            }
            guard result == 0 || (number > 0 && errno == EINPROGRESS) else {
                throw HarnessError("\(address):\(port): \(errno)")
            }
        }
    }

    deinit { for socket in sockets { close(socket) } }
}
