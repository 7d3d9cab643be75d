import Glibc
import Payments
import TestKit
import Testing

@testable import Kiosk

/// What outlives a process whose storage has failed (A3).
@Suite("Returns that were told and could not be stored (A3)")
struct ReturnsToldTests {
    private static func orders(_ count: Int) -> [OrderNumber] {
        guard let kiosk = KioskID("K0007") else { return [] }
        var generator = SplitMix64(seed: 3)
        return (0..<count).map { _ in OrderNumber(kiosk: kiosk, using: &generator) }
    }

    private static func inFolder(_ body: (String) throws -> Void) throws {
        let folder = try Files.makeTemporaryFolder()
        defer { Files.removeTree(folder) }
        try body(folder + "/kiosk.sock.returns")
    }

    @Test("What was noted is there after a restart, and not in another boot")
    func sameBoot() throws {
        try Self.inFolder { path in
            let orders = Self.orders(3)
            let returns = ReturnsTold(path: path, bootID: BootID("boot-1"))
            #expect(returns.read().isEmpty)
            for order in orders + orders { #expect(returns.add(order) == nil) }
            #expect(ReturnsTold(path: path, bootID: BootID("boot-1")).read() == Set(orders))
            #expect(ReturnsTold(path: path, bootID: BootID("boot-2")).read().isEmpty)
            // Of no use any more, so it is gone.
            #expect(!Files.exists(path))
        }
    }

    @Test("Torn, foreign and hostile lines are nobody's")
    func torn() throws {
        try Self.inFolder { path in
            let order = Self.orders(2)
            let good = "boot-1 \(order[0])\n"
            let text =
                "boot-1 \(order[1].text.dropLast())\nboot-1\n\u{0}\nboot-1  \(order[1])\nboot-1 \(order[1]) x\n"
                + good + "boot-1 \(order[1])boot"
            try Files.write(text, to: path)
            let returns = ReturnsTold(path: path, bootID: BootID("boot-1"))
            #expect(returns.read() == [order[0]])
            #expect(returns.add(order[1]) == nil)
            #expect(returns.read() == Set(order))
        }
    }

    @Test("A place that takes no file is told, and costs nothing else")
    func noPlace() throws {
        try Self.inFolder { path in
            let returns = ReturnsTold(path: path + "/none/x", bootID: BootID("b"))
            #expect(returns.add(Self.orders(1)[0]) == "No such file or directory")
            #expect(returns.read().isEmpty)
            // The path outlives the call.
            #expect(unsafe mkfifo(path, 0o600) == 0)
            #expect(ReturnsTold(path: path, bootID: BootID("b")).read().isEmpty)
        }
    }

    @Test("What cannot be read now is kept for the next start")
    func unreadable() throws {
        try Self.inFolder { path in
            // A pipe that is open for writing and empty: it opens, and the read fails. The path outlives the calls.
            #expect(unsafe mkfifo(path, 0o600) == 0)
            let writer = unsafe open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
            defer { close(writer) }
            #expect(ReturnsTold(path: path, bootID: BootID("b")).read().isEmpty)
            #expect(Files.exists(path))
        }
    }
}
