/* SPDX-License-Identifier: Apache-2.0 */
/* context - libunbound, tamed
 *
 * One context on the event loop: no threads, no processes, no descriptors while nothing is asked.
 * Made in about two milliseconds and 2.5 MB, so it is made only when a question needs it.
 *
 * The order of calls is not free: options, forwarders and anchors come first; taking a built-in
 * local zone out finalises the context (and so tells whether the anchor file was any good).
 *
 * libunbound answers some names itself and asks nobody ("test.", "home.arpa.", reverse zones of
 * private addresses). That is right on the open internet and wrong as soon as somebody names the
 * resolver that knows better, so those zones are taken out then; "localhost." stays.
 *
 * Ownership: the caller's; free it before the event loop. RFC 6303, 6761, 8375. */
#include "dns/context.h"

#include "base/buf.h"
#include "base/library.h"

#include <stdlib.h>
#include <unbound-event.h>
#include <unbound.h>

#define CLASS_IN 1

/* clang-format off */
#define UNBOUND_FUNCTIONS(X) \
    X(ub_cancel) \
    X(ub_ctx_add_ta_file) \
    X(ub_ctx_create_event) \
    X(ub_ctx_debugout) \
    X(ub_ctx_delete) \
    X(ub_ctx_set_fwd) \
    X(ub_ctx_set_option) \
    X(ub_ctx_zone_remove) \
    X(ub_resolve_event) \
    X(ub_strerror)
/* clang-format on */

BASE_LIBRARY(unbound, "libunbound.so.8", "libunbound8", UNBOUND_FUNCTIONS)

struct dns_context {
    struct ub_ctx *ub;
};

static const char *const options[][2] =
    {
        {"do-not-query-localhost:", "no"}, /* a resolver on this machine is a good one */
        {"outgoing-num-tcp:", "8"},
        {"msg-cache-size:", "1m"},
        {"rrset-cache-size:", "2m"},
        {"key-cache-size:", "512k"},
        {"neg-cache-size:", "128k"},
        {"msg-cache-slabs:", "1"},
        {"rrset-cache-slabs:", "1"},
        {"key-cache-slabs:", "1"},
        {"infra-cache-slabs:", "1"},
        {"infra-cache-numhosts:", "1000"},
        {"infra-keep-probing:", "yes"}, /* one lost packet must not silence a forwarder */
        {"tls-upstream:", "no"},
        {"rrset-roundrobin:", "no"}, /* the same question gives the same report */
};

static const char *const home_zones[] = {
    "home.arpa.",
    "127.in-addr.arpa.",
    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa.",
    "test.",
    "invalid.",
    "onion.",
};

static int set_number(struct ub_ctx *ub, const char *name, unsigned value) {
    struct base_buf text;
    base_buf_init(&text, 16);
    base_buf_printf(&text, "%u", value);
    int rc = unbound.ub_ctx_set_option(ub, name, base_buf_cstr(&text));
    base_buf_release(&text);
    return rc;
}

static int set_options(struct ub_ctx *ub, const struct dns_context_config *c) {
    int rc = 0;
    for (size_t i = 0; i < sizeof options / sizeof options[0] && rc == 0; i++)
        rc = unbound.ub_ctx_set_option(ub, options[i][0], options[i][1]);
    if (rc == 0)
        rc = set_number(ub, "outgoing-range:", c->at_once);
    if (rc == 0) /* a question brings others about: keys, names of name servers */
        rc = set_number(ub, "num-queries-per-thread:", 4 * c->at_once);
    if (rc == 0)
        rc = unbound.ub_ctx_set_option(
            ub, "module-config:", c->anchor_file ? "validator iterator" : "iterator");
    if (rc == 0 && c->forwarder_count > 0)
        rc = unbound.ub_ctx_set_option(ub, "unblock-lan-zones:", "yes");
    return rc;
}

static int set_servers(struct ub_ctx *ub, const struct dns_context_config *c) {
    int rc = 0;
    for (size_t i = 0; i < c->forwarder_count && rc == 0; i++)
        rc = unbound.ub_ctx_set_fwd(ub, c->forwarders[i]);
    return rc;
}

/* The first call finalises the context in any case. */
static int take_out_home_zones(struct ub_ctx *ub, const struct dns_context_config *c) {
    size_t count = c->forwarders_given ? sizeof home_zones / sizeof home_zones[0] : 1;
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = unbound.ub_ctx_zone_remove(ub, home_zones[i]);
    return rc;
}

static int set_up(struct ub_ctx *ub, const struct dns_context_config *c) {
    int rc = unbound.ub_ctx_debugout(ub, NULL); /* its own messages would go to stderr */
    if (rc == 0)
        rc = set_options(ub, c);
    if (rc == 0)
        rc = set_servers(ub, c);
    if (rc == 0 && c->anchor_file)
        rc = unbound.ub_ctx_add_ta_file(ub, c->anchor_file);
    return rc == 0 ? take_out_home_zones(ub, c) : rc;
}

enum ws_err dns_context_new(const struct dns_context_config *c, struct dns_context **out,
                            struct base_error *e) {
    struct dns_context *made;
    *out = NULL;
    enum ws_err err = base_library_load(&unbound_library, e);
    if (err != WS_OK)
        return err;
    made = calloc(1, sizeof *made);
    if (!made)
        return base_error_set(e, WS_NOMEM, "out of memory");
    made->ub = unbound.ub_ctx_create_event(c->base);
    int rc = made->ub ? set_up(made->ub, c) : UB_NOMEM;
    if (rc != 0) {
        dns_context_free(made);
        return base_error_set(e, WS_LIBRARY, "libunbound: %s", unbound.ub_strerror(rc));
    }
    *out = made;
    return WS_OK;
}

void dns_context_free(struct dns_context *c) {
    if (!c)
        return;
    if (c->ub)
        unbound.ub_ctx_delete(c->ub);
    free(c);
}

/* The packet means nothing beside an error code. */
static void on_answer(void *arg, int rcode, void *packet, int len, int security, char *why,
                      int limited) {
    const struct dns_asked *asked = arg;
    struct dns_reply r = {.rcode = (unsigned)rcode, .why = why ? why : ""};
    (void)limited;
    if (rcode == 0 && packet && len > 0)
        r.packet = base_bytes_view(packet, (size_t)len);
    if (security == 1)
        r.security = DNS_SECURITY_BOGUS;
    else if (security == 2)
        r.security = DNS_SECURITY_PROVEN;
    asked->answered(asked->arg, &r);
}

enum ws_err dns_context_ask(struct dns_context *c, const char *name, unsigned type,
                            struct dns_asked *asked, struct base_error *e) {
    int id = 0;
    asked->id = 0;
    int rc = unbound.ub_resolve_event(c->ub, name, (int)type, CLASS_IN, asked, on_answer, &id);
    if (rc != 0)
        return base_error_set(e, WS_LIBRARY, "libunbound: %s", unbound.ub_strerror(rc));
    if (id != 0) /* else it was answered from local data, and `asked` may be gone */
        asked->id = id;
    return WS_OK;
}

void dns_context_cancel(struct dns_context *c, const struct dns_asked *asked) {
    if (asked->id != 0)
        (void)unbound.ub_cancel(c->ub, asked->id);
}
