#ifndef KIOSKPAY_CICONV_SHIM_H
#define KIOSKPAY_CICONV_SHIM_H

// The C library's iconv, reduced to whole conversions: no state is carried from one call to the next.
#include <errno.h>
#include <iconv.h>
#include <stddef.h>
#include <stdint.h>

/// A converter, or null where the C library has not the character set (its gconv modules can be missing).
static inline void *kioskpay_iconv_open(const char *to, const char *from) {
    iconv_t converter = iconv_open(to, from);
    return converter == (iconv_t)-1 ? NULL : (void *)converter;
}

/// Converts all of `input`. Returns the bytes written, or -1 if a character has no counterpart, is malformed or does not fit.
static inline ptrdiff_t kioskpay_iconv(
    void *converter, const uint8_t *input, size_t inputCount, uint8_t *output, size_t outputCapacity) {
    char *from = (char *)input, *to = (char *)output;
    size_t fromLeft = inputCount, toLeft = outputCapacity;
    iconv((iconv_t)converter, NULL, NULL, NULL, NULL);
    size_t irreversible = iconv((iconv_t)converter, &from, &fromLeft, &to, &toLeft);
    if (irreversible != 0 || fromLeft != 0) return -1;
    return (ptrdiff_t)(outputCapacity - toLeft);
}

static inline void kioskpay_iconv_close(void *converter) { iconv_close((iconv_t)converter); }

#endif
