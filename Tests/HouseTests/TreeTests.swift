import Testing

@Suite("The tree")
struct TreeTests {
    @Test("Nothing that a build makes is tracked", .enabled(if: Tree.isCheckout))
    func tracked() throws {
        let (status, output) = try Tree.run("git ls-files")
        try #require(status == 0, "\(output)")
        let files = output.split(separator: "\n")
        #expect(files.contains("Package.swift"))
        for file in files {
            let parts = file.split(separator: "/")
            #expect(parts.last != "Package.resolved", "\(file)")
            #expect(!parts.contains { $0.hasPrefix(".build") }, "\(file)")
        }
    }

    @Test("Every script answers --help, says how it is used, and does nothing else")
    func help() throws {
        let scripts = try Tree.scripts()
        #expect(scripts.contains("tools/test"))
        for script in scripts {
            let (status, output) = try Tree.run("\"./\(script)\" --help")
            #expect(status == 0, "\(script): \(output)")
            #expect(output.lowercased().contains("usage"), "\(script): \(output)")
        }
    }

    @Test("Scripts of bash stop at the first error and parse")
    func scripts() throws {
        for script in try Tree.scripts() {
            let text = try Tree.text(of: script)
            guard text.hasPrefix("#!/usr/bin/env bash") else { continue }
            #expect(text.contains("\nset -euo pipefail\n"), "\(script)")
            let (status, output) = try Tree.run("bash -n \"\(script)\"")
            #expect(status == 0, "\(script): \(output)")
        }
    }

    @Test("Crash points are read and named inside `#if DEBUG` of one file, so a release has none")
    func crashPoints() throws {
        for (_, path) in try Tree.sources() {
            let text = try Tree.text(of: path)
            guard path != "Sources/Kiosk/CrashPoint.swift" else {
                let parts = text.split(separator: "#else")
                #expect(parts.count == 2 && parts[0].contains("\n#if DEBUG\n"))
                #expect(parts.last?.contains("KIOSKPAY") == false)
                #expect(parts.last?.contains("exit") == false)
                continue
            }
            #expect(!text.contains("KIOSKPAY_CRASH"), "\(path)")
        }
    }

    @Test("No source file is longer than 800 lines")
    func length() throws {
        for (_, path) in try Tree.sources() {
            let lines = try Tree.text(of: path).split(
                separator: "\n",
                omittingEmptySubsequences: false
            )
            #expect(lines.count <= 801, "\(path) has \(lines.count) lines")
        }
    }
}
