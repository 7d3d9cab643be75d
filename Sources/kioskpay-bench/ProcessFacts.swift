internal import Glibc

/// What the kernel counts for a process.
struct ProcessFacts {
    let residentBytes: Int64
    /// Memory of its own alone, and its share of what others use too.
    let proportionalBytes: Int64
    /// Processor time of all its threads, those that ended included.
    let processorNanoseconds: Int64
    /// Bytes it made the kernel write to storage.
    let writtenBytes: Int64
    let threads: [Int64: ThreadFacts]

    struct ThreadFacts {
        let name: String
        /// How often it went to sleep, and so was woken.
        let voluntarySwitches: Int64
        let processorNanoseconds: Int64
    }

    init(of id: pid_t) throws {
        let folder = "/proc/\(id)"
        let status = try ProcFile.text("\(folder)/status")
        let memory = try ProcFile.text("\(folder)/smaps_rollup")
        let io = try ProcFile.text("\(folder)/io")
        guard let resident = ProcFile.number(after: "VmRSS:", in: status),
            let proportional = ProcFile.number(after: "Pss:", in: memory),
            let written = ProcFile.number(after: "write_bytes:", in: io),
            let ticks = Self.processorTicks(try ProcFile.text("\(folder)/stat"))
        else { throw BenchError("The kernel's facts in \(folder) are not as expected.") }
        residentBytes = resident * 1024
        proportionalBytes = proportional * 1024
        writtenBytes = written
        processorNanoseconds = ticks * (1_000_000_000 / Int64(sysconf(Int32(_SC_CLK_TCK))))
        var threads: [Int64: ThreadFacts] = [:]
        for thread in try ProcFile.numbers(in: "\(folder)/task") {
            // A thread that ends meanwhile has no facts.
            threads[thread] = try? ThreadFacts(in: "\(folder)/task/\(thread)")
        }
        self.threads = threads
    }

    /// `utime` and `stime` of `/proc/PID/stat`, fields 14 and 15; the name before them may hold blanks.
    static func processorTicks(_ stat: String) -> Int64? {
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[end...].split(separator: " ")
        guard fields.count > 13, let user = Int64(fields[12]), let system = Int64(fields[13]) else {
            return nil
        }
        return user + system
    }
}

extension ProcessFacts.ThreadFacts {
    fileprivate init(in folder: String) throws {
        let status = try ProcFile.text("\(folder)/status")
        let time = try ProcFile.text("\(folder)/schedstat").split(separator: " ").first
        guard let switches = ProcFile.number(after: "voluntary_ctxt_switches:", in: status),
            let nanoseconds = time.flatMap({ Int64($0) })
        else { throw BenchError("The kernel's facts in \(folder) are not as expected.") }
        name = try ProcFile.text("\(folder)/comm").filter { $0 != "\n" }
        voluntarySwitches = switches
        processorNanoseconds = nanoseconds
    }
}
