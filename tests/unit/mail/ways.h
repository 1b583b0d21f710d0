/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TESTS_MAIL_WAYS_H
#define WAXSEAL_TESTS_MAIL_WAYS_H

#include "mail/reply.h"

/* One reply, read from bytes that came in a certain way. */
struct reading {
    struct base_arena arena;
    struct facts_reply reply;
    enum mail_reply_state state;
    struct base_bytes odd;
    size_t used; /* bytes taken */
};

/* Reads `in` whole, byte by byte, and cut in two at every offset; fails the test when a way differs
 * from the first, which is returned (free with reading_release). */
struct reading read_every_way(enum mail_reply_form form, struct base_bytes in);
void reading_release(struct reading *r);

/* A literal with NULs inside. */
#define BYTES(text) base_bytes_view("" text, sizeof(text) - 1)

#endif
