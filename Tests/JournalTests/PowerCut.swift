import TestKit

/// What a disk may hold after a power cut: what was synced, and of what was not, any part (https://sqlite.org/atomiccommit.html,
/// section 2). Later writes to a sector reach the disk with the earlier ones of it or not at all; sectors do not wait for each
/// other, so pages tear and orders change.
struct PowerCut {
    /// Which of the unsynced writes survive.
    enum Survival: Sendable {
        case none
        case all
        /// Each sector for itself, this many of a hundred.
        case some(percent: Int)
    }

    private static let sector = 512

    /// Files by name.
    private(set) var files: [String: [UInt8]] = [:]

    /// - Parameter steps: everything up to the cut.
    init(
        after steps: some Sequence<RecordingDisk.Step>,
        _ survival: Survival,
        using generator: inout SplitMix64,
    ) {
        var pending: [String: [RecordingDisk.Step]] = [:]
        for step in steps {
            switch step {
            case .write(let file, _, _), .truncate(let file, _):
                pending[file, default: []].append(step)
            case .delete(let file, isSynced: false): pending[file, default: []].append(step)
            case .delete(let file, isSynced: true):
                pending[file] = nil
                files[file] = nil
            case .syncFolder:
                for (file, steps) in pending {
                    guard case .delete? = steps.last else { continue }
                    pending[file] = nil
                    files[file] = nil
                }
            case .sync(let file):
                apply(pending.removeValue(forKey: file) ?? [], .all, using: &generator)
                if files[file] == nil { files[file] = [] }
            }
        }
        for file in pending.keys.sorted() {
            apply(pending[file] ?? [], survival, using: &generator)
        }
    }

    private mutating func apply(
        _ steps: [RecordingDisk.Step],
        _ survival: Survival,
        using generator: inout SplitMix64,
    ) {
        /// Sectors whose first lost write was: nothing later of them survives.
        var lost: Set<Int> = []
        for step in steps {
            switch step {
            case .write(let file, let offset, let bytes):
                var start = offset
                while start < offset + bytes.count {
                    let number = start / Self.sector
                    let end = min((number + 1) * Self.sector, offset + bytes.count)
                    if !lost.contains(number), survives(survival, using: &generator) {
                        put(bytes[(start - offset)..<(end - offset)], into: file, at: start)
                    } else {
                        lost.insert(number)
                    }
                    start = end
                }
            case .truncate(let file, let size):
                guard survives(survival, using: &generator) else { continue }
                files[file] = Array((files[file] ?? []).prefix(size))
            case .delete(let file, _):
                guard survives(survival, using: &generator) else { continue }
                files[file] = nil
            case .sync, .syncFolder: break
            }
        }
    }

    private func survives(_ survival: Survival, using generator: inout SplitMix64) -> Bool {
        switch survival {
        case .none: false
        case .all: true
        case .some(let percent): Int.random(in: 0..<100, using: &generator) < percent
        }
    }

    private mutating func put(_ bytes: ArraySlice<UInt8>, into file: String, at offset: Int) {
        var content = files[file] ?? []
        // What was never written in between reads as zeros.
        if content.count < offset + bytes.count {
            content += [UInt8](repeating: 0, count: offset + bytes.count - content.count)
        }
        content.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
        files[file] = content
    }
}
