#ifndef KIOSKPAY_CLINUX_SHIM_H
#define KIOSKPAY_CLINUX_SHIM_H

// Linux calls that Swift's Glibc module does not expose. One line each; names carry our prefix.
// No _GNU_SOURCE: it renames the member of fd_set, and Swift then refuses this module beside Glibc's and libcurl's.
// The GNU functions we use are declared here instead.
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

int pthread_setname_np(pthread_t thread, const char *name);
pid_t gettid(void);
long syscall(long number, ...);

/// A semaphore-less event descriptor, non-blocking and close-on-exec; -1 with errno on failure.
static inline int kioskpay_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

/// A timer descriptor on the boot clock, which never steps and counts suspend (rule F1); -1 with errno on failure.
static inline int kioskpay_boottime_timerfd(void) {
    return timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
}

/// Arms the timer for an absolute boot time; 0 seconds and 0 nanoseconds disarm it.
static inline int kioskpay_timerfd_set(int fd, int64_t seconds, int64_t nanoseconds) {
    struct itimerspec spec = {{0, 0}, {seconds, nanoseconds}};
    return timerfd_settime(fd, TFD_TIMER_ABSTIME, &spec, 0);
}

/// Makes no core file of this process, and lets no other user's process look into it (prctl(2), PR_SET_DUMPABLE).
static inline void kioskpay_forbid_dumps(void) { prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

/// Nanoseconds on the boot clock.
static inline int64_t kioskpay_boottime_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/// When the file was made, in nanoseconds since 1970, as its file system says (statx(2), `stx_btime`): no copy of a file has
/// the birth time of another. -1 where the file system does not say, or there is no such file.
static inline int64_t kioskpay_birth_time(const char *path) {
    // `struct statx` and its flags as in linux/stat.h and fcntl.h, whose other names would be Glibc's a second time in Swift.
    struct {
        uint32_t mask;
        uint8_t between[76];
        int64_t birth_seconds;
        uint32_t birth_nanoseconds;
        uint8_t rest[164];
    } status = {0};
    const int here = -100, no_links = 0x100;
    const unsigned birth = 0x800;
    if (syscall(SYS_statx, here, path, no_links, birth, &status) != 0) return -1;
    if (!(status.mask & birth)) return -1;
    return status.birth_seconds * 1000000000 + status.birth_nanoseconds;
}

#endif
