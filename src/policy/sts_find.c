/* SPDX-License-Identifier: Apache-2.0 */
/* sts_find - a domain's MTA-STS policy: the record, then the file
 *
 * A record that is missing is an answer; a record without a policy that can be had is not: the
 * policy may be there and somebody in the way (RFC 8461 section 5.1 then goes on with the policy of
 * last time, which a single run does not have).
 *
 * Ownership: facts are the lookup's arena's. Limits: 64 KiB, 15 seconds. RFC 8461. */
#include "policy/sts_find.h"

#include "dns/target.h"
#include "policy/fetch.h"

#include <string.h>

#define TIMEOUT (15 * BASE_SECOND)
#define PATH "/.well-known/mta-sts.txt"

static void settle(struct facts_sts *out, enum facts_sts_state state, const char *why) {
    out->state = state;
    out->why = why;
}

static bool answered(const struct facts_dns_answer *a) {
    return a->result == FACTS_DNS_DATA || a->result == FACTS_DNS_NODATA ||
           a->result == FACTS_DNS_NXDOMAIN;
}

/* True when a policy is to be fetched. */
static bool find_record(struct policy_lookup *l, struct facts_sts *out) {
    const char *name = base_arena_printf(l->arena, "_mta-sts.%s", out->domain);
    const char *why = "";
    struct dns_lookup found;
    size_t records = 0;
    policy_lookup_ask(l, name, DNS_TYPE_TXT, &found);
    out->txt = found.answer;
    if (!answered(&found.answer)) {
        settle(out, FACTS_STS_UNKNOWN,
               base_arena_printf(l->arena, "the TXT record %s could not be looked up (%s)", name,
                                 found.answer.why));
        return false;
    }
    for (size_t i = 0; i < found.count; i++)
        if (policy_sts_is_record(found.records[i].data) && records++ == 0)
            out->id = policy_sts_record_id(found.records[i].data, l->arena, &why);
    if (records == 0)
        settle(out, FACTS_STS_NONE, base_arena_printf(l->arena, "there is no record %s", name));
    else if (records > 1)
        settle(out, FACTS_STS_BROKEN,
               base_arena_printf(l->arena, "there are %zu records at %s, and one is allowed",
                                 records, name));
    else if (!out->id[0])
        settle(out, FACTS_STS_BROKEN, base_arena_printf(l->arena, "%s: %s", name, why));
    return out->state == FACTS_STS_NOT_ASKED;
}

/* The web server's addresses; 0: out says why. */
static size_t find_addresses(struct policy_lookup *l, const char *host, struct facts_sts *out,
                             const char *const **addresses) {
    const struct dns_target_defaults defaults = {.protocol = FACTS_PROTOCOL_SMTP, .no_mx = true};
    struct facts_target t;
    size_t count = 0;
    if (dns_target_parse(host, &defaults, l->arena, &t) == WS_OK)
        policy_lookup_target(l, &t);
    const struct facts_host *h = t.dns.host_count > 0 ? &t.dns.hosts[0] : NULL;
    const char **list = base_arena_array(l->arena, h ? h->address_count + 1 : 1, sizeof *list);
    for (; h && list && count < h->address_count; count++)
        list[count] = h->addresses[count].text;
    const char *why = !h ? "" : h->a.why[0] ? h->a.why : h->aaaa.why;
    if (count == 0)
        settle(out, FACTS_STS_UNKNOWN,
               base_arena_printf(l->arena, "the policy's host %s has no address%s%s", host,
                                 why[0] ? ": " : "", why));
    *addresses = list;
    return count;
}

static bool is_plain_text(const char *type) {
    struct base_bytes t = base_bytes_of_str(type);
    t = base_bytes_trim(base_bytes_slice(t, 0, base_bytes_find(t, ';')));
    return base_bytes_equal_nocase(t, "text/plain");
}

static void read_answer(struct policy_lookup *l, const struct policy_fetched *got,
                        struct facts_sts *out) {
    out->ms = got->ms;
    if (got->status >= 300 && got->status < 400)
        settle(out, FACTS_STS_BROKEN,
               base_arena_printf(l->arena, "%s leads elsewhere (HTTP %ld), which is not allowed",
                                 out->url, got->status));
    else if (got->status != 200)
        settle(out, got->status >= 500 ? FACTS_STS_UNKNOWN : FACTS_STS_BROKEN,
               base_arena_printf(l->arena, "%s answers HTTP %ld", out->url, got->status));
    else if (!is_plain_text(got->content_type))
        settle(out, FACTS_STS_BROKEN, "what it gives is not of type text/plain");
    else
        out->state =
            policy_sts_parse(got->body, l->arena, out) ? FACTS_STS_FOUND : FACTS_STS_BROKEN;
    if (out->state == FACTS_STS_BROKEN && got->status == 200)
        out->why = base_arena_printf(l->arena, "%s: %s", out->url, out->why);
}

void policy_sts_find(struct policy_lookup *l, const char *domain, const struct policy_sts_config *c,
                     struct facts_sts *out) {
    struct policy_fetched got;
    struct base_error e = {0};
    *out = (struct facts_sts){.domain = domain, .id = "", .url = "", .why = ""};
    out->txt.why = out->txt.canonical = "";
    if (!find_record(l, out))
        return;
    struct policy_fetch f = {.host = base_arena_printf(l->arena, "mta-sts.%s", domain),
                             .path = PATH,
                             .port = c->port ? c->port : 443,
                             .ca_file = c->ca_file,
                             .ca_dir = c->ca_dir,
                             .proxy = c->proxy,
                             .proxy_user = c->proxy_user,
                             .proxy_secret = c->proxy_secret,
                             .max = POLICY_STS_BYTES_MAX,
                             .timeout = c->timeout ? c->timeout : TIMEOUT};
    out->url = base_arena_printf(l->arena, "https://%s" PATH, f.host);
    f.address_count = find_addresses(l, f.host, out, &f.addresses);
    if (f.address_count == 0)
        return;
    if (policy_fetch(&f, l->arena, &got, &e) == WS_OK)
        read_answer(l, &got, out);
    else
        settle(out, FACTS_STS_UNKNOWN,
               base_arena_printf(l->arena, "%s could not be fetched (%s)", out->url,
                                 base_error_message(&e)));
}
