import TestKit
import Testing

@testable import Provisioning

@Suite("The keyed hash that stands for a payment code (rules B8, G1)")
struct KeyedHashTests {
    private let code = Array("134567890123456789".utf8)

    /// The second value was computed with `openssl dgst -sha256 -mac HMAC` and cut to its first half.
    @Test("It is HMAC-SHA-256 under the key of the state directory")
    func vector() throws {
        let folder = try TestFolder()
        try folder.write("fingerprint.key", Array(0..<32))
        let hash = try KeyedHash(directory: folder.path)
        #expect(hash.hash(code) == "713578b9995a9772ac199d9f86d5a438")
        // A hash leaves nothing behind for the next one.
        #expect(hash.hash([]) != hash.hash(code))
        #expect(hash.hash(code) == "713578b9995a9772ac199d9f86d5a438")
    }

    @Test("A torn key is made anew, and kept; another state directory has another")
    func keys() throws {
        let folder = try TestFolder()
        try folder.write("fingerprint.key", [1, 2, 3])
        let other = try TestFolder()
        try other.write("fingerprint.key", [])
        let first = try KeyedHash(directory: folder.path).hash(code)
        #expect(try KeyedHash(directory: folder.path).hash(code) == first)
        #expect(try KeyedHash(directory: other.path).hash(code) != first)
    }

    @Test("Many threads hash at once and none disturbs another")
    func threads() async throws {
        let folder = try TestFolder()
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

@Suite("The hash of what is no secret")
struct ContentHashTests {
    /// FIPS 180-4's examples, and the empty text.
    @Test("It is SHA-256, without a key")
    func vectors() {
        let known = [
            "": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "abc": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq":
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ]
        for (text, hash) in known { #expect(ContentHash.sha256(Array(text.utf8)) == hash) }
    }
}
