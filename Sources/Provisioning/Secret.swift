import COpenSSL
import Synchronization

/// A secret's bytes, wiped from memory when the last holder lets go, and printed nowhere (rule G1).
package final class Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// In a mutex only so that `deinit` may overwrite it in place.
    private let storage: Mutex<[UInt8]>

    /// Takes the bytes over; the caller must hold no other copy of the array if it is to be wiped.
    init(_ bytes: consuming [UInt8]) { storage = Mutex(bytes) }

    deinit { storage.withLock { wipe(&$0) } }

    package var count: Int { storage.withLock { $0.count } }

    /// A copy of the bytes. It is the caller's to keep as short as possible.
    package var bytes: [UInt8] {
        // Element by element, because a shared buffer could not be wiped here.
        storage.withLock { $0.map { $0 } }
    }

    package var description: String { "secret" }
    package var debugDescription: String { "secret" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Overwrites the bytes in a way the compiler does not leave out, and empties the array.
func wipe(_ bytes: inout [UInt8]) {
    // The buffer is borrowed for the call and exactly `count` bytes long.
    unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe OPENSSL_cleanse(buffer.baseAddress, buffer.count)
    }
    bytes.removeAll()
}
