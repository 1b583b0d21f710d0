/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CONNECT_TALK_DOT_H
#define WAXSEAL_CONNECT_TALK_DOT_H

#include "connect/talk_talker.h"

/* Lines that are for us, where a command is expected: ".help". */
enum connect_dot {
    CONNECT_DOT_DONE,
    CONNECT_DOT_QUIT,    /* leave, saying goodbye */
    CONNECT_DOT_UNKNOWN, /* nothing was done; said in a note */
};

struct connect_dot_command {
    const char *name; /* "help", without the dot */
    const char *what; /* what it does, for .help */
};

const struct connect_dot_command *connect_dot_commands(size_t *count);
/* `line` begins with a dot. */
enum connect_dot connect_dot_run(struct connect_talker *k, struct base_bytes line);

#endif
