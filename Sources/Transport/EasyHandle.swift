import CCurl

/// One libcurl easy handle. Lives on the transport thread; freed by `free()` after it left its
/// multi handle.
@safe struct EasyHandle {
    /// Valid until `free()`.
    let pointer: UnsafeMutableRawPointer

    /// Tells handles apart.
    var key: UInt { unsafe UInt(bitPattern: pointer) }

    /// `nil` only without memory.
    init?() {
        guard let pointer = unsafe curl_easy_init() else { return nil }
        unsafe self.pointer = unsafe pointer
    }

    // All options are known to every libcurl since 7.85, so that a refused one is a fault of ours
    // or lack of memory; the transfer then fails before anything is sent.

    func set(_ option: CURLoption, _ value: Int) -> Bool {
        unsafe kioskpay_curl_set_long(pointer, option, value) == CURLE_OK
    }

    /// libcurl copies the string.
    func set(_ option: CURLoption, _ value: String) -> Bool {
        unsafe kioskpay_curl_set_string(pointer, option, value) == CURLE_OK
    }

    /// libcurl copies the bytes.
    func setBody(_ bytes: [UInt8]) -> Bool {
        // A pointer is needed also for an empty body, where nothing is read through it.
        unsafe kioskpay_curl_set_body(pointer, bytes.isEmpty ? [0] : bytes, bytes.count) == CURLE_OK
    }

    /// A file given as bytes; libcurl copies them.
    func setFile(_ option: CURLoption, _ bytes: [UInt8]) -> Bool {
        var bytes = bytes
        return unsafe kioskpay_curl_set_file(pointer, option, &bytes, bytes.count) == CURLE_OK
    }

    var responseCode: Int {
        var code = 0
        // Fails only for an unknown kind of information.
        _ = unsafe kioskpay_curl_get_long(pointer, CURLINFO_RESPONSE_CODE, &code)
        return code
    }

    /// Whether an HTTP proxy has opened its tunnel; never with another kind of proxy.
    var hasTunnel: Bool {
        var code = 0
        // Fails only for an unknown kind of information.
        _ = unsafe kioskpay_curl_get_long(pointer, CURLINFO_HTTP_CONNECTCODE, &code)
        return (200..<300).contains(code)
    }

    func free() { unsafe curl_easy_cleanup(pointer) }
}
