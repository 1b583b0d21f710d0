/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose_policy - a server beside what its domain publishes
 *
 * TLSA records go stale when a certificate is renewed with a new key and the DNS is not: the one
 * that was shown is told in the form in which it belongs into the zone. RFC 7671 section 8.1. */
#include "diagnose/policy.h"

#define RECORDS_SHOWN 3u
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
