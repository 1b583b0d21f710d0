/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TESTS_UNIT_WIRE_RECORDED_H
#define WAXSEAL_TESTS_UNIT_WIRE_RECORDED_H

#include "base/bytes.h"

/* Handshakes that openssl and gnutls had on loopback: tests/unit/wire/recorded/NAME.flight. */
struct recorded_message {
    bool from_server;
    uint8_t content;
    uint16_t version;
    struct base_bytes bytes; /* alone in its memory, so that a read past the end is seen */
};
struct recorded {
    struct recorded_message messages[32];
    size_t count;
};

extern const char *const recorded_names[]; /* ends with NULL */

/* Fails the test when there is no such recording. */
void recorded_read(const char *name, struct recorded *out);
void recorded_release(struct recorded *r);
/* The body of the first handshake message of this type; fails the test when there is none. */
struct base_bytes recorded_body(const struct recorded *r, uint8_t type);

/* A copy alone in its memory; free(.data). */
struct base_bytes recorded_copy(struct base_bytes b);
/* Path of a file beside the recordings, in a static buffer. */
const char *recorded_path(const char *name, const char *suffix);

#endif
