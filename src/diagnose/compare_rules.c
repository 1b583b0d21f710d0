/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose_compare_rules - addresses behind one name should be alike. */
#include "diagnose/rule_private.h"

#include <string.h>

/* The first two endpoints of one host for which `differ` holds. */
static bool find_pair(const struct facts_target *t,
                      bool (*differ)(const struct facts_endpoint *, const struct facts_endpoint *),
                      const struct facts_endpoint **a, const struct facts_endpoint **b) {
    for (size_t i = 0; i < t->endpoint_count; i++)
        for (size_t k = i + 1; k < t->endpoint_count; k++) {
            *a = &t->endpoints[i];
            *b = &t->endpoints[k];
            if (strcmp((*a)->host, (*b)->host) == 0 && differ(*a, *b))
                return true;
        }
    return false;
}

static bool certificates_differ(const struct facts_endpoint *a, const struct facts_endpoint *b) {
    return diagnose_has_leaf(a) && diagnose_has_leaf(b) &&
           strcmp(a->certificates[0].sha256, b->certificates[0].sha256) != 0;
}

static bool protocols_differ(const struct facts_endpoint *a, const struct facts_endpoint *b) {
    return a->session.established && b->session.established &&
           a->session.version != b->session.version;
}

static bool software_differs(const struct facts_endpoint *a, const struct facts_endpoint *b) {
    return a->greeting.received && b->greeting.received &&
           diagnose_software_of(a) != diagnose_software_of(b);
}

static bool reach_differs(const struct facts_endpoint *a, const struct facts_endpoint *b) {
    return (a->session.established && b->stop == FACTS_STOP_NO_STARTTLS) ||
           (b->session.established && a->stop == FACTS_STOP_NO_STARTTLS);
}

static const char whom[] = "what a sender meets depends on the address it happens to use: trouble "
                           "comes and goes";

static bool other_certificate(struct diagnose_case *c) {
    const struct facts_endpoint *a, *b;
    if (!find_pair(c->target, certificates_differ, &a, &b))
        return false;
    return diagnose_say(
        c,
        base_arena_printf(c->arena, "%s: certificate %.16s... at %s, %.16s... at %s", a->host,
                          a->certificates[0].sha256, a->address, b->certificates[0].sha256,
                          b->address),
        "fine while both are good; a renewal that reached one machine only looks like this",
        "compare dates and names of both; deploy renewals to all machines");
}

static bool other_protocol(struct diagnose_case *c) {
    const struct facts_endpoint *a, *b;
    if (!find_pair(c->target, protocols_differ, &a, &b))
        return false;
    return diagnose_say(c,
                        base_arena_printf(c->arena, "%s: %s at %s, %s at %s", a->host,
                                          a->session.protocol, a->address, b->session.protocol,
                                          b->address),
                        whom, "give all machines behind the name the same software and settings");
}

static bool other_software(struct diagnose_case *c) {
    const struct facts_endpoint *a, *b;
    if (!find_pair(c->target, software_differs, &a, &b))
        return false;
    return diagnose_say(c,
                        base_arena_printf(c->arena, "%s: \"%s\" at %s, \"%s\" at %s", a->host,
                                          diagnose_reply(c->arena, &a->greeting), a->address,
                                          diagnose_reply(c->arena, &b->greeting), b->address),
                        whom, "see that both addresses are meant to be this mail server");
}

static bool starttls_at_some(struct diagnose_case *c) {
    const struct facts_endpoint *a, *b;
    if (!find_pair(c->target, reach_differs, &a, &b))
        return false;
    return diagnose_say(c,
                        base_arena_printf(c->arena, "%s: TLS works at %s, not at %s", a->host,
                                          a->session.established ? a->address : b->address,
                                          a->session.established ? b->address : a->address),
                        whom, "give all machines behind the name the same settings");
}

const struct diagnose_rule diagnose_compare_rules[] = {
    {"addresses-differ-starttls", FACTS_SEVERITY_ERROR, "Only some addresses offer STARTTLS",
     "addresses of one host differ in STARTTLS", starttls_at_some},
    {"addresses-differ-protocol", FACTS_SEVERITY_WARNING, "Addresses differ in protocol",
     "addresses of one host negotiate different protocols", other_protocol},
    {"addresses-differ-certificate", FACTS_SEVERITY_INFO, "Addresses differ in certificate",
     "addresses of one host show different certificates", other_certificate},
    {"addresses-differ-software", FACTS_SEVERITY_INFO, "Addresses differ in software",
     "addresses of one host greet as different software", other_software},
    {.id = NULL},
};
