/// What is wanted of a release build.
enum Bounds {
    static let mebibyte: Int64 = 1_048_576
    private static let millisecond: Int64 = 1_000_000

    /// Fewer payments than these prove nothing about the bounds on them: neither a p99 nor memory that does not grow.
    static let fewestPayments = 500

    /// Scan to wire above the floor.
    static let medianAboveFloor = millisecond / 2
    static let p99AboveFloor = 3 * millisecond
    static let resident = 40 * mebibyte
    /// What the allocator may still take between the hundredth payment and the last: not growing, but for noise.
    static let growth = mebibyte
    /// And of that in the second half: what takes less and less is an allocator that fills up, what takes as much is a leak.
    static let lateGrowth = mebibyte / 4
    static let start = 150 * millisecond
    /// Millionths per second, and of a core.
    static let idleSwitches: Int64 = 5_000_000
    static let idleShare: Int64 = 2_000
}

extension Report {
    mutating func add(starts: Sample) {
        rows.append(
            Row(
                name: "start to ready",
                unit: .nanoseconds,
                median: starts.median,
                p99: starts.p99,
                medianBound: nil,
                p99Bound: Bounds.start
            )
        )
    }

    mutating func add(payments result: PaymentRun.Result) {
        let (scan, floor) = (result.scanToWire, result.floor)
        let isEnough = scan.values.count >= Bounds.fewestPayments
        guard let scanMedian = scan.median, let scanP99 = scan.p99,
            let floorMedian = floor.median, let floorP99 = floor.p99
        else { return }
        addTime("floor: one commit's fsync", result.floorDisk)
        addTime("floor: fsync and TLS write", floor)
        addTime("scan to wire", scan)
        rows.append(
            Row(
                name: "scan to wire above the floor",
                unit: .nanoseconds,
                median: scanMedian - floorMedian,
                p99: scanP99 - floorP99,
                medianBound: isEnough ? Bounds.medianAboveFloor : nil,
                p99Bound: isEnough ? Bounds.p99AboveFloor : nil
            )
        )
        addCosts(of: result)
        addMemory(of: result, isEnough: isEnough)
        if !isEnough {
            notes.append(
                "fewer than \(Bounds.fewestPayments) payments: nothing is held against bounds on them"
            )
        }
        notes.append("\(scan.values.count) payments, \(result.repeatedScans) scans repeated")
    }

    private mutating func addTime(_ name: String, _ sample: Sample) {
        rows.append(
            Row(name: name, unit: .nanoseconds, median: sample.median, p99: sample.p99)
        )
    }

    private mutating func addCosts(of result: PaymentRun.Result) {
        let count = Int64(result.scanToWire.values.count)
        let processor = result.after.processorNanoseconds - result.before.processorNanoseconds
        let written = result.after.writtenBytes - result.before.writtenBytes
        rows.append(
            Row(name: "CPU per payment", unit: .nanoseconds, median: processor / count)
        )
        rows.append(
            Row(name: "written to storage per payment", unit: .bytes, median: written / count)
        )
    }

    private mutating func addMemory(of result: PaymentRun.Result, isEnough: Bool) {
        let facts = [
            ("RSS after start", result.before), ("RSS after the first payments", result.warm),
            ("RSS after all payments", result.after),
        ]
        for (name, fact) in facts {
            rows.append(
                Row(
                    name: name,
                    unit: .bytes,
                    median: fact.residentBytes,
                    medianBound: isEnough ? Bounds.resident : nil
                )
            )
        }
        let growths = [
            ("RSS growth since the first payments", result.warm, Bounds.growth),
            ("RSS growth in the second half of them", result.halfway, Bounds.lateGrowth),
        ]
        for (name, earlier, bound) in growths {
            rows.append(
                Row(
                    name: name,
                    unit: .bytes,
                    median: result.after.residentBytes - earlier.residentBytes,
                    medianBound: isEnough ? bound : nil
                )
            )
        }
        rows.append(
            Row(
                name: "PSS after all payments",
                unit: .bytes,
                median: result.after.proportionalBytes
            )
        )
    }

    mutating func add(idle result: IdleRun.Result) {
        rows.append(
            Row(
                name: "idle: voluntary switches",
                unit: .perSecond,
                median: Int64(result.switchesPerSecond * 1e6),
                medianBound: Bounds.idleSwitches
            )
        )
        rows.append(
            Row(
                name: "idle: CPU",
                unit: .share,
                median: Int64(result.processorShare * 1e6),
                medianBound: Bounds.idleShare
            )
        )
        let threads = result.byThread.map { "\($0.name) \($0.switches)" }.joined(separator: ", ")
        notes.append("idle for \(Int(result.seconds)) s, wake-ups by thread: \(threads)")
    }
}
