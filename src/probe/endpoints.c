/* SPDX-License-Identifier: Apache-2.0 */
/* probe_endpoints - from what DNS said to what will be visited.
 *
 * Pure: facts in, facts out. A host without addresses gives no endpoint; diagnose/ tells. A unix
 * socket is its own address. */
#include "probe/endpoints.h"

static void fill_endpoint(struct facts_endpoint *e, const struct facts_target *t,
                          const struct facts_host *h, const struct facts_address *a) {
    facts_endpoint_begin(e, t, h->name, a->text);
    e->mx_preference = h->preference;
    e->ptr = a->ptr ? a->ptr : "";
    e->ptr_confirmed = a->ptr_confirmed;
}

/* The name a local service is expected to bear is "localhost", unless --verify-name says more. */
static enum ws_err build_socket(struct facts_target *t, struct base_arena *arena) {
    t->endpoints = base_arena_array(arena, 1, sizeof *t->endpoints);
    if (!t->endpoints)
        return WS_NOMEM;
    t->endpoint_count = t->endpoints_cap = 1;
    facts_endpoint_begin(t->endpoints, t, "localhost", t->name);
    return WS_OK;
}

enum ws_err probe_endpoints_build(struct facts_target *t, struct base_arena *arena) {
    size_t total = 0;
    if (t->kind == FACTS_TARGET_SOCKET)
        return build_socket(t, arena);
    for (size_t i = 0; i < t->dns.host_count; i++)
        total += t->dns.hosts[i].address_count;
    if (total == 0)
        return WS_OK;
    t->endpoints = base_arena_array(arena, total, sizeof *t->endpoints);
    if (!t->endpoints)
        return WS_NOMEM;
    t->endpoint_count = t->endpoints_cap = total;
    struct facts_endpoint *next = t->endpoints;
    for (size_t i = 0; i < t->dns.host_count; i++)
        for (size_t k = 0; k < t->dns.hosts[i].address_count; k++)
            fill_endpoint(next++, t, &t->dns.hosts[i], &t->dns.hosts[i].addresses[k]);
    return WS_OK;
}
