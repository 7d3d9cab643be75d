internal import Payments

#if DEBUG
    internal import Glibc
    internal import Synchronization

    /// Places at which a debug build can be made to end as at a power cut: before and after everything that leaves the kiosk or
    /// is recorded, and at everything that comes back, before the machine hears of it. A release build has none of this.
    ///
    /// `KIOSKPAY_CRASH_AT=before-submit:2` ends the process where a submit would begin for the second time.
    /// `KIOSKPAY_CRASH_TRACE=FILE` writes the name of every point that is passed.
    enum CrashPoint {
        /// How the process ends there, so that a test knows it from every other end.
        private static let exitCode: Int32 = 86

        /// What is neither stored nor seen outside is no boundary.
        private static let ignored: Set<String> = [
            "arm", "disarm", "prepareSubmit", "openAhead", "show", "notice", "discardScans",
            "probe", "stop",
            "timerFired", "networkChanged", "deviceChanged", "probeEnded", "serviceModeAsked",
            "stopAsked",
        ]

        private static let target = variable("KIOSKPAY_CRASH_AT")
        private static let trace: Int32 =
            variable("KIOSKPAY_CRASH_TRACE").map { path in
                // The path is bridged for the call.
                unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            } ?? -1
        private static let passed = Mutex<[String: Int]>([:])

        static func pass(before action: TillAction) { pass("before-", action) }
        static func pass(after action: TillAction) { pass("after-", action) }
        static func pass(on event: TillEvent) { pass("on-", event) }

        private static func pass(_ side: String, _ word: Any) {
            guard target != nil || trace >= 0 else { return }
            // The case's name alone: what it carries can be a payment code (rule G1).
            let name = Mirror(reflecting: word).children.first?.label ?? "\(word)"
            guard !ignored.contains(name) else { return }
            let point = side + name
            passed.withLock { passed in
                passed[point, default: 0] += 1
                if trace >= 0 { write(point + "\n") }
                // No handler, no flush, no unwinding: what is not on its way by now is lost.
                if target == "\(point):\(passed[point] ?? 0)" { _exit(exitCode) }
            }
        }

        private static func write(_ line: String) {
            let bytes = Array(line.utf8)
            // The array lives through the call, with its own count.
            _ = unsafe Glibc.write(trace, bytes, bytes.count)
        }

        private static func variable(_ name: String) -> String? {
            // The string is copied at once; nobody here changes the environment.
            unsafe getenv(name).map { unsafe String(cString: $0) }
        }
    }
#else
    /// See the debug build.
    enum CrashPoint {
        @inline(__always) static func pass(before action: TillAction) {}
        @inline(__always) static func pass(after action: TillAction) {}
        @inline(__always) static func pass(on event: TillEvent) {}
    }
#endif
