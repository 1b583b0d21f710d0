/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_PROBE_VISIT_H
#define WAXSEAL_PROBE_VISIT_H

#include "base/arena.h"
#include "base/log.h"
#include "facts/target.h"
#include "mail/dialogue.h"
#include "net/address.h"
#include "net/engine.h"
#include "tls/session.h"

/* One look at one endpoint: joins the mail dialogue and the TLS session into a net_engine that
 * either driver plays. All that is seen goes into the endpoint's facts. */
struct probe_visit;

struct probe_config {
    const char *helo;
    const char *sni;         /* NULL: the endpoint's host unless it is an address; "": none */
    const char *verify_name; /* NULL: the endpoint's host */
    const char *domain;      /* mail domain of the target, or NULL */
    struct mail_timeouts timeouts;
    base_usec handshake_timeout;
    base_usec overall; /* whole visit, from the connection attempt */
    bool plain_only;
    struct tls_context *tls;
    const struct pki_trust *trust;
    int64_t wall_now; /* seconds since 1970 */
    const struct base_log *log;
};

/* `facts` has host, address, port, protocol and implicit_tls filled in by the caller. The config's
 * pointers must outlive the visit. */
WS_MUST_USE enum ws_err probe_visit_new(const struct probe_config *config,
                                        struct facts_endpoint *facts, struct base_arena *arena,
                                        base_usec now, struct probe_visit **out,
                                        struct base_error *e);
void probe_visit_free(struct probe_visit *v);
struct net_engine *probe_visit_engine(struct probe_visit *v);

#endif
