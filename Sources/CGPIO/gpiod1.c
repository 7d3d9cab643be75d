// libgpiod 1.6 (Debian 12). The macro below exists in 1.x only, and neither header has a version macro.
#include <gpiod.h>

#ifdef GPIOD_LINE_BULK_MAX_LINES

#include "CGPIO.h"

#include <errno.h>
#include <stdlib.h>

struct kioskpay_gpio {
    struct gpiod_chip *chip;
    struct gpiod_line_bulk lines;
};

static void fail(kioskpay_gpio_error *error, const char *step) {
    error->code = errno;
    error->step = step;
}

kioskpay_gpio *kioskpay_gpio_open(
    const char *chip, const unsigned int *offsets, const int *values, size_t count, bool active_low,
    const char *consumer, kioskpay_gpio_error *error) {
    if (count == 0 || count > KIOSKPAY_GPIO_MAX_LINES) {
        errno = EINVAL;
        fail(error, "count the lines");
        return NULL;
    }
    struct kioskpay_gpio *gpio = calloc(1, sizeof *gpio);
    if (!gpio) {
        fail(error, "allocate");
        return NULL;
    }
    gpiod_line_bulk_init(&gpio->lines);
    gpio->chip = gpiod_chip_open_lookup(chip);
    if (!gpio->chip) {
        fail(error, "open the chip");
        free(gpio);
        return NULL;
    }
    const char *step = "find the line";
    size_t found = 0;
    while (found < count) {
        struct gpiod_line *line = gpiod_chip_get_line(gpio->chip, offsets[found]);
        if (!line) break;
        gpiod_line_bulk_add(&gpio->lines, line);
        found++;
    }
    if (found == count) {
        int flags = active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
        step = "request the lines";
        if (gpiod_line_request_bulk_output_flags(&gpio->lines, consumer, flags, values) == 0) return gpio;
    }
    fail(error, step);
    gpiod_chip_close(gpio->chip);
    free(gpio);
    return NULL;
}

int kioskpay_gpio_set(kioskpay_gpio *gpio, const int *values, kioskpay_gpio_error *error) {
    if (gpiod_line_set_value_bulk(&gpio->lines, values) == 0) return 0;
    fail(error, "set the lines");
    return -1;
}

void kioskpay_gpio_close(kioskpay_gpio *gpio) {
    gpiod_line_release_bulk(&gpio->lines);
    gpiod_chip_close(gpio->chip);
    free(gpio);
}

#endif
