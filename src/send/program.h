/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_PROGRAM_H
#define WAXSEAL_SEND_PROGRAM_H

#include "send/layers.h"

/* The whole of `waxseal send` and of swaks behind the command line. */

struct send_call {
    struct send_sources sources;
    enum send_manner manner;
    const char *program; /* argv[0] as typed */
    const char *version; /* NULL: the version of swaks whose behaviour this is */
    int in, out, err;    /* standard input, output and error */
    bool paged;          /* --help goes through a pager when standard output is a terminal */
};

/* Does it all; returns the exit code. SIGPIPE must be ignored. */
int send_program_run(const struct send_call *call);

#endif
