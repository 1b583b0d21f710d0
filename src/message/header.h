/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_MESSAGE_HEADER_H
#define WAXSEAL_MESSAGE_HEADER_H

#include "base/buf.h"

#include <stdbool.h>

/* What is to be done with the header of a message. Each text is "Name: value"; a backslash and an n
 * in it are a line feed. */
struct message_header_wish {
    const char *first;      /* whole lines that go before `add`; NULL or "" none */
    const char *const *add; /* go to %NEW_HEADERS%, else to the end of the header */
    size_t add_count;
    /* Each takes the place of the last field of its name (and its continuation lines); where there
     * is none it is added behind `add`. A \n that no blank follows begins another field. */
    const char *const *replace;
    size_t replace_count;
    bool nocase;      /* names match without regard to case */
    const char *stop; /* no field is replaced from this text on; NULL: up to the first empty line */
};

/* Rewrites the header section of the message, which ends at the first empty line. A message without
 * one is all header, and gets one. Failure is the buffer's sticky `failed`. */
void message_header_apply(struct base_buf *message, const struct message_header_wish *wish);

#endif
