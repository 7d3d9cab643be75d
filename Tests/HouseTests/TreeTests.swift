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

    @Test("Whoever is installed may open the chips that the rule of udev gives away")
    func chipGroup() throws {
        let rule = try Tree.text(of: "board/70-kioskpay-gpio.rules").split(separator: "\n")
            .filter { !$0.hasPrefix("#") }
        #expect(
            rule == [#"SUBSYSTEM=="gpio", KERNEL=="gpiochip[0-9]*", GROUP="gpio", MODE="0660""#]
        )
        let script = try Tree.text(of: "tools/install")
        for line in [
            "getent group gpio >/dev/null || groupadd --system gpio",
            "usermod --append --groups dialout,gpio kioskpay",
            "install -D -m 0644 board/70-kioskpay-gpio.rules /etc/udev/rules.d/",
        ] {
            #expect(script.contains("\n" + line), "\(line)")
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

    @Test("No file of Swift is longer than 500 lines, and no comment wider than 130 columns")
    func length() throws {
        let paths = try Tree.files(below: "Sources") + Tree.files(below: "Tests")
        for path in paths where path.hasSuffix(".swift") {
            let lines = try Tree.text(of: path).split(
                separator: "\n",
                omittingEmptySubsequences: false
            )
            // The last line ends too.
            #expect(lines.count <= 501, "\(path) has \(lines.count - 1) lines: look for a seam")
            for (number, line) in lines.enumerated() where line.utf8.count > 130 {
                guard line.drop(while: { $0 == " " }).hasPrefix("//") else { continue }
                #expect(line.count <= 130, "\(path):\(number + 1) is \(line.count) columns wide")
            }
        }
    }
}
