// libgpiod 2.x (Debian 13). The macro below exists in 1.x only, and neither header has a version macro.
#include <gpiod.h>

#ifndef GPIOD_LINE_BULK_MAX_LINES

#include "CGPIO.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct kioskpay_gpio {
    struct gpiod_line_request *request;
    size_t count;
    unsigned int offsets[KIOSKPAY_GPIO_MAX_LINES];
};

static void fail(kioskpay_gpio_error *error, const char *step) {
    error->code = errno;
    error->step = step;
}

/// Whether the chip has this label; -1 with errno if it does not say.
static int has_label(struct gpiod_chip *chip, const char *label) {
    struct gpiod_chip_info *info = gpiod_chip_get_info(chip);
    if (!info) return -1;
    bool same = strcmp(gpiod_chip_info_get_label(info), label) == 0;
    gpiod_chip_info_free(info);
    return same;
}

/// The chip whose label this is. 2.x opens by path only, so the chips are looked through. One that cannot be looked at may be
/// the one: then its error is told, not that there is none.
static struct gpiod_chip *open_by_label(const char *label) {
    glob_t paths;
    if (glob("/dev/gpiochip*", 0, NULL, &paths) != 0) {
        errno = ENOENT;
        return NULL;
    }
    struct gpiod_chip *found = NULL;
    int code = ENOENT;
    for (size_t index = 0; index < paths.gl_pathc && !found; index++) {
        struct gpiod_chip *chip = gpiod_chip_open(paths.gl_pathv[index]);
        int same = chip ? has_label(chip, label) : -1;
        if (same < 0 && code == ENOENT) code = errno;
        if (same > 0)
            found = chip;
        else if (chip)
            gpiod_chip_close(chip);
    }
    globfree(&paths);
    if (!found) errno = code;
    return found;
}

static struct gpiod_chip *open_chip(const char *chip) {
    if (chip[0] == '/') return gpiod_chip_open(chip);
    char path[64];
    int length = snprintf(path, sizeof path, "/dev/%s", chip);
    if (length > 0 && (size_t)length < sizeof path && gpiod_is_gpiochip_device(path))
        return gpiod_chip_open(path);
    return open_by_label(chip);
}

/// One settings object per line, because each begins with its own value.
static int add_line(
    struct gpiod_line_config *config, unsigned int offset, int value, bool active_low) {
    struct gpiod_line_settings *settings = gpiod_line_settings_new();
    if (!settings) return -1;
    gpiod_line_settings_set_active_low(settings, active_low);
    int result = gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_OUTPUT);
    if (result == 0)
        result = gpiod_line_settings_set_output_value(
            settings, value ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE);
    if (result == 0) result = gpiod_line_config_add_line_settings(config, &offset, 1, settings);
    int code = errno;
    gpiod_line_settings_free(settings);
    errno = code;
    return result;
}

static struct gpiod_line_request *request_lines(
    struct gpiod_chip *chip, const unsigned int *offsets, const int *values, size_t count,
    bool active_low, const char *consumer) {
    struct gpiod_line_request *request = NULL;
    struct gpiod_line_config *lines = gpiod_line_config_new();
    struct gpiod_request_config *options = gpiod_request_config_new();
    bool ready = lines && options;
    for (size_t index = 0; ready && index < count; index++)
        ready = add_line(lines, offsets[index], values[index], active_low) == 0;
    if (ready) {
        gpiod_request_config_set_consumer(options, consumer);
        request = gpiod_chip_request_lines(chip, options, lines);
    }
    int code = errno;
    if (lines) gpiod_line_config_free(lines);
    if (options) gpiod_request_config_free(options);
    errno = code;
    return request;
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
    struct gpiod_chip *opened = open_chip(chip);
    if (!opened) {
        fail(error, "open the chip");
        free(gpio);
        return NULL;
    }
    gpio->count = count;
    memcpy(gpio->offsets, offsets, count * sizeof offsets[0]);
    gpio->request = request_lines(opened, offsets, values, count, active_low, consumer);
    if (!gpio->request) {
        fail(error, "request the lines");
        free(gpio);
        gpio = NULL;
    }
    gpiod_chip_close(opened);
    return gpio;
}

int kioskpay_gpio_set(kioskpay_gpio *gpio, const int *values, kioskpay_gpio_error *error) {
    enum gpiod_line_value levels[KIOSKPAY_GPIO_MAX_LINES];
    for (size_t index = 0; index < gpio->count; index++)
        levels[index] = values[index] ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
    // One call of the kernel for all lines; naming the offsets, the order inside the request does not matter.
    int result =
        gpiod_line_request_set_values_subset(gpio->request, gpio->count, gpio->offsets, levels);
    if (result == 0) return 0;
    fail(error, "set the lines");
    return -1;
}

void kioskpay_gpio_close(kioskpay_gpio *gpio) {
    gpiod_line_request_release(gpio->request);
    free(gpio);
}

#endif
