#ifndef KIOSKPAY_CGPIO_H
#define KIOSKPAY_CGPIO_H

// A few output lines of one GPIO chip, the same for libgpiod 1.6 and 2.x, whose interfaces exclude each other.

#include <stdbool.h>
#include <stddef.h>

/// More than any kiosk has lights; both library generations take 64.
#define KIOSKPAY_GPIO_MAX_LINES 16

/// Lines held as outputs. They stay held until closed: a released line's level is not defined.
typedef struct kioskpay_gpio kioskpay_gpio;

/// Where a call failed: the failing step as a fixed string, and errno as it was.
typedef struct kioskpay_gpio_error {
    const char *step;
    int code;
} kioskpay_gpio_error;

/// Requests all lines at once as outputs that begin with `values` (0 or 1, logical: 1 is lit, whatever the polarity).
/// Either all lines are held or none. `chip` is a name (`gpiochip0`), a path or a label.
/// Null on failure, with `error` filled in.
kioskpay_gpio *kioskpay_gpio_open(
    const char *chip, const unsigned int *offsets, const int *values, size_t count, bool active_low,
    const char *consumer, kioskpay_gpio_error *error);

/// Sets all lines, in the order of the request. 0, or -1 with `error` filled in.
int kioskpay_gpio_set(kioskpay_gpio *gpio, const int *values, kioskpay_gpio_error *error);

/// Releases the lines; what they show then is up to the wiring.
void kioskpay_gpio_close(kioskpay_gpio *gpio);

#endif
