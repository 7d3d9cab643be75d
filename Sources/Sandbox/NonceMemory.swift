/// The last `capacity` values of `nonce_str`, to notice one used twice.
struct NonceMemory: Sendable {
    private let capacity: Int
    private var known: Set<String> = []
    private var ring: [String] = []
    private var oldest = 0

    init(capacity: Int) { self.capacity = capacity }

    /// `false` if the value is still known.
    mutating func insert(_ nonce: String) -> Bool {
        guard known.insert(nonce).inserted else { return false }
        if ring.count < capacity {
            ring.append(nonce)
        } else {
            known.remove(ring[oldest])
            ring[oldest] = nonce
            oldest = (oldest + 1) % capacity
        }
        return true
    }
}
