/// One step of the schema, applied whole or not at all. A step that was released is never edited; a
/// change is a new one.
struct Migration: Sendable {
    let sql: String

    /// From an empty file on. The file's `user_version` is the number of steps applied.
    static let all = [
        Migration(sql: tables), Migration(sql: guards), Migration(sql: refunds),
        Migration(sql: custody),
    ]

    /// `KPJ1`: what `application_id` says of our files
    /// (https://sqlite.org/pragma.html#pragma_application_id).
    static let applicationID: Int64 = 0x4B50_4A31

    /// The four columns of a moment: boot id, boot clock, wall clock, whether that was synchronised
    /// (rule F1).
    private static func moment(_ name: String, mayBeMissing: Bool = false) -> String {
        let presence = mayBeMissing ? "" : " NOT NULL"
        return """
            \(name)_boot_id TEXT\(presence),
            \(name)_boot_ns INTEGER\(presence)
                CHECK ((\(name)_boot_ns IS NULL) = (\(name)_boot_id IS NULL)),
            \(name)_wall_ms INTEGER\(presence)
                CHECK ((\(name)_wall_ms IS NULL) = (\(name)_boot_id IS NULL)),
            \(name)_synchronised INTEGER\(presence)
                CHECK (\(name)_synchronised IN (0, 1)
                    AND (\(name)_synchronised IS NULL) = (\(name)_boot_id IS NULL))
            """
    }

    private static let saleStates = """
        'awaiting_code', 'submitting', 'confirming', 'declined', 'cancelling', 'paid', \
        'delivering', 'delivered', 'undelivered', 'cancelled', 'expired'
        """

    /// `number` keeps the order of first storing. `open` of an attempt is derived from its state
    /// and its sale's, so that start-up finds the few open ones among millions; the integrity check
    /// compares it with its sources.
    private static let tables = """
        PRAGMA application_id = \(applicationID);

        CREATE TABLE identity (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            machine TEXT NOT NULL,
            starts INTEGER NOT NULL CHECK (starts >= 0),
            latest_wall_ms INTEGER,
            checksum INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE sales (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            amount INTEGER NOT NULL CHECK (amount > 0),
            currency TEXT NOT NULL CHECK (length(currency) = 3),
            description TEXT NOT NULL,
            reference TEXT,
            idempotency_key TEXT UNIQUE,
            body_hash TEXT,
            \(moment("created")),
            state TEXT NOT NULL CHECK (state IN (\(saleStates))),
            \(moment("updated")),
            truth TEXT,
            reason TEXT,
            claim_key TEXT,
            \(moment("paid", mayBeMissing: true)),
            transaction_id TEXT,
            checksum INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX sales_open ON sales (number)
            WHERE state NOT IN ('delivered', 'undelivered', 'cancelled', 'expired');

        CREATE TABLE attempts (
            number INTEGER PRIMARY KEY,
            order_number TEXT NOT NULL UNIQUE,
            sale TEXT NOT NULL REFERENCES sales (id),
            ordinal INTEGER NOT NULL CHECK (ordinal >= 1),
            amount INTEGER NOT NULL CHECK (amount > 0),
            currency TEXT NOT NULL CHECK (length(currency) = 3),
            fingerprint TEXT NOT NULL,
            \(moment("prepared")),
            state TEXT NOT NULL CHECK (state IN (
                'prepared', 'submitted', 'polling', 'refused', 'paid', 'revoking', 'refunding',
                'parked', 'void', 'undone', 'refunded', 'written_off')),
            \(moment("updated")),
            \(moment("submitted", mayBeMissing: true)),
            verdict TEXT,
            transaction_id TEXT,
            paid_at_s INTEGER,
            outcome TEXT,
            checksum INTEGER NOT NULL,
            open INTEGER NOT NULL DEFAULT 1 CHECK (open IN (0, 1)),
            UNIQUE (sale, ordinal)
        ) STRICT;
        CREATE INDEX attempts_open ON attempts (number) WHERE open = 1;

        CREATE TABLE revokes (
            number INTEGER PRIMARY KEY,
            order_number TEXT NOT NULL UNIQUE REFERENCES attempts (order_number),
            reason TEXT NOT NULL,
            \(moment("decided")),
            tries INTEGER NOT NULL CHECK (tries >= 0),
            unknown_answers INTEGER NOT NULL CHECK (unknown_answers >= 0),
            \(moment("due")),
            last_answer TEXT,
            \(moment("accepted", mayBeMissing: true)),
            to_confirm TEXT,
            \(moment("to_confirm_since", mayBeMissing: true)),
            charge_seen INTEGER NOT NULL CHECK (charge_seen IN (0, 1)),
            needs_person INTEGER NOT NULL CHECK (needs_person IN (0, 1)),
            \(moment("settled", mayBeMissing: true)),
            checksum INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX revokes_open ON revokes (number) WHERE settled_boot_id IS NULL;

        CREATE TABLE events (
            id INTEGER PRIMARY KEY CHECK (id >= 1),
            kind TEXT NOT NULL CHECK (kind IN (
                'sale', 'release', 'release-unreported', 'money-returned', 'parked', 'flagged')),
            \(moment("at")),
            sale TEXT,
            order_number TEXT,
            state TEXT CHECK (state IN (\(saleStates))),
            amount INTEGER CHECK (amount > 0),
            currency TEXT CHECK ((currency IS NULL) = (amount IS NULL)),
            truth TEXT,
            reason TEXT,
            checksum INTEGER NOT NULL
        ) STRICT;
        """

    /// Nothing is deleted, by nobody (rule A4); what an event said stays said.
    private static let guards =
        ["identity", "sales", "attempts", "revokes", "events"]
        .map { table in
            """
            CREATE TRIGGER \(table)_kept BEFORE DELETE ON \(table)
            BEGIN SELECT RAISE(ABORT, 'nothing is deleted from the journal (rule A4)'); END;

            """
        }.joined()
            + """
            CREATE TRIGGER events_stay BEFORE UPDATE ON events
            BEGIN SELECT RAISE(ABORT, 'events never change'); END;
            """
}

extension Migration {
    /// Refunds, orders that wait for a person, and what persons said of them (rule C5).
    private static let refunds =
        ([("refusal", "TEXT")] + momentColumns("refund_decided") + momentColumns("parked") + [
            ("parked_reason", "TEXT CHECK ((parked_reason IS NULL) = (parked_boot_id IS NULL))"),
            ("adopted", "INTEGER CHECK (adopted = 1)"),
        ])
        .map { "ALTER TABLE revokes ADD COLUMN \($0.0) \($0.1);\n" }.joined()
            + """
            CREATE TABLE settlements (
                number INTEGER PRIMARY KEY,
                order_number TEXT NOT NULL UNIQUE REFERENCES attempts (order_number),
                outcome TEXT NOT NULL CHECK (outcome IN ('refunded', 'not-charged', 'written-off')),
                note TEXT NOT NULL,
                said_by TEXT NOT NULL,
                \(moment("at")),
                checksum INTEGER NOT NULL
            ) STRICT;
            CREATE TRIGGER settlements_kept BEFORE DELETE ON settlements
            BEGIN SELECT RAISE(ABORT, 'nothing is deleted from the journal (rule A4)'); END;
            """

    /// What was done to the journal as a whole (rules A5, A6). `event_id` is the last event before it or of it.
    private static let custody = """
        ALTER TABLE identity ADD COLUMN adoption INTEGER CHECK (adoption = 1);
        CREATE TABLE custody (
            number INTEGER PRIMARY KEY CHECK (number >= 1),
            kind TEXT NOT NULL CHECK (kind IN ('adopted', 'recovered')),
            said_by TEXT NOT NULL,
            detail TEXT NOT NULL,
            \(moment("at")),
            event_id INTEGER NOT NULL CHECK (event_id >= 0),
            checksum INTEGER NOT NULL
        ) STRICT;
        CREATE TRIGGER custody_kept BEFORE DELETE ON custody
        BEGIN SELECT RAISE(ABORT, 'nothing is deleted from the journal (rule A4)'); END;
        CREATE TRIGGER custody_stays BEFORE UPDATE ON custody
        BEGIN SELECT RAISE(ABORT, 'what was done stays done'); END;
        """

    /// The four columns of a moment that may be missing, each to be added for itself.
    private static func momentColumns(_ name: String) -> [(String, String)] {
        let isMissing = "(\(name)_boot_id IS NULL)"
        return [
            ("\(name)_boot_id", "TEXT"),
            ("\(name)_boot_ns", "INTEGER CHECK ((\(name)_boot_ns IS NULL) = \(isMissing))"),
            ("\(name)_wall_ms", "INTEGER CHECK ((\(name)_wall_ms IS NULL) = \(isMissing))"),
            (
                "\(name)_synchronised",
                "INTEGER CHECK (\(name)_synchronised IN (0, 1) "
                    + "AND (\(name)_synchronised IS NULL) = \(isMissing))"
            ),
        ]
    }
}

extension Database {
    /// Brings an empty or older file to the newest schema. A file of another program, or of a newer
    /// one, is not touched.
    func migrate(_ migrations: [Migration] = Migration.all) throws(JournalError) {
        let applicationID = try integer("PRAGMA application_id")
        let version = try integer("PRAGMA user_version") ?? 0
        let isEmpty = try integer("SELECT count(*) FROM sqlite_schema") == 0
        guard applicationID == Migration.applicationID || (isEmpty && version == 0) else {
            guard try !holdsOurTables() else {
                throw JournalError.damaged(file, "its header names another program")
            }
            throw JournalError.notAJournal(file)
        }
        guard version <= migrations.count else {
            guard try !hasSchema(of: migrations) else {
                throw JournalError.damaged(file, "its header names schema \(version)")
            }
            throw JournalError.newerSchema(file, found: version, known: migrations.count)
        }
        // Our first step makes tables, so ours are never without a version.
        guard version > 0 || isEmpty else {
            throw JournalError.damaged(file, "its header names schema \(version)")
        }
        try execute("PRAGMA journal_mode = WAL")
        for (index, migration) in migrations.enumerated().dropFirst(Int(version)) {
            try transaction { () throws(JournalError) in
                try execute(migration.sql)
                try execute("PRAGMA user_version = \(index + 1)")
            }
        }
    }

    private func holdsOurTables() throws(JournalError) -> Bool {
        try integer(
            "SELECT count(*) FROM sqlite_schema WHERE name IN ('sales', 'attempts', 'identity')"
        ) == 3
    }

    /// Whether the tables are what `migrations` make: then a version beyond them is a damaged header, since every step
    /// changes the schema.
    private func hasSchema(of migrations: [Migration]) throws(JournalError) -> Bool {
        let query = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name"
        let fresh = try Database.open(":memory:", for: .writing)
        for migration in migrations { try fresh.execute(migration.sql) }
        return try rows(query) == fresh.rows(query)
    }

    /// Runs `body` in one write transaction, all or nothing.
    func transaction<Result>(
        _ body: () throws(JournalError) -> Result
    ) throws(JournalError) -> Result {
        try execute("BEGIN IMMEDIATE")
        do {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            // Some errors have already rolled back (https://sqlite.org/lang_transaction.html, 2.3);
            // the first error is the one to tell.
            if isInTransaction { try? execute("ROLLBACK") }
            throw error
        }
    }
}
