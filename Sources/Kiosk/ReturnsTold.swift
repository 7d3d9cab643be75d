import Glibc
internal import Payments

/// Orders whose payers were told that their money goes back, when the journal could not be written (rule A3): a file beside the
/// socket, in memory on a kiosk, so that the failing disk has no part in it and a restart in the same boot still knows.
///
/// Each line has the boot's id and an order number. Lines of other boots count no more, and lines that are torn never did.
struct ReturnsTold: Sendable {
    /// What the file's name adds to the socket's.
    static let suffix = ".returns"
    /// Storage that fails ends the sales, so a boot has few of them.
    private static let maximumBytes = 64 * 1024

    let path: String
    let bootID: BootID

    /// The orders of this boot. A file without any is removed.
    func read() -> Set<OrderNumber> {
        // Without O_NONBLOCK a FIFO in the file's place would hold the start for ever. The path outlives the call.
        let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        let descriptor = unsafe open(path, flags)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Self.maximumBytes)
        // The array outlives the call and has the length passed.
        let count = unsafe Glibc.read(descriptor, &bytes, bytes.count)
        // What cannot be read now may be read by the next start.
        guard count >= 0 else { return [] }
        var orders: Set<OrderNumber> = []
        for line in bytes.prefix(count).split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            guard words.count == 2, words[0].elementsEqual(bootID.text.utf8),
                let order = OrderNumber(String(decoding: words[1], as: UTF8.self))
            else { continue }
            orders.insert(order)
        }
        // A file that stays does no harm. The path outlives the call.
        if orders.isEmpty { unsafe unlink(path) }
        return orders
    }

    /// - Returns: why it could not be noted; `nil` if it was.
    func add(_ order: OrderNumber) -> String? {
        // The texts outlive the calls.
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW
        let descriptor = unsafe open(path, flags, 0o600)
        guard descriptor >= 0 else { return SystemCall.reason(errno) }
        defer { close(descriptor) }
        // One write of a short line is whole or not there; a line end first parts it from a torn one.
        let line = Array("\n\(bootID.text) \(order.text)\n".utf8)
        let count = unsafe write(descriptor, line, line.count)
        return count == line.count ? nil : SystemCall.reason(errno)
    }
}
