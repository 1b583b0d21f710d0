/* SPDX-License-Identifier: Apache-2.0 */
/* tlsa - the TLSA records of a mail host, as a sender with DANE reads them
 *
 * Only what DNSSEC proves counts. A proven "there is none" and an unsigned zone are answers; bogus
 * and failed lookups are not, and mail has to wait then, for else whoever can break a lookup could
 * break the protection (RFC 7672 section 2.1.1). DANE-TA(2) and DANE-EE(3) are usable, PKIX-TA(0)
 * and PKIX-EE(1) are not (section 3.1.3).
 *
 * Ownership: facts are the lookup's arena's. */
#include "policy/tlsa.h"

#include "dns/target.h"

#include <string.h>

#define HEAD 3u

static const char *hex(struct base_arena *arena, struct base_bytes b) {
    static const char digits[] = "0123456789abcdef";
    struct base_buf out;
    base_buf_init(&out, 2 * b.len + 1);
    for (size_t i = 0; i < b.len; i++) {
        base_buf_append_byte(&out, (uint8_t)digits[b.data[i] >> 4]);
        base_buf_append_byte(&out, (uint8_t)digits[b.data[i] & 15]);
    }
    const char *text = base_arena_str_bytes(arena, base_buf_view(&out));
    base_buf_release(&out);
    return text;
}

static const char *why_unusable(const struct facts_tlsa_record *r) {
    static const size_t digest[] = {0, 32, 64};
    if (r->usage == 0 || r->usage == 1)
        return "usage 0 and 1 (PKIX) have no meaning between mail servers; 2 or 3 is needed";
    if (r->usage > 3)
        return "unknown usage";
    if (r->selector > 1)
        return "unknown selector";
    if (r->matching > 2)
        return "unknown matching type";
    if (r->data.len == 0 || (r->matching > 0 && r->data.len != digest[r->matching]))
        return r->matching == 1 ? "a SHA-256 digest has 32 bytes" : "a SHA-512 digest has 64 bytes";
    return "";
}

void policy_tlsa_read(struct base_bytes data, struct base_arena *arena,
                      struct facts_tlsa_record *out) {
    *out = (struct facts_tlsa_record){.text = "", .why = "the record is too short"};
    if (data.len < HEAD)
        return;
    out->usage = data.data[0];
    out->selector = data.data[1];
    out->matching = data.data[2];
    out->data = base_arena_bytes(arena, base_bytes_slice(data, HEAD, data.len));
    out->text = base_arena_printf(arena, "%u %u %u %s", out->usage, out->selector, out->matching,
                                  hex(arena, out->data));
    out->why = why_unusable(out);
}

const char *policy_dnssec_word(enum facts_dnssec status) {
    switch (status) {
    case FACTS_DNSSEC_SECURE:
        return "secure";
    case FACTS_DNSSEC_INSECURE:
        return "insecure";
    case FACTS_DNSSEC_BOGUS:
        return "bogus";
    case FACTS_DNSSEC_INDETERMINATE:
        return "indeterminate";
    case FACTS_DNSSEC_NOT_ASKED:
        break;
    }
    return "not asked";
}

/* --- lookups --- */

static bool is_failure(enum facts_dns_result r) {
    return r == FACTS_DNS_SERVFAIL || r == FACTS_DNS_BOGUS || r == FACTS_DNS_TIMEOUT ||
           r == FACTS_DNS_ERROR;
}

static void settle(struct facts_tlsa *out, enum facts_tlsa_state state, const char *why) {
    out->state = state;
    out->why = why;
}

static const char *failure(struct policy_lookup *l, const char *what, const char *name,
                           const struct facts_dns_answer *a) {
    const char *bogus = a->result == FACTS_DNS_BOGUS ? "DNSSEC says bogus: " : "";
    return base_arena_printf(l->arena, "%s of %s could not be looked up (%s%s)", what, name, bogus,
                             a->why);
}

static const char *unvalidated(struct policy_lookup *l, const struct facts_dns_answer *a) {
    return base_arena_printf(l->arena, "DNSSEC could not be checked (%s)",
                             a->why[0] ? a->why : "no reason given");
}

/* The host's addresses: true when records may be asked for. */
static bool addresses_fit(struct policy_lookup *l, struct facts_tlsa *out,
                          const struct facts_host *h) {
    const struct facts_dns_answer *both[] = {&h->a, &h->aaaa}, *weakest = NULL, *failed = NULL;
    for (size_t i = 0; i < 2; i++) {
        if (is_failure(both[i]->result))
            failed = both[i];
        else if (both[i]->result == FACTS_DNS_DATA &&
                 (!weakest || both[i]->status != FACTS_DNSSEC_SECURE))
            weakest = both[i];
    }
    if (failed && (!weakest || failed->result == FACTS_DNS_BOGUS)) {
        out->addresses = failed->status;
        settle(out, FACTS_TLSA_UNKNOWN, failure(l, "the addresses", h->name, failed));
        return false;
    }
    out->addresses = weakest ? weakest->status : FACTS_DNSSEC_NOT_ASKED;
    if (out->addresses == FACTS_DNSSEC_INDETERMINATE) {
        settle(out, FACTS_TLSA_UNKNOWN, unvalidated(l, weakest));
        return false;
    }
    if (out->addresses == FACTS_DNSSEC_INSECURE && !weakest->canonical[0]) {
        settle(out, FACTS_TLSA_INSECURE,
               base_arena_printf(l->arena, "the zone of %s is not signed with DNSSEC", h->name));
        return false;
    }
    return true;
}

static void keep_records(struct policy_lookup *l, const struct dns_lookup *found,
                         struct facts_tlsa *out) {
    for (size_t i = 0; i < found->count; i++) {
        struct facts_tlsa_record *r =
            base_arena_append(l->arena, &out->items, &out->count, &out->cap, sizeof *r);
        if (!r)
            return;
        policy_tlsa_read(found->records[i].data, l->arena, r);
        out->usable += r->why[0] ? 0 : 1;
    }
}

static void judge(struct policy_lookup *l, const struct dns_lookup *found, struct facts_tlsa *out) {
    const struct facts_dns_answer *a = &found->answer;
    if (is_failure(a->result)) {
        settle(out, FACTS_TLSA_UNKNOWN, failure(l, "the TLSA records", out->name, a));
    } else if (a->status == FACTS_DNSSEC_INDETERMINATE) {
        settle(out, FACTS_TLSA_UNKNOWN, unvalidated(l, a));
    } else if (a->status != FACTS_DNSSEC_SECURE) {
        settle(out, FACTS_TLSA_INSECURE,
               base_arena_printf(l->arena, "the zone of %s is not signed with DNSSEC", out->name));
    } else if (found->count == 0) {
        settle(out, FACTS_TLSA_NONE,
               base_arena_printf(l->arena, "there is no TLSA record at %s", out->name));
    } else {
        keep_records(l, found, out);
        settle(out, out->usable > 0 ? FACTS_TLSA_USABLE : FACTS_TLSA_UNUSABLE, "");
        if (out->usable == 0)
            out->why = base_arena_printf(l->arena, "no TLSA record at %s can be used (%s: %s)",
                                         out->name, out->items ? out->items[0].text : "",
                                         out->items ? out->items[0].why : "");
    }
}

static void ask(struct policy_lookup *l, const char *base, unsigned port, struct facts_tlsa *out) {
    struct dns_lookup found;
    out->base = base;
    out->name = base_arena_printf(l->arena, "_%u._tcp.%s", port, base);
    policy_lookup_ask(l, out->name, DNS_TYPE_TLSA, &found);
    out->answer = found.answer;
    judge(l, &found, out);
}

void policy_tlsa_find(struct policy_lookup *l, const char *host, unsigned port,
                      struct facts_tlsa *out) {
    const struct dns_target_defaults defaults = {.protocol = FACTS_PROTOCOL_SMTP, .no_mx = true};
    struct facts_target target;
    *out = (struct facts_tlsa){.host = host, .base = "", .name = "", .why = ""};
    out->answer.why = out->answer.canonical = "";
    if (dns_target_parse(host, &defaults, l->arena, &target) != WS_OK ||
        target.kind != FACTS_TARGET_HOST) {
        settle(out, FACTS_TLSA_NONE,
               base_arena_printf(l->arena,
                                 "%s is no host name, and TLSA records stand at host names", host));
        return;
    }
    policy_lookup_target(l, &target);
    if (target.dns.host_count == 0) {
        settle(out, FACTS_TLSA_UNKNOWN, failure(l, "the addresses", host, &target.dns.mx));
        return;
    }
    const struct facts_host *h = &target.dns.hosts[0];
    const char *alias = h->a.canonical[0] ? h->a.canonical : h->aaaa.canonical;
    if (!addresses_fit(l, out, h))
        return;
    if (alias[0] && out->addresses == FACTS_DNSSEC_SECURE)
        ask(l, alias, port, out);
    if (out->state != FACTS_TLSA_USABLE && out->state != FACTS_TLSA_UNUSABLE &&
        out->state != FACTS_TLSA_UNKNOWN)
        ask(l, h->name, port, out);
}
