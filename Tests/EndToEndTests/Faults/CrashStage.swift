/// What one scenario is played on.
struct CrashStage {
    let scenario: CrashScenario
    let application: Application
    /// The disk under the journal, where the scenario has it fail.
    let disk: JournalFaults?

    var kiosk: Kiosk { application.kiosk }

    init(_ scenario: CrashScenario, _ kiosk: Kiosk) throws {
        self.scenario = scenario
        application = Application(kiosk, scenario.way)
        disk = scenario.breaksDisk ? try JournalFaults(in: kiosk.folder) : nil
    }

    /// Starts the daemon, with the disk that can fail.
    func start(environment: [String: String]) throws {
        try kiosk.start(
            isReady: false,
            environment: environment.merging(disk?.environment ?? [:]) { given, _ in given }
        )
    }
}
