#include "CGPIOTwin.h"

#include <errno.h>
#include <glob.h>
#include <gpiod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// MARK: The chips

struct gpiod_chip_info {
    char label[32];
};

struct gpiod_chip {
    struct gpiod_chip_info info;
    int open_error;
    int open_count;
    int levels[TWIN_MAX_LINES];
};

static struct gpiod_chip chips[TWIN_MAX_CHIPS];
static size_t chip_count;
static char path_texts[TWIN_MAX_CHIPS][32];
static char *path_list[TWIN_MAX_CHIPS];

void twin_reset(void) {
    memset(chips, 0, sizeof chips);
    chip_count = 0;
}

void twin_add_chip(const char *label, int open_error) {
    struct gpiod_chip *chip = &chips[chip_count];
    snprintf(chip->info.label, sizeof chip->info.label, "%s", label);
    chip->open_error = open_error;
    for (size_t line = 0; line < TWIN_MAX_LINES; line++) chip->levels[line] = -1;
    snprintf(path_texts[chip_count], sizeof path_texts[0], "/dev/gpiochip%zu", chip_count);
    path_list[chip_count] = path_texts[chip_count];
    chip_count++;
}

int twin_level(size_t chip, unsigned int offset) { return chips[chip].levels[offset]; }

int twin_open_chips(void) {
    int count = 0;
    for (size_t index = 0; index < chip_count; index++) count += chips[index].open_count;
    return count;
}

static int twin_glob(
    const char *pattern, int flags, int (*failed)(const char *, int), glob_t *paths) {
    (void)pattern, (void)flags, (void)failed;
    paths->gl_pathc = chip_count;
    paths->gl_pathv = path_list;
    return chip_count == 0 ? GLOB_NOMATCH : 0;
}

static void twin_globfree(glob_t *paths) { (void)paths; }

// MARK: The library

struct gpiod_line_settings {
    enum gpiod_line_direction direction;
    enum gpiod_line_value value;
    bool active_low;
};

struct gpiod_line_config {
    struct gpiod_line_settings lines[TWIN_MAX_LINES];
    bool is_set[TWIN_MAX_LINES];
};

struct gpiod_request_config {
    const char *consumer;
};

struct gpiod_line_request {
    struct gpiod_chip *chip;
    struct gpiod_line_config config;
};

static struct gpiod_chip *chip_at(const char *path) {
    for (size_t index = 0; index < chip_count; index++)
        if (strcmp(path, path_texts[index]) == 0) return &chips[index];
    return NULL;
}

bool gpiod_is_gpiochip_device(const char *path) { return chip_at(path) != NULL; }

struct gpiod_chip *gpiod_chip_open(const char *path) {
    struct gpiod_chip *chip = chip_at(path);
    if (!chip || chip->open_error != 0) {
        errno = chip ? chip->open_error : ENOENT;
        return NULL;
    }
    chip->open_count++;
    return chip;
}

void gpiod_chip_close(struct gpiod_chip *chip) { chip->open_count--; }
struct gpiod_chip_info *gpiod_chip_get_info(struct gpiod_chip *chip) { return &chip->info; }
void gpiod_chip_info_free(struct gpiod_chip_info *info) { (void)info; }
const char *gpiod_chip_info_get_label(struct gpiod_chip_info *info) { return info->label; }

struct gpiod_line_settings *gpiod_line_settings_new(void) {
    return calloc(1, sizeof(struct gpiod_line_settings));
}

void gpiod_line_settings_free(struct gpiod_line_settings *settings) { free(settings); }

int gpiod_line_settings_set_direction(
    struct gpiod_line_settings *settings, enum gpiod_line_direction direction) {
    settings->direction = direction;
    return 0;
}

void gpiod_line_settings_set_active_low(struct gpiod_line_settings *settings, bool active_low) {
    settings->active_low = active_low;
}

int gpiod_line_settings_set_output_value(
    struct gpiod_line_settings *settings, enum gpiod_line_value value) {
    settings->value = value;
    return 0;
}

struct gpiod_line_config *gpiod_line_config_new(void) {
    return calloc(1, sizeof(struct gpiod_line_config));
}

void gpiod_line_config_free(struct gpiod_line_config *config) { free(config); }

int gpiod_line_config_add_line_settings(
    struct gpiod_line_config *config, const unsigned int *offsets, size_t num_offsets,
    struct gpiod_line_settings *settings) {
    for (size_t index = 0; index < num_offsets; index++) {
        config->lines[offsets[index]] = *settings;
        config->is_set[offsets[index]] = true;
    }
    return 0;
}

struct gpiod_request_config *gpiod_request_config_new(void) {
    return calloc(1, sizeof(struct gpiod_request_config));
}

void gpiod_request_config_free(struct gpiod_request_config *config) { free(config); }

void gpiod_request_config_set_consumer(struct gpiod_request_config *config, const char *consumer) {
    config->consumer = consumer;
}

static void show(struct gpiod_line_request *request, unsigned int offset, int value) {
    request->chip->levels[offset] = request->config.lines[offset].active_low ? !value : value;
}

struct gpiod_line_request *gpiod_chip_request_lines(
    struct gpiod_chip *chip, struct gpiod_request_config *req_cfg,
    struct gpiod_line_config *line_cfg) {
    for (size_t line = 0; line < TWIN_MAX_LINES; line++) {
        if (line_cfg->is_set[line] && (chip->levels[line] >= 0 || !req_cfg->consumer)) {
            errno = EBUSY;
            return NULL;
        }
    }
    struct gpiod_line_request *request = calloc(1, sizeof *request);
    request->chip = chip;
    request->config = *line_cfg;
    for (unsigned int line = 0; line < TWIN_MAX_LINES; line++)
        if (line_cfg->is_set[line] && line_cfg->lines[line].direction == GPIOD_LINE_DIRECTION_OUTPUT)
            show(request, line, line_cfg->lines[line].value);
    return request;
}

int gpiod_line_request_set_values_subset(
    struct gpiod_line_request *request, size_t num_values, const unsigned int *offsets,
    const enum gpiod_line_value *values) {
    for (size_t index = 0; index < num_values; index++) show(request, offsets[index], values[index]);
    return 0;
}

void gpiod_line_request_release(struct gpiod_line_request *request) {
    for (size_t line = 0; line < TWIN_MAX_LINES; line++)
        if (request->config.is_set[line]) request->chip->levels[line] = -1;
    free(request);
}

// MARK: The shim, beside the one that is linked

#define glob twin_glob
#define globfree twin_globfree
#define kioskpay_gpio_open gpiod2_open
#define kioskpay_gpio_set gpiod2_set
#define kioskpay_gpio_close gpiod2_close
#include "../../Sources/CGPIO/gpiod2.c"

static const unsigned int offsets_of_lines[5] = {0, 1, 2, 3, 4};

void *twin_gpio_open(const char *chip, const int values[5], bool active_low, int *code) {
    kioskpay_gpio_error error = {NULL, 0};
    kioskpay_gpio *gpio =
        gpiod2_open(chip, offsets_of_lines, values, 5, active_low, "test", &error);
    *code = error.code;
    return gpio;
}

int twin_gpio_set(void *gpio, const int values[5]) {
    kioskpay_gpio_error error;
    return gpiod2_set(gpio, values, &error);
}

void twin_gpio_close(void *gpio) { gpiod2_close(gpio); }
