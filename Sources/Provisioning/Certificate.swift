import COpenSSL
import Glibc

/// The first certificate of a PEM text.
@safe struct Certificate: ~Copyable {
    /// Ours from `init` to `deinit`, never handed out.
    private let handle: OpaquePointer

    init?(pem: [UInt8]) {
        let read = unsafe withMemoryBIO(pem) { bio in
            unsafe PEM_read_bio_X509(bio, nil, refusePassPhrase, nil)
        }
        guard let handle = unsafe read else { return nil }
        unsafe self.handle = handle
    }

    deinit { unsafe X509_free(handle) }

    func belongs(to key: borrowing PrivateKey) -> Bool {
        // Both handles are alive while borrowed.
        let fits = unsafe key.withHandle { key in unsafe X509_check_private_key(handle, key) == 1 }
        ERR_clear_error()
        return fits
    }

    /// Whether validity begins at or before `time`, in seconds since 1970.
    func isValid(before time: Int64) -> Bool {
        var time = time_t(time)
        // The date belongs to the living certificate; a date that cannot be read compares as 0, which counts as invalid.
        return unsafe X509_cmp_time(X509_get0_notBefore(handle), &time) == -1
    }

    /// Whether validity ends after `time`, in seconds since 1970.
    func isValid(after time: Int64) -> Bool {
        var time = time_t(time)
        // As above.
        return unsafe X509_cmp_time(X509_get0_notAfter(handle), &time) == 1
    }
}

/// The first private key of a PEM text, without a pass phrase. OpenSSL wipes it when it is freed.
@safe struct PrivateKey: ~Copyable {
    /// Ours from `init` to `deinit`; lent only for the length of a call.
    private let handle: OpaquePointer

    init?(pem: [UInt8]) {
        let read = unsafe withMemoryBIO(pem) { bio in
            unsafe PEM_read_bio_PrivateKey(bio, nil, refusePassPhrase, nil)
        }
        guard let handle = unsafe read else { return nil }
        unsafe self.handle = handle
    }

    deinit { unsafe EVP_PKEY_free(handle) }

    fileprivate func withHandle<Result>(_ body: (OpaquePointer) -> Result) -> Result {
        unsafe body(handle)
    }
}

/// Lends the bytes to OpenSSL as a BIO, and clears its error queue afterwards.
private func withMemoryBIO<Result>(
    _ bytes: [UInt8],
    _ body: (OpaquePointer) -> Result?,
) -> Result? {
    defer { ERR_clear_error() }
    // The BIO reads the array in place and is freed before the borrow ends.
    return unsafe bytes.withUnsafeBytes { buffer -> Result? in
        guard let bio = unsafe BIO_new_mem_buf(buffer.baseAddress, Int32(buffer.count)) else {
            return nil
        }
        defer { unsafe BIO_free_all(bio) }
        return unsafe body(bio)
    }
}

/// OpenSSL would otherwise ask the terminal for a pass phrase and hold the start.
private func refusePassPhrase(
    _: UnsafeMutablePointer<CChar>?,
    _: Int32,
    _: Int32,
    _: UnsafeMutableRawPointer?,
) -> Int32 { -1 }
