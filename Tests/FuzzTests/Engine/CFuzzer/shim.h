#ifndef KIOSKPAY_CFUZZER_SHIM_H
#define KIOSKPAY_CFUZZER_SHIM_H

// The part of libFuzzer's interface that is called from here. The library comes with `-sanitize=fuzzer`.
#include <stddef.h>
#include <stdint.h>

/// Runs the fuzzer over `callback` with libFuzzer's own arguments, until it ends by them.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));

/// Changes `data` in place as libFuzzer likes; returns its new size, at most `maximum`.
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maximum);

#endif
