internal import Glibc

/// Recognises IPv4 and IPv6 addresses as text.
enum InternetAddress {
    /// Whether `spbill_create_ip` may carry it.
    static let isValid: @Sendable (String) -> Bool = { text in
        // inet_pton writes 4 or 16 bytes at most and reads the terminated copy that the bridge makes for the call.
        var address = [UInt8](repeating: 0, count: 16)
        return unsafe inet_pton(AF_INET, text, &address) == 1
            || inet_pton(AF_INET6, text, &address) == 1
    }
}
