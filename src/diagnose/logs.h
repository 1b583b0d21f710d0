/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_DIAGNOSE_LOGS_H
#define WAXSEAL_DIAGNOSE_LOGS_H

#include "base/arena.h"
#include "diagnose/software.h"

/* What a side writes into its log about its own reason, by the TLS library it uses. NULL: nothing
 * that could be told. */
struct diagnose_log {
    const char *openssl; /* "no shared cipher" */
    const char *gnutls;  /* "No supported cipher suites have been found." */
};

/* Lines for both sides when the server ended the handshake of `e` for the reason `server` gives;
 * what the client writes follows from how it ended. The server's lines are those of its software,
 * when that is known. Arena text. */
const char *diagnose_logs_of_server(struct base_arena *arena, const struct facts_endpoint *e,
                                    const struct diagnose_log *server);
/* The same when the client ended it; what the server writes follows from the alert sent. */
const char *diagnose_logs_of_client(struct base_arena *arena, const struct facts_endpoint *e,
                                    const struct diagnose_log *client);
/* The same when it was the certificate that the client refused. */
const char *diagnose_logs_of_verification(struct base_arena *arena, const struct facts_endpoint *e);

#endif
