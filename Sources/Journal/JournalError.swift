/// Why the journal did not do what it was asked: a kind for the program, one sentence for a person.
///
/// No sentence holds anything of a row but its key, so it can be logged (rule G1).
package struct JournalError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// Another process, or another journal of this one, has the directory open.
        case inUse
        /// The directory is missing, is no directory, or lets others in.
        case directory
        /// No room, also after the reserve was given up (rule A3). Later commits may succeed again.
        case diskFull
        /// The file system or the files may not be written.
        case readOnly
        /// A read, a write or a sync failed.
        case inputOutput
        /// The file is not what was written (rule A6).
        case damaged
        /// A newer program wrote the file.
        case newerSchema
        /// An older program wrote the file, and only the daemon brings it up to date.
        case olderSchema
        /// The file is a sound database of something else.
        case notAJournal
        /// This record contradicts what is stored; others are not concerned.
        case rejected
        /// Too much waits, or a tool holds the file.
        case busy
        case closed
    }

    package let kind: Kind
    /// What happened, what it means for money, what to do.
    package let description: String

    private init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// Whether this process's journal accepts nothing any more. After a failed sync the kernel may
    /// have dropped the pages it could not write and call the next sync good, so nothing after it
    /// can be believed.
    package var isFinal: Bool {
        switch kind {
        case .inputOutput, .damaged: true
        case .inUse, .directory, .diskFull, .readOnly, .newerSchema, .olderSchema, .notAJournal,
            .rejected, .busy, .closed:
            false
        }
    }
}

extension JournalError {
    static func inUse(_ directory: String) -> Self {
        Self(
            .inUse,
            """
            The journal in \(directory) is already open in another process; nothing was read or \
            changed and no sale starts here; stop the other kioskpayd or tool first.
            """
        )
    }

    static func directory(_ directory: String, because reason: String, remedy: String) -> Self {
        Self(
            .directory,
            """
            The journal's directory \(directory) cannot be used: \(reason); no sale starts and \
            nothing was changed; \(remedy).
            """
        )
    }

    static func diskFull(_ file: String) -> Self {
        Self(
            .diskFull,
            """
            The disk that holds \(file) is full: what was just to be recorded is not, no sale \
            starts, and a payment that cannot be recorded is returned; free space on that disk, \
            selling then resumes by itself.
            """
        )
    }

    static func readOnly(_ file: String) -> Self {
        Self(
            .readOnly,
            """
            \(file) cannot be written: what was just to be recorded is not and no sale starts; \
            check the owner and mode of its directory and whether the disk is mounted read-only.
            """
        )
    }

    static func inputOutput(_ file: String, _ detail: String) -> Self {
        Self(
            .inputOutput,
            """
            Reading or writing \(file) failed (\(detail)): nothing more is recorded or sold until \
            kioskpayd is restarted, everything recorded before is kept; check the storage device, \
            then restart.
            """
        )
    }

    static func damaged(_ file: String, _ detail: String) -> Self {
        Self(
            .damaged,
            """
            \(file) is damaged (\(detail)): no sale starts and nothing is deleted, payments still \
            open in it wait; run `kioskpay journal recover`.
            """
        )
    }

    static func newerSchema(_ file: String, found: Int64, known: Int) -> Self {
        Self(
            .newerSchema,
            """
            \(file) was written by a newer kioskpayd (schema \(found), this one knows \(known)): \
            no sale starts and nothing was changed; install that version or a newer one.
            """
        )
    }

    static func olderSchema(_ file: String, found: Int64, known: Int) -> Self {
        Self(
            .olderSchema,
            """
            \(file) was written by an older kioskpayd (schema \(found), this tool knows \(known)): \
            nothing was read or changed; start kioskpayd of this version once, then ask again.
            """
        )
    }

    static func noJournal(_ directory: String) -> Self {
        Self(
            .directory,
            """
            There is no journal in \(directory): nothing was read and no money is concerned; name the right state directory.
            """
        )
    }

    static func notAJournal(_ file: String) -> Self {
        Self(
            .notAJournal,
            """
            \(file) is a database of another program: no sale starts and nothing was changed; \
            name the right state directory or move that file away.
            """
        )
    }

    static func rejected(_ file: String, _ detail: String) -> Self {
        Self(
            .rejected,
            """
            A record contradicts what \(file) holds (\(detail)): that record is not stored and its \
            step is not taken, everything recorded before is kept; report this as a fault of \
            kioskpayd.
            """
        )
    }

    static func busy(_ file: String, _ detail: String) -> Self {
        Self(
            .busy,
            """
            \(file) is busy (\(detail)): what was just asked was not done, no money is concerned \
            beyond that step; close other programs that use the file and try again.
            """
        )
    }

    static func closed(_ directory: String) -> Self {
        Self(
            .closed,
            """
            The journal in \(directory) is closed because kioskpayd is stopping: this was not \
            recorded and its step is not taken; it is settled after the next start.
            """
        )
    }
}
