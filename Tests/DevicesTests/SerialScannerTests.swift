import Devices
import Glibc
import Payments
import Sandbox
import TestKit
import Testing
import Threads

@Suite("Scanner on a port", .timeLimit(.minutes(1)))
struct SerialScannerTests {
    @Test("A scan comes out as one frame, stamped on the boot clock")
    func scan() async throws {
        let device = try SimulatedScanner()
        defer { device.close() }
        let rig = ScannerRig(port: device.path)
        defer { rig.scanner.stop() }
        var frames = rig.frames.makeAsyncIterator()
        var states = rig.states.makeAsyncIterator()
        #expect(await states.next() == .ready)

        device.scan(code(1), suffix: .carriageReturnLineFeed, prefix: "]Q1")
        let frame = try #require(await frames.next())
        #expect(frame.text == code(1))
        #expect(frame.firstByte <= frame.lastByte)
        #expect(frame.lastByte > 0)

        // Without a suffix silence ends it; in pieces it is still one.
        device.scan(code(2), suffix: .none)
        #expect(await frames.next()?.text == code(2))
        device.scan(code(3), chunks: [5, 13])
        #expect(await frames.next()?.text == code(3))
    }

    @Test("Unplugged and plugged in again behind its stable path, the scanner comes back by itself")
    func replug() async throws {
        let folder = try TestFolder()
        let device = try SimulatedScanner(link: folder.path + "/scanner")
        defer { device.close() }
        let rig = ScannerRig(port: device.path)
        defer { rig.scanner.stop() }
        var frames = rig.frames.makeAsyncIterator()
        var states = rig.states.makeAsyncIterator()
        #expect(await states.next() == .ready)

        device.unplug()
        #expect(await states.next() == .absent(.unplugged))
        #expect(await states.next() == .absent(.notFound))
        try device.plug()
        #expect(await states.next() == .ready)
        device.scan(code(4))
        #expect(await frames.next()?.text == code(4))
    }

    @Test("A port that is not there, not a port or not allowed is a state with a reason")
    func wrongPorts() async throws {
        let folder = try TestFolder()
        let file = folder.file("file")
        try Files.write("", to: file)
        for (path, trouble) in [
            ("/dev/no-such-port", DeviceTrouble.notFound),
            (file, .notASerialPort),
            ("/dev/null", .notASerialPort),
            (folder.path, .notASerialPort),
            ("", .notFound),
        ] {
            let rig = ScannerRig(port: path)
            var states = rig.states.makeAsyncIterator()
            #expect(await states.next() == .absent(trouble), "\(path)")
            rig.scanner.stop()
            #expect(await states.next() == .absent(.stopped))
        }
    }

    @Test("A second owner of the port is told that it is busy")
    func busy() async throws {
        let device = try SimulatedScanner()
        defer { device.close() }
        let first = ScannerRig(port: device.path)
        var firstStates = first.states.makeAsyncIterator()
        #expect(await firstStates.next() == .ready)
        let second = ScannerRig(port: device.path)
        defer { second.scanner.stop() }
        var secondStates = second.states.makeAsyncIterator()
        #expect(await secondStates.next() == .absent(.busy))
        // When the first lets go, the second has it.
        first.scanner.stop()
        #expect(await secondStates.next() == .ready)
    }

    @Test("What waited is discarded, and what comes later is not, however late the thread (B8)")
    func discard() async throws {
        let device = try SimulatedScanner()
        defer { device.close() }
        let line = try WaitingBytes(path: device.path)
        let gate = Gate()
        let rig = ScannerRig(port: device.path) { if $0.text == "busy" { gate.wait() } }
        defer { rig.scanner.stop() }
        var frames = rig.frames.makeAsyncIterator()
        var states = rig.states.makeAsyncIterator()
        #expect(await states.next() == .ready)

        // The thread is held up, as on a busy machine.
        device.scan("busy")
        #expect(await frames.next()?.text == "busy")
        device.scan(code(4))
        device.send(Array("1345".utf8))
        try await line.wait(for: 19 + 4)
        rig.scanner.discardPending()
        // The rest of a frame that had begun goes with it; the scan after it was shown in time.
        device.send(Array("67\r".utf8))
        device.scan(code(5))
        try await line.wait(for: 19 + 4 + 3 + 19)
        gate.open()
        #expect(await frames.next()?.text == code(5))

        // With nothing waiting there is nothing to lose.
        rig.scanner.discardPending()
        device.scan(code(6))
        #expect(await frames.next()?.text == code(6))
    }

    // It was told ready and flooding once a second, for as long as the flood lasted.
    @Test("A scanner that sends without end is out until it has calmed down, and is told so once")
    func flood() async throws {
        let device = try SimulatedScanner()
        defer { device.close() }
        let rig = ScannerRig(port: device.path)
        defer { rig.scanner.stop() }
        var frames = rig.frames.makeAsyncIterator()
        var states = rig.states.makeAsyncIterator()
        #expect(await states.next() == .ready)
        // Some five seconds of it, at the pace at which it is taken; codes in it are nobody's.
        let noise = [UInt8](repeating: 0x37, count: 40_000)
        device.send(noise + Array("\r\(code(8))\r".utf8) + noise + noise)
        #expect(await states.next() == .attention(.flooding))
        #expect(await states.next() == .ready)
        device.send([0x0D])
        device.scan(code(7))
        #expect(await frames.next()?.text == code(7))
        rig.scanner.stop()
        #expect(await states.next() == .absent(.stopped))
    }

    @Test("Scans that cannot be read in a row are told, and the first that can ends it")
    func unreadable() async throws {
        let device = try SimulatedScanner()
        defer { device.close() }
        let rig = ScannerRig(port: device.path)
        defer { rig.scanner.stop() }
        var frames = rig.frames.makeAsyncIterator()
        var states = rig.states.makeAsyncIterator()
        #expect(await states.next() == .ready)
        // What another baud rate makes of two codes: not yet worth a word.
        for _ in 0..<2 { device.send([0x86, 0x98, 0x31, 0x9E, 0x0D]) }
        device.scan(code(1))
        #expect(await frames.next()?.text == code(1))
        for _ in 0..<3 { device.send([0x86, 0x98, 0x31, 0x9E, 0x0D]) }
        #expect(await states.next() == .attention(.unreadable))
        #expect(rig.scanner.state.isUsable)
        device.scan(code(2))
        #expect(await frames.next()?.text == code(2))
        #expect(await states.next() == .ready)
    }

    private func code(_ number: Int) -> String { "13456789012345678\(number)" }
}

/// A scanner whose frames and states can be awaited.
private struct ScannerRig {
    let scanner: SerialScanner
    let frames: AsyncStream<ScannedFrame>
    let states: AsyncStream<DeviceState>

    /// - Parameter hold: runs on the scanner's thread after each frame.
    init(port: String, hold: @escaping @Sendable (ScannedFrame) -> Void = { _ in }) {
        let (frames, frame) = AsyncStream<ScannedFrame>.makeStream()
        let (states, state) = AsyncStream<DeviceState>.makeStream()
        self.frames = frames
        self.states = states
        scanner = SerialScanner(
            settings: SerialSettings(port: port),
            onFrame: {
                frame.yield($0)
                hold($0)
            },
            onState: { state.yield($0) },
        )
        scanner.start()
    }
}

/// Holds up one thread until it is opened.
private final class Gate: Sendable {
    private let wake = WakeDescriptor()

    func wait() { _ = wake.wait(atMost: .seconds(20)) }
    func open() { wake.signal() }
}

/// The port seen beside its owner: how many bytes wait to be read.
private final class WaitingBytes: Sendable {
    private let descriptor: Int32

    init(path: String) throws {
        // The path lives for the call.
        descriptor = unsafe open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        try #require(descriptor >= 0)
    }

    deinit { close(descriptor) }

    func wait(for count: Int32) async throws {
        for _ in 0..<2_000 {
            var waiting: Int32 = 0
            // The kernel writes one int.
            let result = unsafe ioctl(descriptor, UInt(FIONREAD), &waiting)
            try #require(result == 0)
            if waiting >= count { return }
            // The terminal hands bytes over by itself; nothing tells when.
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("\(count) bytes did not arrive")
    }
}
