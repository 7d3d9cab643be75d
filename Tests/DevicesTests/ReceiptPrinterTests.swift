import Payments
import Sandbox
import TestKit
import Testing
import Threads

@testable import Devices

@Suite("Receipt printer on a port", .timeLimit(.minutes(1)))
struct ReceiptPrinterTests {
    @Test("A slip comes out as it was set, is cut and confirmed", arguments: [32, 42, 48])
    func prints(columns: Int) async throws {
        let device = try SimulatedPrinter(columns: columns)
        defer { device.close() }
        let rig = PrinterRig(port: device.path, SampleSlips.profile(columns: columns))
        defer { rig.printer.stop() }
        let typesetter = SlipTypesetter(
            SampleSlips.profile(columns: columns),
            SampleSlips.merchant(.chinese),
            try SampleSlips.encoder()
        )
        for (name, slip) in try SampleSlips.all() {
            #expect(await rig.print(slip) == .confirmed, "\(name)")
            let lines = try #require(typesetter.lines(of: slip)).map(\.text)
            #expect(device.slips.last?.lines == lines, "\(name)")
        }
        #expect(device.unknownCount == 0)
        #expect(device.unfinishedLines == [])
    }

    @Test("Without cutter and status: fed past the tear bar, sent, and not claimed to be confirmed")
    func cheapPrinter() async throws {
        let device = try SimulatedPrinter(columns: 32, hasCutter: false)
        defer { device.close() }
        device.change { $0.isSilent = true }
        let profile = PrinterProfile(
            name: "cheap",
            columns: 32,
            hasCutter: false,
            reportsStatus: false,
            millimetresPerSecond: 1000
        )
        let (slips, slip) = AsyncStream<PrintResult>.makeStream()
        let rig = PrinterRig(port: device.path, profile)
        defer { rig.printer.stop() }
        rig.printer.print(try SampleSlips.receipt()) { slip.yield($0) }
        var results = slips.makeAsyncIterator()
        #expect(await results.next() == .sentUnconfirmed)
        #expect(rig.printer.state == .ready)
        try await eventually { device.slips.count == 1 }
    }

    @Test("No paper is a state with a reason; the slip waits for the new roll")
    func paperOut() async throws {
        let device = try SimulatedPrinter()
        defer { device.close() }
        device.change { $0.hasPaper = false }
        let rig = PrinterRig(port: device.path)
        defer { rig.printer.stop() }
        var states = rig.states.makeAsyncIterator()
        #expect(await states.next() == .attention(.paperOut))
        async let result = rig.print(try SampleSlips.receipt())
        device.change { $0.hasPaper = true }
        #expect(try await result == .confirmed)
        #expect(device.slips.count == 1)
        #expect(await states.next() == .ready)
    }

    @Test(
        "Paper that ends in the midst of a slip: the printer keeps the rest, and it is printed once"
    )
    func paperEndsInside() async throws {
        let device = try SimulatedPrinter()
        defer { device.close() }
        let rig = PrinterRig(port: device.path)
        defer { rig.printer.stop() }
        var states = rig.states.makeAsyncIterator()
        #expect(await states.next() == .ready)
        device.change { $0.linesLeft = 5 }
        async let result = rig.print(try SampleSlips.receipt())
        #expect(await states.next() == .attention(.paperOut))
        #expect(device.unfinishedLines.count == 5)
        device.change { $0.hasPaper = true }
        #expect(try await result == .confirmed)
        #expect(device.slips.count == 1)
    }

    @Test("An open cover and low paper are told apart; low paper still prints")
    func coverAndLowPaper() async throws {
        let device = try SimulatedPrinter()
        defer { device.close() }
        device.change { $0.isCoverOpen = true }
        let rig = PrinterRig(port: device.path)
        defer { rig.printer.stop() }
        var states = rig.states.makeAsyncIterator()
        #expect(await states.next() == .attention(.coverOpen))
        device.change {
            $0.isCoverOpen = false
            $0.isPaperLow = true
        }
        #expect(await states.next() == .attention(.paperLow))
        #expect(await rig.print(try SampleSlips.receipt()) == .confirmed)
    }

    @Test("A printer that does not answer is a state with a reason, and comes back when it does")
    func silence() async throws {
        let device = try SimulatedPrinter()
        defer { device.close() }
        device.change { $0.isSilent = true }
        let rig = PrinterRig(port: device.path)
        defer { rig.printer.stop() }
        var states = rig.states.makeAsyncIterator()
        #expect(await states.next() == .attention(.noAnswer))
        device.change { $0.isSilent = false }
        #expect(await states.next() == .ready)
    }

    @Test("Garbage without end from the printer is ignored, and the printer works on")
    func garbage() async throws {
        let device = try SimulatedPrinter()
        defer { device.close() }
        let rig = PrinterRig(port: device.path)
        defer { rig.printer.stop() }
        var states = rig.states.makeAsyncIterator()
        #expect(await states.next() == .ready)
        var random = SplitMix64(seed: 11)
        device.sendGarbage((0..<3000).map { _ in UInt8.random(in: 0...255, using: &random) | 0x80 })
        #expect(await rig.print(try SampleSlips.receipt()) == .confirmed)
        device.sendGarbage([UInt8](repeating: 0xA5, count: 60_000))
        #expect(await rig.print(try SampleSlips.receipt()) == .confirmed)
        #expect(device.slips.count == 2)
    }

    // It was told flooding and silent by turns for as long as the flood lasted.
    @Test("A printer that sends without end is out until it has calmed down, and is told so once")
    func flood() async throws {
        let device = try SimulatedPrinter()
        defer { device.close() }
        let rig = PrinterRig(port: device.path)
        defer { rig.printer.stop() }
        var states = rig.states.makeAsyncIterator()
        #expect(await states.next() == .ready)
        // Some five seconds of it, at the pace at which it is taken.
        device.sendGarbage([UInt8](repeating: 0xA5, count: 120_000))
        #expect(await rig.print(try SampleSlips.receipt()) == .confirmed)
        #expect(await states.next() == .attention(.flooding))
        #expect(await states.next() == .ready)
        #expect(device.slips.count == 1)
        rig.printer.stop()
        #expect(await states.next() == .absent(.stopped))
    }

    @Test(
        "Unplugged in the midst of a slip it fails; the next slip stands on its own"
    )
    func replug() async throws {
        let folder = try TestFolder()
        let device = try SimulatedPrinter(link: folder.path + "/printer")
        defer { device.close() }
        let rig = PrinterRig(port: device.path)
        defer { rig.printer.stop() }
        var states = rig.states.makeAsyncIterator()
        #expect(await states.next() == .ready)
        // Without paper the slip cannot be confirmed, so the plug is pulled before it is done.
        device.change { $0.linesLeft = 3 }
        async let lost = rig.print(try SampleSlips.receipt())
        #expect(await states.next() == .attention(.paperOut))
        device.unplug()
        #expect(await states.next() == .absent(.unplugged))
        #expect(try await lost == .failed(.device(.unplugged)))

        device.change { $0.hasPaper = true }
        try device.plug()
        while let state = await states.next(), state != .ready {}
        #expect(await rig.print(try SampleSlips.receipt(description: "second")) == .confirmed)
        let slips = device.slips
        #expect(slips.count == 2)
        #expect(slips.first?.text.contains("second") == false)
        #expect(slips.last?.text.contains("second") == true)
    }

    @Test("At most 8 slips wait; the rest are refused at once, and stopping ends those that wait")
    func queue() async throws {
        let rig = PrinterRig(port: "/dev/no-such-port")
        var states = rig.states.makeAsyncIterator()
        #expect(await states.next() == .absent(.notFound))
        let (results, result) = AsyncStream<PrintResult>.makeStream()
        for _ in 0..<9 { rig.printer.print(try SampleSlips.receipt()) { result.yield($0) } }
        var outcome = results.makeAsyncIterator()
        #expect(await outcome.next() == .failed(.queueFull))
        rig.printer.stop()
        for _ in 0..<8 { #expect(await outcome.next() == .failed(.device(.stopped))) }
        #expect(await rig.print(try SampleSlips.receipt()) == .failed(.device(.stopped)))
    }

    @Test("A slip whose time is over fails with the printer's trouble")
    func expiry() async throws {
        let queue = PrintQueue()
        let (results, result) = AsyncStream<PrintResult>.makeStream()
        let now = BootTime(nanoseconds: 1)
        let job = PrintQueue.Job(
            slip: try SampleSlips.receipt(),
            expires: now + .seconds(60),
            completion: { result.yield($0) }
        )
        #expect(queue.append(job) == nil)
        queue.expire(at: now + .seconds(59), for: .paperOut)
        #expect(queue.nextExpiry == now + .seconds(60))
        queue.expire(at: now + .seconds(60), for: .paperOut)
        #expect(queue.isEmpty)
        var outcome = results.makeAsyncIterator()
        #expect(await outcome.next() == .failed(.device(.paperOut)))
    }

    @Test("A printer without paper for as long as a slip waits: failed, and said why")
    func patience() async throws {
        let device = try SimulatedPrinter()
        defer { device.close() }
        device.change { $0.hasPaper = false }
        var timing = PrinterTiming()
        timing.patience = .milliseconds(300)
        let rig = PrinterRig(port: device.path, timing: timing)
        defer { rig.printer.stop() }
        #expect(await rig.print(try SampleSlips.receipt()) == .failed(.device(.paperOut)))
        device.change { $0.hasPaper = true }
        var states = rig.states.makeAsyncIterator()
        while let state = await states.next(), state != .ready {}
        // Nothing of the slip that failed is printed later.
        #expect(await rig.print(try SampleSlips.receipt(description: "second")) == .confirmed)
        #expect(device.slips.count == 1)
    }

    @Test("A printer that says stop and never go: stalled; the next slip stands on its own")
    func stall() async throws {
        let device = try SimulatedPrinter()
        defer { device.close() }
        var timing = PrinterTiming()
        timing.stallLimit = .milliseconds(200)
        let rig = PrinterRig(port: device.path, timing: timing)
        defer { rig.printer.stop() }
        var states = rig.states.makeAsyncIterator()
        #expect(await states.next() == .ready)
        device.sendGarbage([0x13])
        // The twin says stop when its thread comes to it: slips that are through before that are printed.
        var result = PrintResult.confirmed
        for _ in 0..<50 where result == .confirmed {
            result = await rig.print(try SampleSlips.receipt())
        }
        #expect(result == .failed(.device(.stalled)))
        #expect(await rig.print(try SampleSlips.receipt(description: "second")) == .confirmed)
        #expect(device.slips.last?.text.contains("second") == true)
        #expect(device.unknownCount == 0)
    }

    @Test("A printer that does not know GS r: sent, and not claimed to be confirmed")
    func withoutQueuedStatus() async throws {
        let device = try SimulatedPrinter()
        defer { device.close() }
        device.change { $0.answersQueuedStatus = false }
        var timing = PrinterTiming()
        timing.confirmationMargin = .milliseconds(100)
        timing.troubleInterval = .milliseconds(50)
        let rig = PrinterRig(port: device.path, timing: timing)
        defer { rig.printer.stop() }
        #expect(await rig.print(try SampleSlips.receipt()) == .sentUnconfirmed)
        #expect(device.slips.count == 1)
    }

    @Test("A printer that falls silent in the midst of a slip: failed")
    func fallsSilent() async throws {
        let device = try SimulatedPrinter()
        defer { device.close() }
        var timing = PrinterTiming()
        timing.confirmationMargin = .milliseconds(100)
        timing.troubleInterval = .milliseconds(50)
        let rig = PrinterRig(port: device.path, timing: timing)
        defer { rig.printer.stop() }
        var states = rig.states.makeAsyncIterator()
        #expect(await states.next() == .ready)
        device.change { $0.linesLeft = 2 }
        async let result = rig.print(try SampleSlips.receipt())
        #expect(await states.next() == .attention(.paperOut))
        device.change { $0.isSilent = true }
        #expect(try await result == .failed(.device(.noAnswer)))
    }

    @Test(
        "A program that ends right after its start waits for its printer's first word, and the slip comes out"
    )
    func finishesAtOnce() async throws {
        let device = try SimulatedPrinter()
        defer { device.close() }
        let rig = PrinterRig(port: device.path)
        let (slips, slip) = AsyncStream<PrintResult>.makeStream()
        rig.printer.print(try SampleSlips.receipt()) { slip.yield($0) }
        await rig.finish(atMost: .seconds(20))
        rig.printer.stop()
        var results = slips.makeAsyncIterator()
        #expect(await results.next() == .confirmed)
    }

    @Test(
        "At the end the slips that wait still come out; a printer without paper is not waited for"
    )
    func finishes() async throws {
        let device = try SimulatedPrinter()
        defer { device.close() }
        let rig = PrinterRig(port: device.path)
        defer { rig.printer.stop() }
        var states = rig.states.makeAsyncIterator()
        #expect(await states.next() == .ready)
        async let first = rig.print(try SampleSlips.receipt())
        async let second = rig.print(try SampleSlips.receipt())
        try await eventually { device.slips.count == 1 }
        await rig.finish(atMost: .seconds(20))
        #expect(device.slips.count == 2)
        #expect(try await first == .confirmed)
        #expect(try await second == .confirmed)

        device.change { $0.hasPaper = false }
        async let third = rig.print(try SampleSlips.receipt())
        #expect(await states.next() == .attention(.paperOut))
        let start = ContinuousClock.now
        await rig.finish(atMost: .seconds(20))
        #expect(ContinuousClock.now - start < .seconds(10))
        rig.printer.stop()
        #expect(try await third == .failed(.device(.stopped)))
    }

    @Test("A slip that contradicts itself is not printed (D4)")
    func contradiction() async throws {
        let device = try SimulatedPrinter()
        defer { device.close() }
        let rig = PrinterRig(port: device.path)
        defer { rig.printer.stop() }
        let slip = try SampleSlips.slip(.notCompleted(.paid, nil), nil)
        #expect(await rig.print(slip) == .failed(.contradictory))
        #expect(device.slips == [])
    }
}

/// A printer whose results and states can be awaited.
private struct PrinterRig {
    let printer: ReceiptPrinter
    let states: AsyncStream<DeviceState>

    init(
        port: String,
        _ profile: PrinterProfile = SampleSlips.profile(columns: 48),
        timing: PrinterTiming = PrinterTiming(),
    ) {
        let (states, state) = AsyncStream<DeviceState>.makeStream()
        self.states = states
        printer = ReceiptPrinter(
            settings: SerialSettings(port: port, baud: 115_200),
            profile: profile,
            merchant: SampleSlips.merchant(.chinese),
            timing: timing,
            onState: { state.yield($0) },
        )
        printer.start()
    }

    /// On a thread of its own, because it blocks.
    func finish(atMost limit: Duration) async {
        await withCheckedContinuation { continuation in
            _ = OwnThread(name: "test") {
                printer.finish(atMost: limit)
                continuation.resume()
            }
        }
    }

    func print(_ slip: Slip) async -> PrintResult {
        await withCheckedContinuation { continuation in
            printer.print(slip) { continuation.resume(returning: $0) }
        }
    }
}

/// Waits until something outside the program under test is so, at most a minute.
private func eventually(_ condition: () -> Bool) async throws {
    for _ in 0..<12_000 where !condition() { try await Task.sleep(for: .milliseconds(5)) }
    #expect(condition())
}
