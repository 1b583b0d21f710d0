/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose_reach_rules - what the connections to all addresses say together. */
#include "diagnose/rule.h"

static size_t count_state(const struct facts_target *t, enum facts_connect_state state) {
    size_t n = 0;
    for (size_t i = 0; i < t->endpoint_count; i++)
        n += t->endpoints[i].connect.state == state;
    return n;
}

/* Loopback and private addresses: no provider stands between. */
static bool is_local(const char *address) {
    static const char *const starts[] = {"127.",  "10.", "192.168.", "169.254.",
                                         "fe80:", "fc",  "fd"};
    struct base_bytes b = base_bytes_of_str(address);
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        if (base_bytes_starts_with_nocase(b, starts[i]))
            return true;
    return base_bytes_equal_str(b, "::1");
}

bool diagnose_is_port_25_blocked(const struct facts_target *t) {
    return t->port == 25 && t->endpoint_count > 0 &&
           count_state(t, FACTS_CONNECT_TIMEOUT) == t->endpoint_count &&
           !is_local(t->endpoints[0].address);
}

static bool port_25_blocked(struct diagnose_case *c) {
    const struct facts_target *t = c->target;
    if (!diagnose_is_port_25_blocked(t))
        return false;
    return diagnose_say(
        c,
        base_arena_printf(c->arena, "no answer on port 25 from any of %zu address%s within %.1f s",
                          t->endpoint_count, t->endpoint_count == 1 ? "" : "es",
                          t->endpoints[0].connect.ms / 1000.0),
        "many access networks and clouds block outgoing port 25; then this says nothing about the "
        "server, and a mail server on this network could send nothing either",
        "to tell: try a host that is known to answer on port 25, then this one with --port 587; if "
        "25 alone times out everywhere, it is this network: look from another one, or ask its "
        "operator to open port 25");
}

const struct diagnose_rule diagnose_reach_rules[] = {
    {"port-25-blocked", FACTS_SEVERITY_WARNING, "This network probably blocks outgoing port 25",
     "every connection to port 25 timed out", port_25_blocked},
    {.id = NULL},
};
