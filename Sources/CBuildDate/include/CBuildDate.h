#ifndef KIOSKPAY_CBUILDDATE_H
#define KIOSKPAY_CBUILDDATE_H

// The one fact of a build that Swift cannot tell.

/// The day of this build as the builder's calendar had it, or as SOURCE_DATE_EPOCH says where builds are repeated byte for
/// byte: `Nov 21 2026`, the day padded with a blank (ISO C, `__DATE__`).
const char *kioskpay_build_date(void);

#endif
