/* SPDX-License-Identifier: Apache-2.0 */
#include "recorded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const char *const recorded_names[] = {
    "gnutls-client",
    "gnutls-client-legacy",
    "gnutls-client-padded",
    "gnutls-server",
    "gnutls-server-tls12",
    "refused-suite",
    "refused-version",
    "tls10-ecdhe",
    "tls11-dhe",
    "tls12-anonymous",
    "tls12-ecdhe-psk",
    "tls12-ecdsa-client",
    "tls12-psk",
    "tls12-renegotiated",
    "tls12-resumed",
    "tls12-rsa-status",
    "tls13-client",
    "tls13-early",
    "tls13-key-update",
    "tls13-psk",
    "tls13-retry",
    NULL,
};

const char *recorded_path(const char *name, const char *suffix) {
    static char path[512];
    const char *source = getenv("WAXSEAL_SOURCE");

    assert_non_null(source);
    snprintf(path, sizeof(path), "%s/tests/unit/wire/recorded/%s.%s", source, name, suffix);
    return path;
}

struct base_bytes recorded_copy(struct base_bytes b) {
    uint8_t *data = malloc(b.len ? b.len : 1);

    assert_non_null(data);
    return base_bytes_view(data, base_bytes_copy(data, b.len, b));
}

static void read_message(const char *line, struct recorded_message *out) {
    size_t room = strlen(line) / 2;
    uint8_t *data = malloc(room);
    unsigned content, version, byte;
    size_t len = 0;
    char who;
    int at;

    assert_non_null(data);
    assert_int_equal(sscanf(line, "%c %u %x %n", &who, &content, &version, &at), 3);
    for (const char *p = line + at; sscanf(p, "%2x", &byte) == 1; p += 2) {
        assert_true(len < room);
        data[len++] = (uint8_t)byte;
    }
    out->from_server = who == 'S';
    out->content = (uint8_t)content;
    out->version = (uint16_t)version;
    out->bytes = recorded_copy(base_bytes_view(data, len));
    free(data);
}

void recorded_read(const char *name, struct recorded *out) {
    FILE *file = fopen(recorded_path(name, "flight"), "r");
    char *line = NULL;
    size_t room = 0;

    if (file == NULL)
        fail_msg("no recording: %s", recorded_path(name, "flight"));
    out->count = 0;
    while (getline(&line, &room, file) > 1) {
        assert_true(out->count < sizeof(out->messages) / sizeof(out->messages[0]));
        read_message(line, &out->messages[out->count++]);
    }
    assert_true(out->count > 0);
    free(line);
    fclose(file);
}

void recorded_release(struct recorded *r) {
    for (size_t i = 0; i < r->count; i++)
        free((void *)r->messages[i].bytes.data);
    r->count = 0;
}

struct base_bytes recorded_body(const struct recorded *r, uint8_t type) {
    for (size_t i = 0; i < r->count; i++) {
        struct base_bytes b = r->messages[i].bytes;
        if (r->messages[i].content == 22 && b.data[0] == type)
            return base_bytes_slice(b, 4, b.len);
    }
    fail_msg("no message %u in the recording", type);
    return BASE_BYTES_EMPTY;
}
