/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SWAKS_PROGRAM_H
#define WAXSEAL_SWAKS_PROGRAM_H

#include "swaks/layers.h"

/* The whole of `waxseal send` and of swaks behind the command line. */

struct swaks_call {
    struct swaks_sources sources;
    enum swaks_manner manner;
    const char *program; /* argv[0] as typed */
    const char *version; /* NULL: the version of swaks whose behaviour this is */
    int in, out, err;    /* standard input, output and error */
    bool paged;          /* --help goes through a pager when standard output is a terminal */
};

/* Does it all; returns the exit code. SIGPIPE must be ignored. */
int swaks_run(const struct swaks_call *call);

#endif
