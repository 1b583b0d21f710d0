/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_REPORT_S_CLIENT_H
#define WAXSEAL_REPORT_S_CLIENT_H

#include "base/buf.h"
#include "facts/detail.h"
#include "facts/endpoint.h"

/* The lines of `openssl s_client`, in its words and its order, as scripts read them. Where versions
 * of OpenSSL print other words, those of the linked library (detail.library_number) are used. `d`
 * may be all zero when no ClientHello was sent. */

struct report_s_client_flags {
    bool showcerts; /* -showcerts: the PEM of every certificate */
    bool again;     /* -reconnect: what came with the first connection is not shown once more */
};

/* stderr, before all others: "Connecting to 192.0.2.1" (3.2 and later), and that no name was sent.
 */
void report_s_client_connecting(const struct facts_endpoint *e, const struct facts_detail *d,
                                struct base_buf *err);
/* stdout, once the connection stands: "CONNECTED(00000003)"; nothing with -brief or -quiet. */
void report_s_client_connected(int fd, struct base_buf *out);
/* stdout, -reconnect: between one connection and the next. */
void report_s_client_reconnecting(struct base_buf *out);
/* stderr, -brief or not: what the path check said, "depth=..." and "verify ...". `quiet`
 * (-verify_quiet, -brief) shows only errors. */
void report_s_client_verify(const struct facts_detail *d, bool quiet, struct base_buf *err);
/* stderr: the library's error queue, when it ended the session. */
void report_s_client_errors(const struct facts_detail *d, struct base_buf *err);
/* stderr, -brief: "CONNECTION ESTABLISHED" and the lines after it; nothing without a session. */
void report_s_client_brief(const struct facts_endpoint *e, const struct facts_detail *d,
                           struct base_buf *err);
/* stdout, neither -brief nor -quiet: everything on the session, from the OCSP response to the
 * closing "---". Also after a handshake that failed, and again at the end with -prexit. */
void report_s_client_full(const struct facts_endpoint *e, const struct facts_detail *d,
                          const struct report_s_client_flags *f, struct base_buf *out);
/* stdout: a TLS 1.3 ticket that came later, `text` as in detail.tickets. */
void report_s_client_ticket(const char *text, struct base_buf *out);

#endif
