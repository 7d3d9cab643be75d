import ArgumentParser

/// `kioskpay journal`: looks after the record of every payment (rules A4 to A6).
struct JournalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal",
        abstract: "Checks, exports, adopts and recovers the journal.",
        discussion: """
            verify and export also work while kioskpayd runs, and change nothing. adopt works both while it runs and
            while it is stopped. recover needs it stopped. Nothing is ever deleted.
            """,
        subcommands: [
            JournalVerifyCommand.self, JournalExportCommand.self, JournalRecoverCommand.self,
            JournalAdoptCommand.self,
        ]
    )
}
