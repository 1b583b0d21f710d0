/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CONNECT_CONNECT_H
#define WAXSEAL_CONNECT_CONNECT_H

#include "connect/options.h"
#include "report/report.h"

/* How `connect` ends; documented in docs/waxseal.1. */
enum connect_exit {
    CONNECT_EXIT_OK = 0,         /* a session, and every expected reply */
    CONNECT_EXIT_NO_SESSION = 1, /* TLS could not be begun, or the chain was refused on demand */
    CONNECT_EXIT_UNKNOWN = 3,    /* could not tell: network or DNS */
    CONNECT_EXIT_REPLY = 4,      /* a session, but the conversation did not go as expected */
    CONNECT_EXIT_OUTPUT = 74,    /* standard output could not be written */
};

/* Where the conversation comes from and goes to. */
struct connect_io {
    int in, out, err;
};

/* The command: `operand` may be NULL. `exit_code` is set when WS_OK is returned; an error is local
 * (usage, memory, files) and in `e`. */
WS_MUST_USE enum ws_err connect_run_command(const struct connect_options *o, const char *operand,
                                            const struct report_style *style,
                                            const struct base_log *log, const struct connect_io *io,
                                            int *exit_code, struct base_error *e);

#endif
