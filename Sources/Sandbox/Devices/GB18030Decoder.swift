internal import CIconv

/// Reads the double-byte characters that a Chinese printer prints.
///
/// Safe because the pointer is private, comes from the library and is closed exactly once; used by one thread at a time.
@safe struct GB18030Decoder: ~Copyable {
    private let converter: UnsafeMutableRawPointer?

    init() { unsafe converter = kioskpay_iconv_open("UTF-8", "GB18030") }

    deinit {
        if let converter = unsafe converter { unsafe kioskpay_iconv_close(converter) }
    }

    /// The character of two bytes; `�` if they are none, or if the C library has no GB18030.
    func character(_ lead: UInt8, _ trail: UInt8) -> String {
        guard let converter = unsafe converter else { return "\u{FFFD}" }
        var output = [UInt8](repeating: 0, count: 16)
        // Both arrays live through the call, with their own counts.
        let count = unsafe kioskpay_iconv(converter, [lead, trail], 2, &output, output.count)
        return count > 0 ? String(decoding: output[..<count], as: UTF8.self) : "\u{FFFD}"
    }
}
