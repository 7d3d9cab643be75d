import Glibc

extension [UInt8] {
    /// Whether `needle` stands anywhere in the bytes.
    func contains(bytes needle: [UInt8]) -> Bool {
        guard let first = needle.first, needle.count <= count else { return needle.isEmpty }
        // Every access is within the array, which is not changed meanwhile.
        return unsafe withUnsafeBytes { all in
            guard let start = all.baseAddress else { return false }
            var offset = 0
            while offset + needle.count <= all.count {
                let left = all.count - needle.count + 1 - offset
                guard let hit = unsafe memchr(start + offset, Int32(first), left) else {
                    return false
                }
                if unsafe memcmp(hit, needle, needle.count) == 0 { return true }
                offset = unsafe UnsafeRawPointer(hit) - start + 1
            }
            return false
        }
    }
}
