import Glibc

/// A damaged journal that was set aside (rule A6): `journal.db` with its log, the reason, and once it is recovered the reports.
struct Remains: Hashable, Sendable {
    let path: String

    var database: String { path + "/journal.db" }
    var log: String { database + "-wal" }
    private var sharedMemory: String { database + "-shm" }
    private var reasonFile: String { path + "/reason" }
    var report: String { path + "/report.txt" }
    var reportJSON: String { path + "/report.json" }
    /// Says that everything readable is in the journal again.
    private var mark: String { path + "/recovered" }

    var isRecovered: Bool { Directory.exists(mark) }

    var reason: String {
        let text = try? Directory(path: path).text(of: reasonFile)
        return text?.split(separator: "\n").first.map(String.init) ?? "the reason was not stored"
    }

    func markRecovered() throws(JournalError) {
        try Directory(path: path).replace(mark, with: "\n")
    }
}

extension Directory {
    private static let mostRemains = 1_000

    private func folder(_ number: Int) -> Remains { Remains(path: "\(damaged)/\(number)") }

    /// What was set aside and not recovered yet, the oldest first.
    var unrecovered: [Remains] {
        (1...Self.mostRemains).lazy.map(folder)
            .prefix { Self.exists($0.path) }
            .filter { !$0.isRecovered }
    }

    /// Moves the journal with its log into a folder of its own; deletes nothing.
    ///
    /// The database goes first and durably: what a power cut leaves behind is a log without one, which the next start knows
    /// as damaged too. The other way round a database without its newest rows could pass for a sound one.
    @discardableResult
    func setAside(because reason: String) throws(JournalError) -> Remains {
        try makeFolder(damaged)
        guard let free = (1...Self.mostRemains).first(where: { !Self.exists(folder($0).path) })
        else { throw .inputOutput(damaged, "a thousand damaged journals are in it") }
        let remains = folder(free)
        try makeFolder(remains.path)
        let inner = Directory(path: remains.path)
        // Only words for people: a full disk must not keep the journal from being set aside.
        try? inner.replace(remains.path + "/reason", with: String(reason.prefix(240)) + "\n")
        try Directory(path: damaged).sync()
        try sync()
        forgetBirth()
        try move(database, to: remains.database)
        try inner.sync()
        try sync()
        for suffix in ["-wal", "-shm"] {
            try move(database + suffix, to: remains.database + suffix)
        }
        try inner.sync()
        if unsafe unlink(suspicion) != 0, errno != ENOENT { throw .system(suspicion, errno) }
        try sync()
        return remains
    }

    private func makeFolder(_ path: String) throws(JournalError) {
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .system(path, errno) }
    }

    private func move(_ file: String, to place: String) throws(JournalError) {
        guard unsafe rename(file, place) == 0 || errno == ENOENT else { throw .system(file, errno) }
    }
}
