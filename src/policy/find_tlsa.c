/* SPDX-License-Identifier: Apache-2.0 */
/* find_tlsa - the TLSA records of a mail host, as a sender with DANE looks for them
 *
 * Address records must be secure; then "_PORT._tcp" is asked for in front of the name at the end of
 * the host's aliases, and in front of the host's own (RFC 7672 section 2.2.3).
 *
 * Only what DNSSEC proves counts. A proven "there is none" and an unsigned zone are answers; bogus
 * and failed lookups are not, and mail has to wait then, for else whoever can break a lookup could
 * break the protection (RFC 7672 section 2.1.1).
 *
 * Of the records DANE-TA(2) and DANE-EE(3) are usable, PKIX-TA(0) and PKIX-EE(1) are not (RFC 7672
 * section 3.1.3).
 *
 * Ownership: facts are the job's arena's. */
#include "policy/find_private.h"

#include "base/buf.h"
#include "dns/packet.h"
#include "dns/target.h"

/* --- one record --- */

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

/* --- the questions --- */

enum phase { PHASE_START, PHASE_ADDRESSES, PHASE_ALIAS, PHASE_HOST };

static bool is_failure(enum facts_dns_result r) {
    return r == FACTS_DNS_SERVFAIL || r == FACTS_DNS_BOGUS || r == FACTS_DNS_TIMEOUT ||
           r == FACTS_DNS_ERROR;
}

static void settle(struct policy_track *t, enum facts_tlsa_state state, const char *why) {
    t->tlsa->state = state;
    t->tlsa->why = why;
}

void policy_tlsa_give_up(struct policy_track *t, const char *why) {
    settle(t, FACTS_TLSA_UNKNOWN, why);
}

static const char *failure(struct policy_track *t, const char *what, const char *name,
                           const struct facts_dns_answer *a) {
    const char *bogus = a->result == FACTS_DNS_BOGUS ? "DNSSEC says bogus: " : "";
    return base_arena_printf(t->job->arena, "%s of %s could not be looked up (%s%s)", what, name,
                             bogus, a->why);
}

static const char *unvalidated(struct policy_track *t, const struct facts_dns_answer *a) {
    return base_arena_printf(t->job->arena, "DNSSEC could not be checked (%s)",
                             a->why[0] ? a->why : "no reason given");
}

/* The host's addresses: true when records may be asked for. */
static bool addresses_fit(struct policy_track *t) {
    struct facts_tlsa *out = t->tlsa;
    const struct facts_host *h = &t->addresses;
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
        settle(t, FACTS_TLSA_UNKNOWN, failure(t, "the addresses", h->name, failed));
        return false;
    }
    out->addresses = weakest ? weakest->status : FACTS_DNSSEC_NOT_ASKED;
    if (out->addresses == FACTS_DNSSEC_INDETERMINATE) {
        settle(t, FACTS_TLSA_UNKNOWN, unvalidated(t, weakest));
        return false;
    }
    if (out->addresses == FACTS_DNSSEC_INSECURE && !weakest->canonical[0]) {
        settle(
            t, FACTS_TLSA_INSECURE,
            base_arena_printf(t->job->arena, "the zone of %s is not signed with DNSSEC", h->name));
        return false;
    }
    return true;
}

static void keep_records(struct policy_track *t) {
    const struct dns_lookup *found = &t->found;
    struct facts_tlsa *out = t->tlsa;
    for (size_t i = 0; i < found->count; i++) {
        struct facts_tlsa_record *r =
            base_arena_append(t->job->arena, &out->items, &out->count, &out->cap, sizeof *r);
        if (!r)
            return;
        policy_tlsa_read(found->records[i].data, t->job->arena, r);
        out->usable += r->why[0] ? 0 : 1;
    }
}

static void read_records(struct policy_track *t) {
    const struct dns_lookup *found = &t->found;
    struct facts_tlsa *out = t->tlsa;
    const struct facts_dns_answer *a = &found->answer;
    out->answer = *a;
    if (is_failure(a->result)) {
        settle(t, FACTS_TLSA_UNKNOWN, failure(t, "the TLSA records", out->name, a));
    } else if (a->status == FACTS_DNSSEC_INDETERMINATE) {
        settle(t, FACTS_TLSA_UNKNOWN, unvalidated(t, a));
    } else if (a->status != FACTS_DNSSEC_SECURE) {
        settle(t, FACTS_TLSA_INSECURE,
               base_arena_printf(t->job->arena, "the zone of %s is not signed with DNSSEC",
                                 out->name));
    } else if (found->count == 0) {
        settle(t, FACTS_TLSA_NONE,
               base_arena_printf(t->job->arena, "there is no TLSA record at %s", out->name));
    } else {
        keep_records(t);
        settle(t, out->usable > 0 ? FACTS_TLSA_USABLE : FACTS_TLSA_UNUSABLE, "");
        if (out->usable == 0)
            out->why = base_arena_printf(t->job->arena, "no TLSA record at %s can be used (%s: %s)",
                                         out->name, out->items ? out->items[0].text : "",
                                         out->items ? out->items[0].why : "");
    }
}

/* --- the phases --- */

static void ask(struct policy_track *t, const char *base) {
    t->tlsa->base = base;
    t->tlsa->name = base_arena_printf(t->job->arena, "_%u._tcp.%s", t->job->wish.port, base);
    (void)policy_track_ask(t, t->tlsa->name, DNS_TYPE_TLSA);
}

static void ask_alias(struct policy_track *t) {
    const struct facts_host *h = &t->addresses;
    const char *alias = h->a.canonical[0] ? h->a.canonical : h->aaaa.canonical;
    if (!addresses_fit(t)) {
        t->ended = true;
    } else if (alias[0] && t->tlsa->addresses == FACTS_DNSSEC_SECURE) {
        ask(t, alias);
    } else {
        t->phase = PHASE_HOST;
        ask(t, h->name);
    }
}

static bool is_settled(const struct facts_tlsa *t) {
    return t->state == FACTS_TLSA_USABLE || t->state == FACTS_TLSA_UNUSABLE ||
           t->state == FACTS_TLSA_UNKNOWN;
}

static void begin(struct policy_track *t) {
    const struct dns_target_defaults defaults = {.protocol = FACTS_PROTOCOL_SMTP, .no_mx = true};
    struct facts_target target;
    if (dns_target_parse(t->host.name, &defaults, t->job->arena, &target) != WS_OK ||
        target.kind != FACTS_TARGET_HOST) {
        settle(t, FACTS_TLSA_NONE,
               base_arena_printf(t->job->arena,
                                 "%s is no host name, and TLSA records stand at host names",
                                 t->host.name));
        t->ended = true;
    } else if (t->host.known) {
        t->addresses = *t->host.known;
        t->phase = PHASE_ALIAS;
        ask_alias(t);
    } else {
        (void)policy_track_ask_host(t, target.name);
    }
}

void policy_tlsa_step(struct policy_track *t) {
    switch ((enum phase)t->phase++) {
    case PHASE_START:
        begin(t);
        break;
    case PHASE_ADDRESSES:
        ask_alias(t);
        break;
    case PHASE_ALIAS:
        read_records(t);
        if (is_settled(t->tlsa))
            t->ended = true;
        else
            ask(t, t->addresses.name);
        break;
    case PHASE_HOST:
        read_records(t);
        t->ended = true;
        break;
    }
}
