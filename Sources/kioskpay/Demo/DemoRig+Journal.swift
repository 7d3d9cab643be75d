import Journal
import Kiosk
import Payments
import Sandbox
import Threads

extension DemoRig {
    /// Reads the journal as it lies on the disk, without the daemon, which must have ended.
    func storedSales() throws -> [JournalJudge.Sale] {
        let now = Moment(
            boot: BootTime(nanoseconds: BootClock.nanoseconds()),
            bootID: MachineFacts.bootID(),
            wall: WallTime(milliseconds: 0, isSynchronised: false)
        )
        let journal = try Journal.open(
            directory: kiosk.stateDirectory,
            machineID: MachineFacts.machineID(),
            now: now
        )
        defer { _ = journal.close() }
        return try journal.readBlocking { reader throws(JournalError) in
            var sales: [JournalJudge.Sale] = []
            for row in try reader.sales(limit: JournalReader.mostRows) {
                sales.append(JournalJudge.Sale(row: row, attempts: try reader.attempts(of: row.id)))
            }
            return sales
        }
    }
}
