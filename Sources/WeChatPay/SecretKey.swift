import COpenSSL

/// A secret's bytes: never printed, and overwritten when the last holder lets go (rule G1).
///
/// A class, because only an object has an end at which its memory can be wiped. Copies that others
/// made before (the array it was read into) are theirs to wipe.
// Unchecked, because it holds a pointer: the bytes are written by `init` and `deinit` only, and
// read in between.
@safe
package final class SecretKey: @unchecked Sendable, CustomStringConvertible,
    CustomDebugStringConvertible, CustomReflectable
{
    /// Length in bytes.
    package let count: Int
    private let storage: UnsafeMutableBufferPointer<UInt8>

    package init(_ bytes: [UInt8]) {
        count = bytes.count
        unsafe storage = .allocate(capacity: bytes.count)
        _ = unsafe storage.initialize(from: bytes)
    }

    deinit {
        // The buffer is ours alone and `count` bytes long; `OPENSSL_cleanse` is not optimised away.
        unsafe OPENSSL_cleanse(storage.baseAddress, count)
        unsafe storage.deallocate()
    }

    /// Lends the bytes for the length of the call; they must not be kept.
    func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        // The span cannot leave the closure, and `self` keeps the buffer alive meanwhile.
        unsafe body(storage.span)
    }

    package var description: String { "secret key of \(count) bytes" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
