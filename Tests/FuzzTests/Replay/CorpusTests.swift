import Glibc
import Testing

/// Each file below `Tests/Corpus` is an input that fuzzing began with or one that it found.
@Suite("What fuzzing began with and found", .serialized)
struct CorpusTests {
    @Test("Every input keeps its target's promises", arguments: FuzzTarget.allCases)
    func replay(target: FuzzTarget) throws {
        let inputs = try Corpus.inputs(of: target)
        #expect(!inputs.isEmpty, "Tests/Corpus/\(target.rawValue) has no files")
        defer { ConfigurationCheck.removeFile() }
        for (name, bytes) in inputs {
            let finding = target.finding(in: bytes)
            #expect(finding == nil, "\(target.rawValue)/\(name)")
        }
    }

    @Test("Every verdict on a reply is reached by an input: none of its checks is for nothing")
    func verdicts() throws {
        let reached = try Corpus.inputs(of: .v2Reply).map { try V2ReplyCheck($0.bytes).verdict() }
        #expect(Set(reached) == Set(V2ReplyCheck.Verdict.allCases))
    }

    @Test("The corpus has a folder for each target and no other")
    func folders() throws {
        #expect(try Corpus.folders() == FuzzTarget.allCases.map(\.rawValue).sorted())
    }
}
