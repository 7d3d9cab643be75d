import Synchronization
import TestKit
import Testing

/// Finds a boundary that no scenario comes to: when all of them were played, each kind that `CrashPoint` can name must have
/// been passed in one of them.
struct EveryBoundary: SuiteTrait, TestScoping {
    private struct Traced {
        var scenarios: Set<CrashScenario> = []
        var kinds: Set<Substring> = []
    }

    private static let traced = Mutex(Traced())

    static func note(_ points: [Substring], of scenario: CrashScenario) {
        traced.withLock { traced in
            traced.scenarios.insert(scenario)
            traced.kinds.formUnion(points)
        }
    }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void,
    ) async throws {
        try await function()
        let traced = Self.traced.withLock { $0 }
        // One that is played alone, or that failed before it came to its end, says nothing of the others.
        guard traced.scenarios.count == CrashScenario.allCases.count else { return }
        let kinds = try Self.kinds()
        print("\(traced.kinds.count) of \(kinds.count) kinds of boundary were passed")
        let missing = kinds.subtracting(traced.kinds)
        #expect(missing.isEmpty, "no scenario comes to \(missing.sorted())")
        let strange = traced.kinds.subtracting(kinds)
        #expect(strange.isEmpty, "not found in the sources: \(strange.sorted())")
    }

    // MARK: - What there is to come to

    private static let sources =
        "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/Sources/"

    /// Read from the sources, so that a new one is among them: `CrashPoint` names a boundary after the case of the word.
    private static func kinds() throws -> Set<Substring> {
        let point = try text("Kiosk/CrashPoint.swift")
        let list = try #require(point.split(separator: "ignored: Set<String> = [").last)
        let ignored = Set(list.prefix { $0 != "]" }.split(separator: "\"").filter(isName))
        #expect(ignored.count > 10, "\(ignored)")
        let actions = try cases(of: "TillAction").subtracting(ignored)
        let events = try cases(of: "TillEvent").subtracting(ignored)
        return Set(
            actions.flatMap { ["before-\($0)", "after-\($0)"] } + events.map { "on-\($0)" }
        )
    }

    private static func cases(of word: String) throws -> Set<Substring> {
        let lines = try text("Payments/\(word).swift").split(separator: "\n")
        let body = lines.drop { !$0.hasPrefix("package enum \(word)") }.prefix { $0 != "}" }
        let names = body.filter { $0.hasPrefix("    case ") }.map { line in
            line.dropFirst(9).prefix { $0 != "(" }
        }
        #expect(names.count > 15 && names.allSatisfy(isName), "\(names)")
        return Set(names)
    }

    private static func isName(_ text: Substring) -> Bool { text.allSatisfy(\.isLetter) }

    private static func text(_ path: String) throws -> String {
        String(decoding: try #require(Files.bytes(sources + path)), as: UTF8.self)
    }
}
