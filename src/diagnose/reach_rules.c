/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose_reach_rules - what the connections to all addresses say together. */
#include "diagnose/rule.h"

static size_t count_state(const struct facts_target *t, enum facts_connect_state state) {
    size_t n = 0;
    for (size_t i = 0; i < t->endpoint_count; i++)
        n += t->endpoints[i].connect.state == state;
    return n;
}

static bool is_loopback(const char *address) {
    struct base_bytes b = base_bytes_of_str(address);
    return base_bytes_starts_with_nocase(b, "127.") || base_bytes_equal_str(b, "::1");
}

static bool port_25_blocked(struct diagnose_case *c) {
    const struct facts_target *t = c->target;
    if (t->port != 25 || t->endpoint_count == 0 ||
        count_state(t, FACTS_CONNECT_TIMEOUT) != t->endpoint_count ||
        is_loopback(t->endpoints[0].address))
        return false;
    return diagnose_say(
        c,
        base_arena_printf(c->arena, "no answer to any of %zu connection attempts on port 25",
                          t->endpoint_count),
        "many access networks and clouds block outgoing port 25: then this says nothing about the "
        "server",
        "try a host that is known to answer on port 25, or the same host with --port 587; if all "
        "time out on 25 only, run waxseal from the mail server itself or ask the network's "
        "operator");
}

const struct diagnose_rule diagnose_reach_rules[] = {
    {"port-25-blocked", FACTS_SEVERITY_WARNING, "This network probably blocks outgoing port 25",
     "every connection to port 25 timed out", port_25_blocked},
    {.id = NULL},
};
