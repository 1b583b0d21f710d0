/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose_name_rules - from the name to the addresses: DNS, MX, null MX. */
#include "diagnose/rule_private.h"
#include "facts/names.h"

#include <string.h>

/* The answer that decides whether anything could be visited: MX for domains, else the host's. */
static const struct facts_dns_answer *first_bad(const struct facts_target *t,
                                                enum facts_dns_result result) {
    if (t->dns.mx.result == result)
        return &t->dns.mx;
    for (size_t i = 0; i < t->dns.host_count; i++) {
        if (t->dns.hosts[i].a.result == result)
            return &t->dns.hosts[i].a;
        if (t->dns.hosts[i].aaaa.result == result)
            return &t->dns.hosts[i].aaaa;
    }
    return NULL;
}

static bool invalid_target(struct diagnose_case *c) {
    if (!c->target->error || !c->target->error[0])
        return false;
    return diagnose_say(c, c->target->error, "nothing was looked at", "correct the target");
}

static bool null_mx(struct diagnose_case *c) {
    if (!c->target->dns.null_mx)
        return false;
    return diagnose_say(
        c, "the only MX record is \"0 .\" (RFC 7505)",
        "senders return mail for this domain at once; there is nothing to deliver to",
        "nothing to do, if the domain is not meant to receive mail");
}

static bool null_mx_mixed(struct diagnose_case *c) {
    if (!c->target->dns.null_mx_mixed)
        return false;
    return diagnose_say(c, "an MX record \".\" stands beside other MX records",
                        "RFC 7505 forbids it; some senders return all mail for the domain",
                        "remove the MX record whose host is \".\", or all others");
}

static bool no_such_name(struct diagnose_case *c) {
    const struct facts_target *t = c->target;
    const char *name = t->name;
    bool gone = t->dns.mx.result == FACTS_DNS_NXDOMAIN;
    for (size_t i = 0; !gone && t->kind != FACTS_TARGET_DOMAIN && i < t->dns.host_count; i++) {
        const struct facts_host *h = &t->dns.hosts[i];
        gone = h->a.result == FACTS_DNS_NXDOMAIN || h->aaaa.result == FACTS_DNS_NXDOMAIN;
        name = h->name;
    }
    if (!gone)
        return false;
    return diagnose_say(c, base_arena_printf(c->arena, "DNS answers that %s does not exist", name),
                        "mail to it is returned at once",
                        "check the spelling; if it is right, register the name or repair its zone");
}

static bool lookup_bogus(struct diagnose_case *c) {
    const struct facts_dns_answer *a = first_bad(c->target, FACTS_DNS_BOGUS);
    if (!a)
        return false;
    return diagnose_say(
        c, base_arena_printf(c->arena, "DNSSEC validation failed: %s", a->why),
        "senders whose resolver validates can't resolve the name: their mail waits and comes back "
        "after days; others notice nothing",
        "repair the zone's signatures or the DS record at the parent (`delv`, `dnsviz` show where "
        "the chain breaks)");
}

static bool lookup_failed(struct diagnose_case *c) {
    static const enum facts_dns_result kinds[] = {FACTS_DNS_SERVFAIL, FACTS_DNS_TIMEOUT,
                                                  FACTS_DNS_ERROR};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const struct facts_dns_answer *a = first_bad(c->target, kinds[i]);
        if (!a)
            continue;
        const char *why = a->why && a->why[0] ? a->why : "no reason was given";
        return diagnose_say(
            c,
            base_arena_printf(c->arena, "the lookup ended in %s: %s",
                              facts_dns_result_name(kinds[i]), why),
            "this does not tell that the name or its servers are missing: it could not be found "
            "out",
            "try again, or ask another resolver with --resolver; if it stays, look at the name "
            "servers of the domain");
    }
    return false;
}

static bool mx_without_address(struct diagnose_case *c) {
    const struct facts_target *t = c->target;
    for (size_t i = 0; i < t->dns.host_count; i++) {
        const struct facts_host *h = &t->dns.hosts[i];
        bool answered =
            (h->a.result == FACTS_DNS_NODATA || h->a.result == FACTS_DNS_NXDOMAIN ||
             h->a.result == FACTS_DNS_NOT_ASKED) &&
            (h->aaaa.result == FACTS_DNS_NODATA || h->aaaa.result == FACTS_DNS_NXDOMAIN ||
             h->aaaa.result == FACTS_DNS_NOT_ASKED);
        bool asked = h->a.result != FACTS_DNS_NOT_ASKED || h->aaaa.result != FACTS_DNS_NOT_ASKED;
        bool told = h->preference < 0 && h->a.result == FACTS_DNS_NXDOMAIN; /* dns-nxdomain */
        if (h->address_count > 0 || !answered || !asked || told)
            continue;
        if (t->endpoint_count > 0)
            c->out->severity = FACTS_SEVERITY_WARNING;
        return diagnose_say(
            c,
            base_arena_printf(c->arena, "%s%s has no A and no AAAA record",
                              h->preference >= 0 ? "MX host " : "", h->name),
            t->endpoint_count > 0 ? "senders lose time on it before they try the other hosts"
                                  : "no sender can deliver",
            h->preference >= 0
                ? "add an address record for the host, or remove it from the MX records"
                : "add an MX record or an address record for the name");
    }
    return false;
}

static bool mx_is_alias(struct diagnose_case *c) {
    const struct facts_target *t = c->target;
    for (size_t i = 0; i < t->dns.host_count; i++) {
        const struct facts_host *h = &t->dns.hosts[i];
        const char *to = h->a.canonical && h->a.canonical[0] ? h->a.canonical
                         : h->aaaa.canonical                 ? h->aaaa.canonical
                                                             : "";
        if (h->preference < 0 || !to[0])
            continue;
        return diagnose_say(
            c, base_arena_printf(c->arena, "MX host %s is an alias (CNAME) of %s", h->name, to),
            "RFC 5321 section 5.1 wants a host with addresses; most senders follow the alias, and "
            "DANE and certificate names become ambiguous",
            base_arena_printf(c->arena, "name %s itself in the MX record", to));
    }
    return false;
}

static bool mx_is_address(struct diagnose_case *c) {
    const struct facts_target *t = c->target;
    for (size_t i = 0; i < t->dns.host_count; i++) {
        const char *name = t->dns.hosts[i].name;
        if (t->dns.hosts[i].preference < 0 || !name[0] ||
            strspn(name, "0123456789.") != strlen(name))
            continue;
        return diagnose_say(c,
                            base_arena_printf(c->arena, "an MX record names the address %s", name),
                            "an MX record must name a host: many senders can't deliver",
                            "give the server a name with an A record and use that name");
    }
    return false;
}

const struct diagnose_rule diagnose_name_rules[] = {
    {"target-invalid", FACTS_SEVERITY_ERROR, "This is no target",
     "the text is no domain, host, address or socket", invalid_target},
    {"null-mx", FACTS_SEVERITY_INFO, "The domain accepts no mail",
     "the domain publishes a null MX record (RFC 7505)", null_mx},
    {"null-mx-mixed", FACTS_SEVERITY_ERROR, "A null MX stands beside real MX hosts",
     "\".\" and real hosts among the MX records", null_mx_mixed},
    {"dns-nxdomain", FACTS_SEVERITY_ERROR, "The name does not exist",
     "DNS says that the name does not exist", no_such_name},
    {"dns-bogus", FACTS_SEVERITY_ERROR, "DNSSEC validation fails",
     "an answer on the way to the server is bogus", lookup_bogus},
    {"dns-lookup-failed", FACTS_SEVERITY_ERROR, "A DNS lookup failed",
     "SERVFAIL, time-out or local failure: not a \"no\"", lookup_failed},
    {"mx-no-address", FACTS_SEVERITY_ERROR, "A host has no address",
     "an MX host, or the name itself, has neither A nor AAAA", mx_without_address},
    {"mx-is-alias", FACTS_SEVERITY_WARNING, "An MX host is an alias",
     "an MX record leads to a CNAME", mx_is_alias},
    {"mx-is-address", FACTS_SEVERITY_ERROR, "An MX record names an address",
     "an MX record holds an IP address instead of a host", mx_is_address},
    {.id = NULL},
};
