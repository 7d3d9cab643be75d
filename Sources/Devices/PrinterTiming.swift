/// How long the printer's thread waits for what (device facts, 2.6, 2.8 and 2.9). Tests shorten it.
struct PrinterTiming: Hashable, Sendable {
    /// How long a slip waits for a printer that can print.
    var patience = Duration.seconds(60)
    /// How long a slip may take once it is being sent.
    var slipLimit = Duration.seconds(60)
    /// No byte taken for so long is a fault.
    var stallLimit = Duration.seconds(10)
    /// How long beyond line and mechanism the printer has to confirm a slip.
    var confirmationMargin = Duration.seconds(5)
    /// How often a printer in order, and one in trouble, is asked how it is.
    var idleInterval = Duration.seconds(10)
    var troubleInterval = Duration.seconds(1)
    var replyTimeout = Duration.milliseconds(500)
}
