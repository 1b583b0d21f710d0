/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose_policy - a server beside what its domain publishes
 *
 * What a policy comes to for mail is ruled in policy/ruling.c; here it gets words and a remedy.
 *
 * TLSA records go stale when a certificate is renewed with a new key and the DNS is not: the one
 * that was shown is told in the form in which it belongs into the zone. RFC 7671 section 8.1. */
#include "diagnose/policy.h"

#include "policy/ruling.h"

#define RECORDS_SHOWN 3u
#define PATTERNS_SHOWN 8u
#define NO_MATCH 65 /* X509_V_ERR_DANE_NO_MATCH; name and dates have rules of their own */

static const char *records(const struct facts_tlsa *tlsa, struct base_arena *arena) {
    const char *list = "";
    size_t shown = 0;
    for (size_t i = 0; i < tlsa->count && shown < RECORDS_SHOWN; i++)
        if (!tlsa->items[i].why[0])
            list = base_arena_printf(arena, "%s%s%.80s", list, shown++ > 0 ? ", " : "",
                                     tlsa->items[i].text);
    return tlsa->usable > shown ? base_arena_printf(arena, "%s ...", list) : list;
}

bool diagnose_tlsa_mismatch(const struct facts_tlsa *tlsa, const struct facts_endpoint *e,
                            struct base_arena *arena, struct facts_finding *out) {
    if (e->verification.code != NO_MATCH || tlsa->usable == 0 || e->certificate_count == 0 ||
        !e->certificates[0].parsed)
        return false;
    *out = (struct facts_finding){
        .id = "certificate-tlsa-mismatch",
        .severity = FACTS_SEVERITY_ERROR,
        .title = "The certificate is not the one that DANE promises",
        .evidence = base_arena_printf(
            arena, "TLSA at %s: %s; the server shows a certificate that would be 3 1 1 %s",
            tlsa->name, records(tlsa, arena), e->certificates[0].spki_sha256),
        .impact = "senders that do DANE can't deliver, and nobody can tell a renewed key from an "
                  "attack",
        .fix = base_arena_printf(
            arena,
            "if the certificate is right, its owner has to publish `%s. IN TLSA 3 1 1 %s` and to "
            "wait for the TTL before the old record goes; else the server has to load the "
            "certificate that the record speaks of. A record of usage 2 needs that authority's "
            "certificate in the chain that is sent",
            tlsa->name, e->certificates[0].spki_sha256),
    };
    return true;
}

/* --- what is published by itself --- */

bool diagnose_dane_mx(const char *domain, const struct facts_dns_answer *mx,
                      struct base_arena *arena, struct facts_finding *out) {
    bool unknown = policy_dane_mx(mx) == POLICY_MUST_WAIT;
    if (policy_dane_mx(mx) == POLICY_ASKS_PROOF)
        return false;
    *out = (struct facts_finding){
        .id = unknown ? "dane-mx-unknown" : "dane-mx-unsigned",
        .severity = unknown ? FACTS_SEVERITY_WARNING : FACTS_SEVERITY_INFO,
        .endpoint = -1,
        .title = unknown ? "Whether DANE protects the domain can't be told"
                         : "DANE does not protect the domain",
        .evidence =
            unknown ? base_arena_printf(arena, "the MX of %s could not be looked up safely (%s)",
                                        domain, mx->why)
                    : base_arena_printf(arena, "the MX records of %s are not signed with DNSSEC",
                                        domain),
        .impact = unknown ? "senders that do DANE keep the mail until they get a proven answer"
                          : "whoever can forge an answer of the DNS can lead mail elsewhere",
        .fix = unknown ? "look at the domain's DNSSEC and name servers, and at the resolver that "
                         "was asked"
                       : "its owner has to sign the zone and publish TLSA records",
    };
    return true;
}

bool diagnose_dane_host(const struct facts_tlsa *tlsa, unsigned port, struct base_arena *arena,
                        struct facts_finding *out) {
    enum policy_ruling ruling = policy_dane_host(tlsa);
    if (ruling == POLICY_ASKS_PROOF || tlsa->state == FACTS_TLSA_NOT_ASKED)
        return false;
    *out = (struct facts_finding){
        .id = "dane-absent",
        .severity = FACTS_SEVERITY_INFO,
        .endpoint = -1,
        .title = "No TLSA record protects the mail host",
        .evidence = tlsa->why,
        .impact = "senders that do DANE can't tell the server from another one",
        .fix = base_arena_printf(arena,
                                 "the server's owner has to publish a TLSA record (usage 3, "
                                 "selector 1, matching type 1 is best) at _%u._tcp.%s in a signed "
                                 "zone",
                                 port, tlsa->host),
    };
    if (ruling == POLICY_ASKS_TLS) {
        out->id = "dane-unusable";
        out->severity = FACTS_SEVERITY_WARNING;
        out->title = "The mail host's TLSA records can't be used";
    } else if (ruling == POLICY_MUST_WAIT) {
        out->id = "dane-unknown";
        out->severity = FACTS_SEVERITY_WARNING;
        out->title = "Whether DANE protects the mail host can't be told";
        out->impact = "senders that do DANE keep the mail until they get a proven answer";
        out->fix = "look at the host's DNSSEC and name servers, and at the resolver that was asked";
    }
    return true;
}

bool diagnose_sts_domain(const struct facts_sts *sts, struct facts_finding *out) {
    bool broken = sts->state == FACTS_STS_BROKEN, unknown = sts->state == FACTS_STS_UNKNOWN;
    if (sts->state == FACTS_STS_FOUND || sts->state == FACTS_STS_NOT_ASKED)
        return false;
    *out = (struct facts_finding){
        .id = broken    ? "sts-broken"
              : unknown ? "sts-unknown"
                        : "sts-absent",
        .severity = broken    ? FACTS_SEVERITY_ERROR
                    : unknown ? FACTS_SEVERITY_WARNING
                              : FACTS_SEVERITY_INFO,
        .endpoint = -1,
        .title = broken    ? "The domain's MTA-STS policy is none"
                 : unknown ? "The domain's MTA-STS policy can't be had"
                           : "MTA-STS does not protect the domain",
        .evidence = sts->why,
        .impact = "a sender that has kept no earlier policy takes the domain for one without; "
                  "somebody in the way can take TLS away",
        .fix = unknown ? "look at the policy's web server, its certificate and its name servers"
                       : "the domain's owner has to publish a record and a policy (RFC 8461)",
    };
    return true;
}

static const char *patterns(const struct facts_sts *sts, struct base_arena *arena) {
    const char *list = sts->mx_count > 0 ? sts->mx[0] : "";
    for (size_t i = 1; i < sts->mx_count && i < PATTERNS_SHOWN; i++)
        list = base_arena_printf(arena, "%s, %s", list, sts->mx[i]);
    return sts->mx_count > PATTERNS_SHOWN ? base_arena_printf(arena, "%s ...", list) : list;
}

bool diagnose_sts_host(const struct facts_sts *sts, const char *host, struct base_arena *arena,
                       struct facts_finding *out) {
    if (policy_sts_host(sts, host) != POLICY_FORBIDS)
        return false;
    *out = (struct facts_finding){
        .id = "sts-host-missing",
        .severity = FACTS_SEVERITY_ERROR,
        .endpoint = -1,
        .title = "The domain's MTA-STS policy does not name the mail host",
        .evidence = base_arena_printf(arena, "%s is not among the mail hosts it names (%s)", host,
                                      patterns(sts, arena)),
        .impact = "senders that do MTA-STS may not deliver to this host",
        .fix = "the domain's owner has to add the host to the policy, and to change the record's "
               "id",
    };
    return true;
}
