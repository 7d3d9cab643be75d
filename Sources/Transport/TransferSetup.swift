import CCurl

/// What is the same for every transfer of one client.
struct TransferSetup {
    let configuration: HTTPSConfiguration
    let hosts: [HostURL]
    let identity: ClientIdentity?

    /// Throws one sentence naming the value or file that cannot be used.
    init(_ configuration: HTTPSConfiguration) throws(TransportSetupError) {
        self.configuration = configuration
        var hosts = [try HostURL(configuration.primary, key: "primary")]
        if let standby = configuration.standby {
            hosts.append(try HostURL(standby, key: "standby"))
        }
        self.hosts = hosts
        if let proxy = configuration.proxy { try HostURL.checkProxy(proxy) }
        if let caFile = configuration.caFile { try PEMFile.checkAuthorities(caFile) }
        switch (configuration.clientCertificateFile, configuration.clientKeyFile) {
        case (let certificate?, let key?):
            identity = try ClientIdentity(certificateFile: certificate, keyFile: key)
        case (nil, nil):
            identity = nil
        case (let certificate?, nil):
            throw TransportSetupError(
                "The client certificate \(certificate) has no key file; configure both or neither."
            )
        case (nil, let key?):
            throw TransportSetupError(
                "The client key \(key) has no certificate file; configure both or neither."
            )
        }
    }

    /// Makes a transfer ready to start; `false` when libcurl refuses, and then nothing was sent.
    func prepare(_ transfer: Transfer) -> Bool {
        transfer.registerCallbacks()
            && prepareConnection(transfer.easy, isOpening: transfer.isOpening)
            && prepareTrust(transfer.easy, showsCertificate: transfer.showsCertificate)
            && prepareRequest(transfer)
    }

    private func prepareConnection(_ easy: EasyHandle, isOpening: Bool) -> Bool {
        // Of a host's several addresses each gets a share of it.
        let timeout = configuration.connectTimeout
        let connect = (isOpening ? min(timeout, configuration.openingTimeout) : timeout)
            .millisecondsForCurl
        return easy.set(CURLOPT_NOSIGNAL, 1)
            // A name server that does not answer must not hold up the thread when a transfer ends.
            && easy.set(CURLOPT_QUICK_EXIT, 1)
            && easy.set(CURLOPT_PROTOCOLS_STR, "https")
            && easy.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
            && easy.set(CURLOPT_TCP_NODELAY, 1)
            && easy.set(CURLOPT_CONNECTTIMEOUT_MS, connect)
            // Idle connections are watched by us, however long they are idle.
            && easy.set(CURLOPT_MAXAGE_CONN, 365 * 86_400)
            // Empty texts also keep the environment's proxy variables out.
            && easy.set(CURLOPT_PROXY, configuration.proxy ?? "")
            && easy.set(CURLOPT_NOPROXY, "")
            && easy.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
            // Feeds the debug callback, which takes the times of writing.
            && easy.set(CURLOPT_VERBOSE, 1)
    }

    private func prepareTrust(_ easy: EasyHandle, showsCertificate: Bool) -> Bool {
        let atLeast12 = Int(CURL_SSLVERSION_TLSv1_2)
        var isDone =
            easy.set(CURLOPT_SSLVERSION, atLeast12) && easy.set(CURLOPT_SSL_VERIFYPEER, 1)
            && easy.set(CURLOPT_SSL_VERIFYHOST, 2)
            // A resumed session would skip the check of chain, name and dates.
            && easy.set(CURLOPT_SSL_SESSIONID_CACHE, 0)
        if let caFile = configuration.caFile {
            isDone = isDone && easy.set(CURLOPT_CAINFO, caFile)
        }
        guard showsCertificate, let identity else { return isDone }
        return isDone && easy.setFile(CURLOPT_SSLCERT_BLOB, identity.certificate)
            && easy.setFile(CURLOPT_SSLKEY_BLOB, identity.key)
    }

    private func prepareRequest(_ transfer: Transfer) -> Bool {
        let easy = transfer.easy
        let host = hosts[transfer.host].text
        guard easy.set(CURLOPT_USERAGENT, configuration.userAgent),
            easy.set(CURLOPT_FOLLOWLOCATION, 0), easy.set(CURLOPT_PATH_AS_IS, 1)
        else { return false }
        guard let request = transfer.order?.request else {
            return easy.set(CURLOPT_URL, host + "/") && easy.set(CURLOPT_NOBODY, 1)
        }
        return easy.set(CURLOPT_URL, host + request.path) && easy.setBody(request.body)
            && transfer.addHeader("Content-Type: text/xml; charset=utf-8")
            // No waiting for "100 Continue" before the body.
            && transfer.addHeader("Expect:") && transfer.setHeaders()
    }
}

extension Transfer {
    fileprivate func addHeader(_ line: String) -> Bool {
        // The list is ours; libcurl copies the string and returns the list's head.
        guard let list = unsafe curl_slist_append(headers, line) else { return false }
        unsafe headers = unsafe list
        return true
    }

    fileprivate func setHeaders() -> Bool {
        // The list lives as long as the handle.
        unsafe kioskpay_curl_set_list(easy.pointer, CURLOPT_HTTPHEADER, headers) == CURLE_OK
    }
}
