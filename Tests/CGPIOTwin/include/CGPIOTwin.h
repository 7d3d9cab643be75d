#ifndef KIOSKPAY_CGPIOTWIN_H
#define KIOSKPAY_CGPIOTWIN_H

// `Sources/CGPIO/gpiod2.c` over chips that a test makes up, under names of its own. One thread at a time.

#include <stdbool.h>
#include <stddef.h>

#define TWIN_MAX_CHIPS 4
#define TWIN_MAX_LINES 8

/// Forgets every chip.
void twin_reset(void);

/// Adds `/dev/gpiochipN`, N counted from 0.
/// - Parameter label: at most 31 bytes.
/// - Parameter open_error: errno of opening it, or 0.
void twin_add_chip(const char *label, int open_error);

/// What the line shows, 0 or 1, polarity counted; -1 while nobody holds it.
int twin_level(size_t chip, unsigned int offset);

/// Chips that are open.
int twin_open_chips(void);

/// As `kioskpay_gpio_open`: five lines, 0 to 4, that begin with `values`. Null, with `code` as errno was.
void *twin_gpio_open(const char *chip, const int values[5], bool active_low, int *code);
int twin_gpio_set(void *gpio, const int values[5]);
void twin_gpio_close(void *gpio);

#endif
