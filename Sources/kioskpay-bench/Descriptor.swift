internal import Glibc

/// A file descriptor that is closed with its owner.
struct Descriptor: ~Copyable {
    let number: Int32

    /// Takes over what `call` returned; negative means that it failed just now.
    init(_ number: Int32, of call: String) throws {
        let code = errno
        guard number >= 0 else { throw BenchError(call, code: code) }
        self.number = number
    }

    deinit { close(number) }

    /// At most 16 KiB of what can be read now; empty at the end; `nil` if there is nothing yet.
    func read() throws -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16_384)
        // The array outlives the call and has the length passed.
        let count = unsafe Glibc.read(number, &bytes, bytes.count)
        let code = errno
        if count < 0, code == EAGAIN || code == EINTR { return nil }
        guard count >= 0 else { throw BenchError("read", code: code) }
        return Array(bytes[..<count])
    }

    /// Everything up to the end; for a descriptor that blocks.
    func readToEnd() throws -> [UInt8] {
        var all: [UInt8] = []
        while true {
            guard let bytes = try read() else { continue }
            if bytes.isEmpty { return all }
            all += bytes
        }
    }

    func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            // The slice's memory outlives the call and has the length passed.
            let count = unsafe rest.withUnsafeBytes { raw in
                unsafe Glibc.write(number, raw.baseAddress, raw.count)
            }
            let code = errno
            guard count > 0 || code == EINTR else { throw BenchError("write", code: code) }
            rest = rest.dropFirst(max(0, count))
        }
    }
}
