/// What the shell must keep so that the machine's promises hold. The daemon and the simulation both obey it, and both
/// check themselves with ``RecordOrder``.
///
/// 1. Events are handled one at a time; the actions of one event are performed in order before the next event's.
/// 2. Every ``TillAction/record(_:)`` is answered by exactly one `committed` or `commitFailed`, in the order given. What failed
///    may be found stored after a restart, but never beside a record that was committed after it.
/// 3. `committed` means stable storage: it survives a power cut at the next instant. A record without rows asks whether
///    storage works: it is `committed` only if something of the journal's own was written and synced for it.
/// 4. Every `submit` is answered by exactly one `submitEnded`, every `query` by one `queryEnded`, every `reverse` by one
///    `reverseEnded`, every `refund` by one `refundEnded`, every `refundQuery` by one `refundQueryEnded`, every `probe` by one
///    `probeEnded`, abandoned ones included; each within its request time-out.
/// 5. Timers fire at or after their time on the boot clock, once per arming.
/// 6. A payment code leaves the machine in `prepareSubmit` and `submit` only. What was prepared is forgotten when a record
///    has been answered and the actions of that are performed; the rest when that submit has ended (rule G1).
/// 7. What `rememberReturn` names is given to the next ``Till/recovering(_:policy:generator:at:custody:returnsTold:)`` of
///    the same boot, as far as it could be kept; in another boot it need not be.
package struct RecordOrder: Hashable, Sendable {
    private var expected: [RecordID] = []

    package init() {}

    package mutating func recorded(_ id: RecordID) { expected.append(id) }

    /// Whether this answer is the one that is due. A shell that sees `false` has broken rule 2 and must stop.
    package mutating func answered(_ id: RecordID) -> Bool {
        guard expected.first == id else { return false }
        expected.removeFirst()
        return true
    }
}
