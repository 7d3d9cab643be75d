import CCurl
import COpenSSL

// libcurl's callbacks. Their user pointer is the unretained `Transfer` (for closing, the
// `SocketTable`): the loop keeps a transfer until it is out of the multi handle, and the table until
// the multi handle is gone, so the object is alive in each call. All run on the transport thread.

extension Transfer {
    /// Registers every callback; `false` when libcurl refuses one.
    func registerCallbacks() -> Bool {
        // As said above.
        let this = unsafe Unmanaged.passUnretained(self).toOpaque()
        let table = unsafe Unmanaged.passUnretained(sockets).toOpaque()
        let handle = unsafe easy.pointer
        let codes = unsafe [
            kioskpay_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, message),
            kioskpay_curl_set_pointer(handle, CURLOPT_PREREQDATA, this),
            kioskpay_curl_on_request(handle, requestBegins),
            kioskpay_curl_set_pointer(handle, CURLOPT_OPENSOCKETDATA, this),
            kioskpay_curl_on_open(handle, socketIsWanted),
            kioskpay_curl_set_pointer(handle, CURLOPT_CLOSESOCKETDATA, table),
            kioskpay_curl_on_close(handle, socketCloses),
            kioskpay_curl_set_pointer(handle, CURLOPT_WRITEDATA, this),
            kioskpay_curl_on_data(handle, CURLOPT_WRITEFUNCTION, bodyArrives),
            kioskpay_curl_set_pointer(handle, CURLOPT_HEADERDATA, this),
            kioskpay_curl_on_data(handle, CURLOPT_HEADERFUNCTION, headerArrives),
            kioskpay_curl_set_pointer(handle, CURLOPT_DEBUGDATA, this),
            kioskpay_curl_on_debug(handle, bytesPass),
            kioskpay_curl_set_pointer(handle, CURLOPT_SSL_CTX_DATA, this),
            kioskpay_curl_on_context(handle, contextIsMade),
        ]
        return codes.allSatisfy { $0 == CURLE_OK }
    }

    fileprivate static func from(_ pointer: UnsafeMutableRawPointer?) -> Transfer? {
        guard let pointer = unsafe pointer else { return nil }
        return unsafe Unmanaged<Transfer>.fromOpaque(pointer).takeUnretainedValue()
    }
}

private func requestBegins(
    _ user: UnsafeMutableRawPointer?, _ peerAddress: UnsafeMutablePointer<CChar>?,
    _ localAddress: UnsafeMutablePointer<CChar>?, _ peerPort: Int32, _ localPort: Int32
) -> Int32 {
    guard let transfer = unsafe Transfer.from(user), let peerAddress = unsafe peerAddress,
        let localAddress = unsafe localAddress
    else { return CURL_PREREQFUNC_ABORT }
    // libcurl gives terminated strings.
    let endpoints = unsafe SocketEndpoints(
        localAddress: String(cString: localAddress), localPort: localPort,
        peerAddress: String(cString: peerAddress), peerPort: peerPort)
    return transfer.writingBegins(on: endpoints) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}

private func socketIsWanted(
    _ user: UnsafeMutableRawPointer?, _: curlsocktype, _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let transfer = unsafe Transfer.from(user), let address = unsafe address?.pointee else {
        return -1
    }
    return transfer.socketOpens(
        family: address.family, type: address.socktype, transportProtocol: address.`protocol`)
}

private func socketCloses(
    _ user: UnsafeMutableRawPointer?, _ descriptor: curl_socket_t
) -> Int32 {
    guard let user = unsafe user else { return -1 }
    return unsafe Unmanaged<SocketTable>.fromOpaque(user).takeUnretainedValue().close(descriptor)
}

private func bodyArrives(
    _ bytes: UnsafeMutablePointer<CChar>?, _: Int, _ count: Int, _ user: UnsafeMutableRawPointer?
) -> Int {
    guard let transfer = unsafe Transfer.from(user) else { return 0 }
    // libcurl gives `count` bytes; any other answer than their number ends the transfer.
    let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: count)
    return unsafe transfer.reply.bodyReceived(buffer) ? count : 0
}

private func headerArrives(
    _ bytes: UnsafeMutablePointer<CChar>?, _: Int, _ count: Int, _ user: UnsafeMutableRawPointer?
) -> Int {
    guard let transfer = unsafe Transfer.from(user) else { return 0 }
    // As for the body; one whole line, not terminated.
    let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: count)
    let line = unsafe String(decoding: buffer, as: UTF8.self)
    return transfer.reply.headerReceived(line) ? count : 0
}

/// Called after a write returned, with what was written. The bytes themselves are not looked at.
private func bytesPass(
    _: UnsafeMutableRawPointer?, _ kind: curl_infotype, _: UnsafeMutablePointer<CChar>?,
    _ count: Int, _ user: UnsafeMutableRawPointer?
) -> Int32 {
    switch kind {
    case CURLINFO_HEADER_OUT:
        unsafe Transfer.from(user)?.bytesWritten(ofBody: 0)
    case CURLINFO_DATA_OUT:
        unsafe Transfer.from(user)?.bytesWritten(ofBody: count)
    default:
        break
    }
    return 0
}

/// Rule F1: without a clock the chain and the name are checked, but not the validity dates.
private func contextIsMade(
    _: UnsafeMutableRawPointer?, _ context: UnsafeMutableRawPointer?,
    _ user: UnsafeMutableRawPointer?
) -> CURLcode {
    guard let transfer = unsafe Transfer.from(user), let context = unsafe context else {
        return CURLE_ABORTED_BY_CALLBACK
    }
    guard !transfer.checksValidityDates else { return CURLE_OK }
    // With OpenSSL, libcurl passes its SSL_CTX. The flag goes to the context's own parameters, not to
    // its store of authorities, which libcurl shares between connections.
    guard let parameters = unsafe SSL_CTX_get0_param(OpaquePointer(context)),
        unsafe X509_VERIFY_PARAM_set_flags(parameters, UInt(X509_V_FLAG_NO_CHECK_TIME)) == 1
    else { return CURLE_ABORTED_BY_CALLBACK }
    return CURLE_OK
}
