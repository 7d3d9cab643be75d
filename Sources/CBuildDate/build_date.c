#include "CBuildDate.h"

const char *kioskpay_build_date(void) { return __DATE__; }
