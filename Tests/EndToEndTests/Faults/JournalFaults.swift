import Glibc

/// A library before the system's that fails calls on the journal file and its log, or ends the process before a call on any file
/// of the state directory.
final class JournalFaults {
    enum Fault: String, Hashable, Sendable, CaseIterable {
        /// One call fails with EIO.
        case inputOutput
        /// Every write fails with ENOSPC, until there is room again.
        case full
    }

    private let page: FaultPage
    var environment: [String: String] { page.environment }

    init(in folder: String) throws {
        page = try FaultPage(
            "faults",
            layout: "uint64_t calls, writes, first, last, error, steps, death, struck, unsynced;",
            source: Self.source,
            in: folder
        )
    }

    /// Calls on the journal since the test began: of every kind, and of those that need room.
    func calls(_ fault: Fault) -> UInt64 { page[fault == .full ? 8 : 0] }

    /// From now on call number `number` fails, counted from one; a full disk stays full.
    func arm(_ fault: Fault, at number: Int) {
        page[56] = 0
        let first = calls(fault) + UInt64(number)
        page[24] = fault == .full ? UInt64.max : first
        page[32] = UInt64(fault == .full ? ENOSPC : EIO)
        // Last: it arms.
        page[16] = first
    }

    /// The next sync fails with EIO; what was written before it stays.
    func failNextSync() { page[64] = 1 }

    func lift() {
        page[16] = 0
        page[48] = 0
        page[64] = 0
    }

    /// Whether a call has failed since ``arm(_:at:)``.
    var hasStruck: Bool { page[56] != 0 }

    /// Calls that change or read a file of the state directory, since the test began.
    var steps: UInt64 { page[40] }

    /// Before step number `number` from now on, counted from one, the process is killed.
    func kill(at number: Int) { page[48] = steps + UInt64(number) }

    private static let source = """
        static unsigned char mine[4096], stored[4096];

        static void opened(int file, const char *path) {
            if (file < 0 || file >= 4096) return;
            const char *name = strrchr(path, '/');
            name = name ? name + 1 : path;
            mine[file] = !strcmp(name, "journal.db") || !strcmp(name, "journal.db-wal");
            stored[file] = strstr(path, "/state/") != 0;
        }

        static void step(int counts) {
            if (!page || !counts) return;
            uint64_t now = __atomic_add_fetch(&page->steps, 1, __ATOMIC_SEQ_CST);
            if (now == __atomic_load_n(&page->death, __ATOMIC_SEQ_CST)) kill(getpid(), SIGKILL);
        }

        static int fails(int file, int needs_room) {
            if (!page || file < 0 || file >= 4096) return 0;
            step(stored[file]);
            if (!mine[file]) return 0;
            uint64_t call = __atomic_add_fetch(&page->calls, 1, __ATOMIC_SEQ_CST);
            if (needs_room) __atomic_add_fetch(&page->writes, 1, __ATOMIC_SEQ_CST);
            uint64_t first = __atomic_load_n(&page->first, __ATOMIC_SEQ_CST);
            if (!first) return 0;
            if (page->error == ENOSPC) {
                if (!needs_room || page->writes < first) return 0;
            } else if (call < first || call > page->last) {
                return 0;
            }
            __atomic_store_n(&page->struck, 1, __ATOMIC_SEQ_CST);
            errno = (int)page->error;
            return 1;
        }

        static int fails_sync(int file) {
            if (!page || file < 0 || file >= 4096 || !mine[file]) return 0;
            if (!__atomic_exchange_n(&page->unsynced, 0, __ATOMIC_SEQ_CST)) return 0;
            errno = EIO;
            return 1;
        }

        #define SYSTEM(type, name, ...) \\
            static type (*next)(__VA_ARGS__); \\
            if (!next) next = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

        #define OPEN(name) \\
            int name(const char *path, int flags, ...) { \\
                SYSTEM(int, #name, const char *, int, ...); \\
                va_list rest; \\
                va_start(rest, flags); \\
                int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, int) : 0; \\
                va_end(rest); \\
                int file = next(path, flags, mode); \\
                opened(file, path); \\
                return file; \\
            }
        OPEN(open)
        OPEN(open64)

        int close(int file) {
            SYSTEM(int, "close", int);
            if (file >= 0 && file < 4096) mine[file] = stored[file] = 0;
            return next(file);
        }

        #define READ(name) \\
            ssize_t name(int file, void *bytes, size_t count, off_t offset) { \\
                SYSTEM(ssize_t, #name, int, void *, size_t, off_t); \\
                return fails(file, 0) ? -1 : next(file, bytes, count, offset); \\
            }
        READ(pread)
        READ(pread64)

        #define WRITE(name) \\
            ssize_t name(int file, const void *bytes, size_t count, off_t offset) { \\
                SYSTEM(ssize_t, #name, int, const void *, size_t, off_t); \\
                return fails(file, 1) ? -1 : next(file, bytes, count, offset); \\
            }
        WRITE(pwrite)
        WRITE(pwrite64)

        #define SYNC(name) \\
            int name(int file) { \\
                SYSTEM(int, #name, int); \\
                return fails(file, 0) || fails_sync(file) ? -1 : next(file); \\
            }
        SYNC(fsync)
        SYNC(fdatasync)

        #define TRUNCATE(name) \\
            int name(int file, off_t size) { \\
                SYSTEM(int, #name, int, off_t); \\
                return fails(file, 0) ? -1 : next(file, size); \\
            }
        TRUNCATE(ftruncate)
        TRUNCATE(ftruncate64)

        ssize_t write(int file, const void *bytes, size_t count) {
            SYSTEM(ssize_t, "write", int, const void *, size_t);
            step(file >= 0 && file < 4096 && stored[file]);
            return next(file, bytes, count);
        }

        int rename(const char *from, const char *to) {
            SYSTEM(int, "rename", const char *, const char *);
            step(strstr(to, "/state/") != 0);
            return next(from, to);
        }

        int unlink(const char *path) {
            SYSTEM(int, "unlink", const char *);
            step(strstr(path, "/state/") != 0);
            return next(path);
        }

        """
}
