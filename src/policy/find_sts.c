/* SPDX-License-Identifier: Apache-2.0 */
/* find_sts - a domain's MTA-STS policy: the record, then the file
 *
 * A record that is missing is an answer; a record without a policy that can be had is not: the
 * policy may be there and somebody in the way (RFC 8461 section 5.1 then goes on with the policy of
 * last time, which a single run does not have).
 *
 * Ownership: facts are the job's arena's. Limits: those of fetch.c. RFC 8461. */
#include "policy/find_private.h"

#include "dns/packet.h"

#define PATH "/.well-known/mta-sts.txt"

enum phase { PHASE_START, PHASE_RECORD, PHASE_ADDRESSES, PHASE_FILE };

static void settle(struct policy_track *t, enum facts_sts_state state, const char *why) {
    struct facts_sts *out = &t->job->out->sts;
    out->state = state;
    out->why = why;
    t->ended = true;
}

void policy_sts_give_up(struct policy_track *t, const char *why) {
    settle(t, FACTS_STS_UNKNOWN, why);
}

static bool answered(const struct facts_dns_answer *a) {
    return a->result == FACTS_DNS_DATA || a->result == FACTS_DNS_NODATA ||
           a->result == FACTS_DNS_NXDOMAIN;
}

static const char *record_name(struct policy_track *t) {
    return base_arena_printf(t->job->arena, "_mta-sts.%s", t->job->wish.domain);
}

static const char *web_host(struct policy_track *t) {
    return base_arena_printf(t->job->arena, "mta-sts.%s", t->job->wish.domain);
}

/* Ends the track unless a policy is to be fetched. */
static void read_record(struct policy_track *t) {
    struct base_arena *arena = t->job->arena;
    struct facts_sts *out = &t->job->out->sts;
    const struct dns_lookup *found = &t->found;
    const char *name = record_name(t), *why = "";
    size_t records = 0;
    out->txt = found->answer;
    if (!answered(&found->answer)) {
        settle(t, FACTS_STS_UNKNOWN,
               base_arena_printf(arena, "the TXT record %s could not be looked up (%s)", name,
                                 found->answer.why));
        return;
    }
    for (size_t i = 0; i < found->count; i++)
        if (policy_sts_is_record(found->records[i].data) && records++ == 0)
            out->id = policy_sts_record_id(found->records[i].data, arena, &why);
    if (records == 0)
        settle(t, FACTS_STS_NONE, base_arena_printf(arena, "there is no record %s", name));
    else if (records > 1)
        settle(t, FACTS_STS_BROKEN,
               base_arena_printf(arena, "there are %zu records at %s, and one is allowed", records,
                                 name));
    else if (!out->id[0])
        settle(t, FACTS_STS_BROKEN, base_arena_printf(arena, "%s: %s", name, why));
}

static void fetch(struct policy_track *t) {
    struct base_arena *arena = t->job->arena;
    const struct facts_host *h = &t->addresses;
    const char *host = web_host(t), *why = h->a.why[0] ? h->a.why : h->aaaa.why;
    if (h->address_count == 0) {
        settle(t, FACTS_STS_UNKNOWN,
               base_arena_printf(arena, "the policy's host %s has no address%s%s", host,
                                 why[0] ? ": " : "", why));
        return;
    }
    t->job->out->sts.url = base_arena_printf(arena, "https://%s" PATH, host);
    (void)policy_track_fetch(t, host, PATH);
}

static bool is_plain_text(const char *type) {
    struct base_bytes b = base_bytes_of_str(type);
    b = base_bytes_trim(base_bytes_slice(b, 0, base_bytes_find(b, ';')));
    return base_bytes_equal_nocase(b, "text/plain");
}

/* "URL: what is wrong with the policy there" */
static void read_policy(struct policy_track *t, const struct policy_fetched *got) {
    struct facts_sts *out = &t->job->out->sts;
    const char *why = "what it gives is not of type text/plain";
    bool plain = is_plain_text(got->content_type);
    if (plain && policy_sts_parse(got->body, t->job->arena, out)) {
        settle(t, FACTS_STS_FOUND, "");
        return;
    }
    settle(t, FACTS_STS_BROKEN,
           base_arena_printf(t->job->arena, "%s: %s", out->url, plain ? out->why : why));
}

static void read_file(struct policy_track *t, const struct policy_fetched *got) {
    struct base_arena *arena = t->job->arena;
    struct facts_sts *out = &t->job->out->sts;
    out->ms = got->ms;
    if (got->why[0])
        settle(t, FACTS_STS_UNKNOWN,
               base_arena_printf(arena, "%s could not be fetched (%s)", out->url, got->why));
    else if (got->status >= 300 && got->status < 400)
        settle(t, FACTS_STS_BROKEN,
               base_arena_printf(arena, "%s leads elsewhere (HTTP %ld), which is not allowed",
                                 out->url, got->status));
    else if (got->status != 200)
        settle(t, got->status >= 500 ? FACTS_STS_UNKNOWN : FACTS_STS_BROKEN,
               base_arena_printf(arena, "%s answers HTTP %ld", out->url, got->status));
    else
        read_policy(t, got);
}

void policy_sts_step(struct policy_track *t) {
    switch ((enum phase)t->phase++) {
    case PHASE_START:
        (void)policy_track_ask(t, record_name(t), DNS_TYPE_TXT);
        break;
    case PHASE_RECORD:
        read_record(t);
        if (!t->ended)
            (void)policy_track_ask_host(t, web_host(t));
        break;
    case PHASE_ADDRESSES:
        fetch(t);
        break;
    case PHASE_FILE:
        read_file(t, t->file);
        break;
    }
}
