import Glibc
import TestKit

/// A page of memory that the daemon and a test share: a library before the system's (`LD_PRELOAD`) counts in it, and the
/// test writes there what is to fail, while the daemon runs.
final class FaultPage {
    /// What the daemon is to be started with.
    let environment: [String: String]
    private let file: Int32

    /// Builds the library. Its own part of the source finds the page in `page`, which is `NULL` without a test.
    ///
    /// - Parameters:
    ///   - name: of the page's file and of the library.
    ///   - layout: what `struct page` has, in C.
    ///   - source: what stands before the system's calls, in C.
    init(_ name: String, layout: String, source: String, in folder: String) throws {
        let path = "\(folder)/\(name).page"
        try Files.write([UInt8](repeating: 0, count: 4096), to: path)
        let text = Self.mapping(layout) + source
        environment = [
            "LD_PRELOAD": try Preload.build(name, text, ["-ldl"], in: folder),
            "FAULT_PAGE": path,
        ]
        // The path lives through the call.
        file = unsafe open(path, O_RDWR | O_CLOEXEC)
        guard file >= 0 else { throw HarnessError("\(path): \(errno)") }
    }

    deinit { close(file) }

    /// The word of eight bytes at this offset.
    subscript(_ offset: Int) -> UInt64 {
        get {
            var value: UInt64 = 0
            // The kernel writes eight bytes into the eight of the value.
            _ = unsafe pread(file, &value, 8, offset)
            return value
        }
        set {
            var value = newValue
            // The value lives through the call.
            _ = unsafe pwrite(file, &value, 8, offset)
        }
    }

    private static func mapping(_ layout: String) -> String {
        """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <errno.h>
        #include <fcntl.h>
        #include <netdb.h>
        #include <signal.h>
        #include <stdarg.h>
        #include <stdint.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/mman.h>
        #include <unistd.h>

        struct page { \(layout) };
        static struct page *page;

        __attribute__((constructor)) static void begin(void) {
            const char *path = getenv("FAULT_PAGE");
            int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
            if (file < 0) return;
            void *map = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
            if (map != MAP_FAILED) page = map;
            close(file);
        }


        """
    }
}
