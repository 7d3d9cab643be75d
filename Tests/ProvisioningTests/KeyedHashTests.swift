import Testing

@testable import Provisioning

@Suite("The keyed hash that stands for a payment code (rules B8, G1)")
struct KeyedHashTests {
    private let code = Array("134567890123456789".utf8)

    /// The second value was computed with `openssl dgst -sha256 -mac HMAC` and cut to its first half.
    @Test("It is HMAC-SHA-256 under the key of the state directory")
    func vector() throws {
        let folder = try TemporaryFolder()
        try folder.write("fingerprint.key", Array(0..<32))
        let hash = try KeyedHash(directory: folder.path)
        #expect(hash.hash(code) == "713578b9995a9772ac199d9f86d5a438")
        // A hash leaves nothing behind for the next one.
        #expect(hash.hash([]) != hash.hash(code))
        #expect(hash.hash(code) == "713578b9995a9772ac199d9f86d5a438")
    }

    @Test("A torn key is made anew, and kept; another state directory has another")
    func keys() throws {
        let folder = try TemporaryFolder()
        try folder.write("fingerprint.key", [1, 2, 3])
        let other = try TemporaryFolder()
        try other.write("fingerprint.key", [])
        let first = try KeyedHash(directory: folder.path).hash(code)
        #expect(try KeyedHash(directory: folder.path).hash(code) == first)
        #expect(try KeyedHash(directory: other.path).hash(code) != first)
    }

    @Test("Many threads hash at once and none disturbs another")
    func threads() async throws {
        let folder = try TemporaryFolder()
        try folder.write("fingerprint.key", Array(repeating: 7, count: 32))
        let hash = try KeyedHash(directory: folder.path)
        let expected = (0..<64).map { hash.hash([UInt8($0)]) }
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask { (0..<64).map { hash.hash([UInt8($0)]) } == expected }
            }
            for await isEqual in group { #expect(isEqual) }
        }
    }
}
