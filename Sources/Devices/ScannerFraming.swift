/// How bytes of a scanner become frames.
package struct ScannerFraming: Hashable, Sendable {
    /// How long the line must be silent to end a frame that has no terminator; at least four character times and
    /// longer than the scanner's pause between characters.
    package let idleGap: Duration
    /// After how long a silence an unfinished frame is dropped.
    package let unfinishedLimit: Duration
    /// The longest frame, in bytes; a longer one is refused as a whole.
    package let capacity: Int

    package init(
        idleGap: Duration = .milliseconds(50),
        unfinishedLimit: Duration = .milliseconds(500),
        capacity: Int = 512,
    ) {
        self.idleGap = idleGap
        self.unfinishedLimit = unfinishedLimit
        self.capacity = capacity
    }
}
