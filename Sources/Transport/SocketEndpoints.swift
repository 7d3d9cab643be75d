import Glibc

/// Both ends of a TCP connection; no two open connections have the same.
struct SocketEndpoints: Hashable {
    let localAddress: String
    let localPort: Int32
    let peerAddress: String
    let peerPort: Int32

    init(localAddress: String, localPort: Int32, peerAddress: String, peerPort: Int32) {
        self.localAddress = localAddress
        self.localPort = localPort
        self.peerAddress = peerAddress
        self.peerPort = peerPort
    }

    /// `nil` when the socket is not connected.
    init?(of descriptor: Int32) {
        // The C functions of that shape fill the storage up to the length they are given.
        guard let local = unsafe Self.end({ unsafe getsockname(descriptor, $0, $1) }),
            let peer = unsafe Self.end({ unsafe getpeername(descriptor, $0, $1) })
        else { return nil }
        localAddress = local.address
        localPort = local.port
        peerAddress = peer.address
        peerPort = peer.port
    }

    private typealias Query = (
        UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>
    ) -> Int32

    private static func end(_ query: Query) -> (address: String, port: Int32)? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        // sockaddr_storage is made to be read as the address type its family names.
        return unsafe withUnsafeMutablePointer(to: &storage) { storage in
            let plain = UnsafeMutableRawPointer(storage)
            let address = unsafe plain.assumingMemoryBound(to: sockaddr.self)
            guard unsafe query(address, &length) == 0 else { return nil }
            let family = unsafe Int32(address.pointee.sa_family)
            let port: UInt16
            let bytes: UnsafeRawPointer
            switch family {
            case AF_INET:
                unsafe port = plain.assumingMemoryBound(to: sockaddr_in.self).pointee.sin_port
                unsafe bytes = UnsafeRawPointer(plain) + 4
            case AF_INET6:
                unsafe port = plain.assumingMemoryBound(to: sockaddr_in6.self).pointee.sin6_port
                unsafe bytes = UnsafeRawPointer(plain) + 8
            default:
                return nil
            }
            guard unsafe inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else {
                return nil
            }
            let digits = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            return (String(decoding: digits, as: UTF8.self), Int32(UInt16(bigEndian: port)))
        }
    }
}
