internal import CIconv

/// The C library's converter from UTF-8 to GB18030. Not for several threads at once, hence not `Sendable`.
///
/// Safe because the pointer is private, comes from the library and is closed exactly once.
@safe final class GB18030Encoder {
    private let converter: UnsafeMutableRawPointer

    /// `nil` if the C library's conversion modules are not installed.
    init?() {
        guard let opened = unsafe kioskpay_iconv_open("GB18030", "UTF-8") else { return nil }
        unsafe converter = opened
    }

    deinit { unsafe kioskpay_iconv_close(converter) }

    /// One, two or four bytes; `nil` if there are none.
    func bytes(of scalar: Unicode.Scalar) -> [UInt8]? {
        let input = Array(String(scalar).utf8)
        var output = [UInt8](repeating: 0, count: 8)
        // Both arrays live through the call, with their own counts.
        let count = unsafe kioskpay_iconv(
            converter, input, input.count, &output, output.count)
        return count > 0 ? Array(output[..<count]) : nil
    }
}
