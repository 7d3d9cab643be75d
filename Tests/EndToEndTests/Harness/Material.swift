import Glibc
import Sandbox
import Synchronization
import TestKit

/// Keys and certificates, made once a run: that takes longer than most tests.
enum Material {
    static let shared: Result<SandboxMaterial, any Error> = Result {
        let folder = try Files.makeTemporaryFolder()
        toRemove.withLock { $0 = folder }
        // The tests' process ends in `exit`, which runs this.
        atexit { Files.removeTree(Material.toRemove.withLock { $0 }) }
        return try SandboxMaterial.prepare(in: folder + "/keys")
    }

    /// Another authority's, whose certificates the first platform does not know.
    static func stranger(in folder: String) throws -> SandboxMaterial {
        try SandboxMaterial.prepare(in: folder + "/stranger")
    }

    private static let toRemove = Mutex("")
}
