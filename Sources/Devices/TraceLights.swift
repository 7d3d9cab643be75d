internal import Glibc
internal import Payments
internal import Synchronization
internal import Threads

/// Lights for a computer without GPIO: each change becomes a line `<monotonic ms> <name> <0|1>` at
/// the end of a file.
///
/// The milliseconds are the boot clock's. All five lights are written at the opening, where nothing
/// is known before.
final class TraceLights: LightDriver {
    private let trace: Mutex<Trace>

    private struct Trace {
        var descriptor: Int32
        var shown: LightLevels
    }

    init(file: String) throws(LightsError) {
        // The path is a string that lives through the call.
        let descriptor = unsafe open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw LightsError(
                description: "The lights' trace file \(file) cannot be opened; correct lights.file "
                    + "or the folder's permissions."
            )
        }
        trace = Mutex(Trace(descriptor: descriptor, shown: .safe))
        for name in LightName.allCases {
            guard Self.append(name, isLit: LightLevels.safe[name], to: descriptor) else {
                Glibc.close(descriptor)
                throw LightsError(
                    description: "The lights' trace file \(file) cannot be written; correct "
                        + "lights.file or make room on the disk."
                )
            }
        }
    }

    func set(_ levels: LightLevels) -> Bool {
        trace.withLock { trace in
            var worked = true
            for name in LightName.allCases where levels[name] != trace.shown[name] {
                worked = Self.append(name, isLit: levels[name], to: trace.descriptor) && worked
            }
            trace.shown = levels
            return worked
        }
    }

    func close() {
        trace.withLock { trace in
            if trace.descriptor >= 0 { Glibc.close(trace.descriptor) }
            trace.descriptor = -1
        }
    }

    /// One write per line, so that a reader never sees half of one.
    private static func append(_ name: LightName, isLit: Bool, to descriptor: Int32) -> Bool {
        let milliseconds = BootClock.now().nanoseconds / 1_000_000
        let line = Array("\(milliseconds) \(name.rawValue) \(isLit ? 1 : 0)\n".utf8)
        // The array lives through the call, with its own count.
        return unsafe write(descriptor, line, line.count) == line.count
    }
}
