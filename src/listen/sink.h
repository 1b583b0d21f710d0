/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_LISTEN_SINK_H
#define WAXSEAL_LISTEN_SINK_H

#include "base/log.h"
#include "net/engine.h"
#include "tls/session.h"

/* A small SMTP server side without I/O: greeting, EHLO, HELO, STARTTLS, TLS, MAIL/RCPT/DATA (thrown
 * away), RSET, NOOP, VRFY, QUIT. Faults can be planted for the demo. */
enum listen_fault {
    LISTEN_HEALTHY,
    LISTEN_NO_STARTTLS,    /* EHLO does not offer it; STARTTLS answers 502 */
    LISTEN_STARTTLS_454,   /* offered, answers "454 4.7.0 TLS not available due to local problem" */
    LISTEN_HANDSHAKE_DIES, /* 220, then the connection is closed on the ClientHello */
    LISTEN_TARPIT,         /* accepts and never says a word */
    LISTEN_EARLY_PLAINTEXT, /* bytes in clear behind the STARTTLS reply */
    LISTEN_MASKED,          /* a firewall wrote XXXXXXXA over STARTTLS, asterisks over the banner */
};

/* Largest message taken, as EHLO says (SIZE). */
#define LISTEN_SINK_SIZE 10240000u

struct listen_sink_config {
    const char *name; /* host name in greeting and EHLO */
    enum listen_fault fault;
    struct tls_context *tls; /* NULL: no TLS, as LISTEN_NO_STARTTLS */
    bool implicit_tls;
    base_usec idle_timeout; /* without a byte from the client */
    const struct base_log *log;
};

struct listen_sink;
/* The config must outlive the sink; `peer` (for the log) is copied. */
WS_MUST_USE enum ws_err listen_sink_new(const struct listen_sink_config *c, const char *peer,
                                        struct listen_sink **out);
void listen_sink_free(struct listen_sink *s);
struct net_engine *listen_sink_engine(struct listen_sink *s);
/* The sink of an engine that listen_sink_engine returned. */
struct listen_sink *listen_sink_of(struct net_engine *e);
/* Name of the current state ("command", "data"), for logs and tests. */
const char *listen_sink_state(const struct listen_sink *s);

#endif
