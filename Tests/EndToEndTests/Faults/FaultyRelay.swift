import Glibc
import Synchronization
import Threads

/// The network between the kiosk and the platform: a relay of TCP bytes that goes wrong at one chosen byte. It sees TLS from
/// outside, so a byte can be one of the handshake, of a request or of a reply.
final class FaultyRelay: Sendable {
    enum Direction: String, Hashable, Sendable, CaseIterable {
        case request
        case reply
    }

    enum Fault: String, Hashable, Sendable, CaseIterable {
        /// Both ends see an orderly end of the connection.
        case cut
        /// Both ends see a reset.
        case reset
        /// Nothing comes through any more, and nobody is told.
        case halfOpen
        /// Held for half a second, then goes on.
        case delay
    }

    struct Plan: Hashable, Sendable, CustomStringConvertible {
        let direction: Direction
        /// Bytes of that direction that still pass, counted over all connections since the plan was made.
        let byte: Int
        let fault: Fault

        var description: String {
            "\(fault.rawValue) after byte \(byte) of the \(direction.rawValue)"
        }
    }

    private struct Pair {
        let kiosk: Int32
        let platform: Int32
        var isSilent = false
        var openEnds = 2
    }

    private struct State {
        var target: UInt16 = 0
        var plan: Plan?
        var passed: [Direction: Int] = [:]
        var pairs: [Int: Pair] = [:]
        var nextPair = 0
        var attempts: [Int64] = []
    }

    let port: UInt16
    private let listener: Int32
    private let state = Mutex(State())

    private static let held = Duration.milliseconds(500)

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        self.listener = listener
        var name = Self.loopback(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        // `sockaddr_in` is what calls of AF_INET take; it lives for the calls.
        let result = unsafe withUnsafeMutablePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(listener, pointer, size) + listen(listener, 64)
                    + getsockname(listener, pointer, &size)
            }
        }
        guard listener >= 0, result == 0 else { throw HarnessError("relay: \(errno)") }
        port = UInt16(bigEndian: name.sin_port)
        _ = OwnThread(name: "relay") { self.accept() }
    }

    /// Where it leads to.
    func lead(to port: UInt16?) { state.withLock { $0.target = port ?? 0 } }

    /// Lets this happen from now on, once; `nil` for a good network. Counts from zero.
    func arm(_ plan: Plan?) {
        state.withLock { state in
            state.plan = plan
            state.passed = [:]
        }
    }

    /// Bytes that passed since ``arm(_:)``.
    func passed(_ direction: Direction) -> Int { state.withLock { $0.passed[direction] ?? 0 } }

    /// Whether the plan has come true.
    var hasStruck: Bool { state.withLock { $0.plan == nil } }

    /// When the kiosk tried to connect, whatever came of it, in nanoseconds of the boot clock.
    var attempts: [Int64] { state.withLock { $0.attempts } }

    /// Lets it happen to every live connection, now, idle ones included.
    func strike(_ fault: Fault) {
        for id in state.withLock({ Array($0.pairs.keys) }) { apply(fault, to: id) }
    }

    func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        strike(.reset)
    }

    // MARK: - Inside

    private func accept() {
        while case let kiosk = Glibc.accept(listener, nil, nil), kiosk >= 0 {
            let target = state.withLock { state in
                state.attempts.append(BootClock.nanoseconds())
                return state.target
            }
            guard let platform = connect(target) else {
                Self.reset(kiosk)
                Glibc.close(kiosk)
                continue
            }
            for end in [kiosk, platform] { Self.prepare(end) }
            let id = state.withLock { state in
                state.nextPair += 1
                state.pairs[state.nextPair] = Pair(kiosk: kiosk, platform: platform)
                return state.nextPair
            }
            _ = OwnThread(name: "relay") { self.copy(.request, from: kiosk, to: platform, id) }
            _ = OwnThread(name: "relay") { self.copy(.reply, from: platform, to: kiosk, id) }
        }
        Glibc.close(listener)
    }

    private func connect(_ port: UInt16) -> Int32? {
        let descriptor = socket(
            AF_INET,
            Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue),
            0
        )
        var name = Self.loopback(port)
        // As above.
        let result = unsafe withUnsafeMutablePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe Glibc.connect(
                    descriptor,
                    pointer,
                    socklen_t(MemoryLayout<sockaddr_in>.size)
                )
            }
        }
        guard result == 0 else {
            Glibc.close(descriptor)
            return nil
        }
        return descriptor
    }

    private func copy(_ direction: Direction, from source: Int32, to target: Int32, _ id: Int) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        // The buffer outlives the calls and has the length passed.
        while case let count = unsafe recv(source, &buffer, buffer.count, 0), count > 0 {
            let (passing, fault) = take(count, direction, id)
            Self.send(buffer[..<passing], to: target)
            guard let fault else { continue }
            apply(fault, to: id)
            if fault == .delay {
                pause()
                Self.send(buffer[passing..<count], to: target)
            }
        }
        end(id)
    }

    /// How many of the bytes pass, and what happens then.
    private func take(_ count: Int, _ direction: Direction, _ id: Int) -> (Int, Fault?) {
        state.withLock { state in
            guard state.pairs[id]?.isSilent == false else { return (0, nil) }
            let before = state.passed[direction] ?? 0
            state.passed[direction] = before + count
            guard let plan = state.plan, plan.direction == direction, before + count >= plan.byte
            else { return (count, nil) }
            state.plan = nil
            return (plan.byte - before, plan.fault)
        }
    }

    private func apply(_ fault: Fault, to id: Int) {
        state.withLock { state in
            guard let pair = state.pairs[id] else { return }
            switch fault {
            case .cut, .reset:
                for end in [pair.kiosk, pair.platform] {
                    if fault == .reset { Self.reset(end) }
                    shutdown(end, Int32(SHUT_RDWR))
                }
                state.pairs[id]?.isSilent = true
            case .halfOpen: state.pairs[id]?.isSilent = true
            case .delay: break
            }
        }
    }

    private func pause() {
        var time = timespec(tv_sec: 0, tv_nsec: Int(BootClock.nanoseconds(of: Self.held)))
        // Interrupted, the delay is shorter, which no test minds.
        unsafe nanosleep(&time, nil)
    }

    /// One side has ended: so does the other, as with a connection without a relay.
    private func end(_ id: Int) {
        state.withLock { state in
            guard var pair = state.pairs[id] else { return }
            pair.openEnds -= 1
            state.pairs[id] = pair
            if pair.openEnds == 1 {
                for end in [pair.kiosk, pair.platform] { shutdown(end, Int32(SHUT_RDWR)) }
            } else {
                state.pairs[id] = nil
                for end in [pair.kiosk, pair.platform] { Glibc.close(end) }
            }
        }
    }

    private static func prepare(_ descriptor: Int32) {
        var one: Int32 = 1
        // Copied by the kernel.
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    /// From now on closing resets.
    private static func reset(_ descriptor: Int32) {
        var option = linger(l_onoff: 1, l_linger: 0)
        // Copied by the kernel.
        unsafe setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_LINGER,
            &option,
            socklen_t(MemoryLayout<linger>.size)
        )
    }

    private static func send(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) {
        var rest = bytes
        while !rest.isEmpty {
            // The slice is contiguous and lives through the call.
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            // Whoever has gone needs no more bytes.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
