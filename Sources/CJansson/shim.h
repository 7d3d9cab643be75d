#ifndef KIOSKPAY_CJANSSON_SHIM_H
#define KIOSKPAY_CJANSSON_SHIM_H

// jansson as Swift sees it: its macros as functions. Names carry our prefix.
#include <jansson.h>

static inline json_type kioskpay_json_type(const json_t *value) { return json_typeof(value); }
static inline void kioskpay_json_release(json_t *value) { json_decref(value); }
static inline int kioskpay_json_error(const json_error_t *error) { return (int)json_error_code(error); }

#endif
