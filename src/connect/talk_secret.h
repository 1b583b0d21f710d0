/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CONNECT_TALK_SECRET_H
#define WAXSEAL_CONNECT_TALK_SECRET_H

#include "connect/talk_talker.h"

#define CONNECT_SECRET_MAX 1024u

enum connect_secret_end {
    CONNECT_SECRET_READ,
    CONNECT_SECRET_NO_TERMINAL,
    CONNECT_SECRET_STOPPED, /* Ctrl-C, Ctrl-D, or a signal */
    CONNECT_SECRET_CUT,     /* the connection ended meanwhile */
};

/* Asks on the terminal, without echo, while the connection is played. `out` is a C string; the
 * caller wipes it. */
enum connect_secret_end connect_secret_read(struct connect_talker *k, const char *prompt,
                                            char out[CONNECT_SECRET_MAX]);

#endif
