#ifndef KIOSKPAY_CSQLITE_SHIM_H
#define KIOSKPAY_CSQLITE_SHIM_H

// SQLite 3 as Swift sees it. Only what the importer cannot read (function-like and cast macros,
// variadic calls) is wrapped here.
#include <sqlite3.h>

/// Binds `length` bytes of UTF-8; SQLite makes its own copy before this returns (SQLITE_TRANSIENT).
static inline int kioskpay_sqlite3_bind_text(
    sqlite3_stmt *statement, int index, const char *text, int length) {
    return sqlite3_bind_text(statement, index, text, length, SQLITE_TRANSIENT);
}

/// Before the first connection: no memory statistics, so that threads share no lock of the
/// allocator and the check at low priority can never hold up a payment's commit.
static inline int kioskpay_sqlite3_start(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/// Closing never checkpoints by itself, and SQL can never damage the file on purpose
/// (writable_schema, journal_mode=OFF).
static inline int kioskpay_sqlite3_configure(sqlite3 *database) {
    int result = sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
    if (result != SQLITE_OK) return result;
    return sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)0);
}

#endif
