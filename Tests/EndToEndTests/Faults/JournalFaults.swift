import Glibc

/// A library before the system's that fails calls on the daemon's journal file and its log, and on nothing else.
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
            layout: "uint64_t calls, writes, first, last, error;",
            source: Self.source,
            in: folder
        )
    }

    /// Calls on the journal since the test began: of every kind, and of those that need room.
    func calls(_ fault: Fault) -> UInt64 { page[fault == .full ? 8 : 0] }

    /// From now on call number `number` fails, counted from one; a full disk stays full.
    func arm(_ fault: Fault, at number: Int) {
        let first = calls(fault) + UInt64(number)
        page[24] = fault == .full ? UInt64.max : first
        page[32] = UInt64(fault == .full ? ENOSPC : EIO)
        // Last: it arms.
        page[16] = first
    }

    func lift() { page[16] = 0 }

    private static let source = """
        static unsigned char mine[4096];

        static void opened(int file, const char *path) {
            if (file < 0 || file >= 4096) return;
            const char *name = strrchr(path, '/');
            name = name ? name + 1 : path;
            mine[file] = !strcmp(name, "journal.db") || !strcmp(name, "journal.db-wal");
        }

        static int fails(int file, int needs_room) {
            if (!page || file < 0 || file >= 4096 || !mine[file]) return 0;
            uint64_t call = __atomic_add_fetch(&page->calls, 1, __ATOMIC_SEQ_CST);
            if (needs_room) __atomic_add_fetch(&page->writes, 1, __ATOMIC_SEQ_CST);
            uint64_t first = __atomic_load_n(&page->first, __ATOMIC_SEQ_CST);
            if (!first) return 0;
            if (page->error == ENOSPC) {
                if (!needs_room || page->writes < first) return 0;
            } else if (call < first || call > page->last) {
                return 0;
            }
            errno = (int)page->error;
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
            if (file >= 0 && file < 4096) mine[file] = 0;
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
                return fails(file, 0) ? -1 : next(file); \\
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

        """
}
