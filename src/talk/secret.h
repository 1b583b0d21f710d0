/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TALK_SECRET_H
#define WAXSEAL_TALK_SECRET_H

#include "talk/talker.h"

#define TALK_SECRET_MAX 1024u

enum talk_secret_end {
    TALK_SECRET_READ,
    TALK_SECRET_NO_TERMINAL,
    TALK_SECRET_STOPPED, /* Ctrl-C, Ctrl-D, or a signal */
    TALK_SECRET_CUT,     /* the connection ended meanwhile */
};

/* Asks on the terminal, without echo, while the connection is played. `out` is a C string; the
 * caller wipes it. */
enum talk_secret_end talk_secret_read(struct talker *k, const char *prompt,
                                      char out[TALK_SECRET_MAX]);

#endif
