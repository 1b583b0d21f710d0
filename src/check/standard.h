/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CHECK_STANDARD_H
#define WAXSEAL_CHECK_STANDARD_H

#include "check/options.h"

/* The tools of a caller that has none of its own: resolver, trust and TLS context as the options
 * say, on the caller's loop; and the head of its report. */
struct check_standard {
    struct check_tools tools;
    struct facts_report report; /* version, started, helo */
    struct base_arena arena;    /* small: our own name */
    struct pki_trust *own_trust;
    struct tls_context *tls;
    enum ws_err failure; /* of the TLS context: with its words in `error` */
    struct base_error error;
};

/* `trust` NULL: the system's, or what the options name. Must stay where it is, and be closed in any
 * case. WS_USAGE: a file that was named can't be used. */
WS_MUST_USE enum ws_err check_standard_open(struct check_standard *s, struct net_loop *loop,
                                            const struct check_options *o,
                                            const struct pki_trust *trust, struct base_error *e);
void check_standard_close(struct check_standard *s); /* after the engines, before the loop */

#endif
