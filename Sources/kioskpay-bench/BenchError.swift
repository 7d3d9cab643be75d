internal import Glibc

/// Why nothing could be measured: one sentence.
struct BenchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// `call` failed with the system's own number.
    init(_ call: String, code: Int32) {
        // strerror returns a terminated text that is copied at once.
        description = unsafe "\(call) failed: \(String(cString: strerror(code)))."
    }
}
