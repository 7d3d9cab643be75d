import Glibc

/// Standard output, without a buffer, so that lines appear as they are said.
enum Output {
    static func line(_ text: String) { write(text + "\n") }

    /// False once nobody reads any more.
    @discardableResult
    static func write(_ text: String, to descriptor: CInt = STDOUT_FILENO) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            // The slice's storage lives through the call, with its own count.
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
