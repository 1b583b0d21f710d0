/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose - facts x rule tables -> findings and a verdict.
 *
 * Rules look at facts only and never ask anybody. A step that was not reached fires no rule about
 * what would have come after it: "could not tell" never becomes a "no". */
#include "diagnose/diagnose.h"

#include "diagnose/rule_private.h"

#include <string.h>

static const struct diagnose_rule *const target_families[] = {
    diagnose_name_rules, diagnose_reach_rules, diagnose_compare_rules};
static const struct diagnose_rule *const endpoint_families[] = {
    diagnose_connection_rules, diagnose_starttls_rules, diagnose_clash_rules,
    diagnose_session_rules, diagnose_certificate_rules};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* --- running the rules --- */

/* The same said of an endpoint before: one finding for both. */
static bool collapse(struct facts_target *t, const struct facts_finding *f,
                     struct base_arena *arena) {
    for (size_t i = 0; f->endpoint >= 0 && i < t->finding_count; i++) {
        struct facts_finding *old = &t->findings[i];
        if (old->endpoint < 0 || old->endpoint == f->endpoint || strcmp(old->id, f->id) != 0 ||
            old->severity != f->severity || strcmp(old->evidence, f->evidence) != 0)
            continue;
        size_t *more = base_arena_array(arena, old->also_count + 1, sizeof *more);
        if (!more)
            return true;
        for (size_t k = 0; k < old->also_count; k++)
            more[k] = old->also[k];
        more[old->also_count++] = (size_t)f->endpoint;
        old->also = more;
        return true;
    }
    return false;
}

static void add(struct facts_target *t, const struct facts_finding *f, struct base_arena *arena) {
    if (collapse(t, f, arena))
        return;
    struct facts_finding *slot =
        base_arena_append(arena, &t->findings, &t->finding_count, &t->findings_cap, sizeof *slot);
    if (slot)
        *slot = *f;
}

/* Runs one rule; true when it spoke and its finding was worth adding. */
static bool run_rule(const struct diagnose_rule *rule, const struct diagnose_case *c,
                     enum facts_severity least, struct facts_target *t) {
    struct facts_finding f = {
        .id = rule->id,
        .severity = rule->severity,
        .title = rule->title,
        .endpoint = c->endpoint ? (int)c->index : -1,
    };
    struct diagnose_case one = *c;
    one.out = &f;
    if (!rule->check(&one))
        return false;
    if (f.severity >= least)
        add(t, &f, c->arena);
    return true;
}

static void run_family(const struct diagnose_rule *rules, const struct diagnose_case *c,
                       enum facts_severity least, struct facts_target *t) {
    bool first_only = rules == diagnose_clash_rules;
    for (; rules->id; rules++)
        if (run_rule(rules, c, least, t) && first_only)
            return;
}

static void run_rules(struct facts_target *t, const struct diagnose_config *config,
                      struct base_arena *arena) {
    struct diagnose_case c = {
        .target = t, .config = config, .client = config->client, .arena = arena};
    for (size_t i = 0; i < COUNT(target_families); i++)
        run_family(target_families[i], &c, FACTS_SEVERITY_INFO, t);
    for (c.index = 0; c.index < t->endpoint_count; c.index++) {
        c.endpoint = &t->endpoints[c.index];
        for (size_t i = 0; i < COUNT(endpoint_families); i++)
            run_family(endpoint_families[i], &c, FACTS_SEVERITY_INFO, t);
    }
}

/* Worst first; otherwise the order in which the rules spoke (insertion sort: it is stable). */
static void sort_findings(struct facts_target *t) {
    for (size_t i = 1; i < t->finding_count; i++) {
        struct facts_finding f = t->findings[i];
        size_t k = i;
        for (; k > 0 && t->findings[k - 1].severity < f.severity; k--)
            t->findings[k] = t->findings[k - 1];
        t->findings[k] = f;
    }
}

/* --- the verdict --- */

/* The server was heard and TLS can't be had: not offered, refused, or its handshake fails. */
static bool cannot_tls(const struct facts_endpoint *e) {
    if (e->session.established)
        return false;
    if (e->step == FACTS_STEP_STARTTLS)
        return e->stop == FACTS_STOP_NO_STARTTLS || e->stop == FACTS_STOP_REFUSED;
    return e->stop == FACTS_STOP_HANDSHAKE && e->session.end != FACTS_HANDSHAKE_TIMEOUT &&
           e->session.end != FACTS_HANDSHAKE_RESET;
}

/* 4xx to STARTTLS may be over in a minute; still, now it can't be had. */
static bool any_problem(const struct facts_target *t) {
    for (size_t i = 0; i < t->finding_count; i++)
        if (t->findings[i].severity >= FACTS_SEVERITY_WARNING)
            return true;
    return false;
}

static enum facts_verdict verdict_of(const struct facts_target *t) {
    size_t up = 0, without = 0;
    for (size_t i = 0; i < t->endpoint_count; i++) {
        up += t->endpoints[i].session.established;
        without += cannot_tls(&t->endpoints[i]);
    }
    if (without > 0)
        return FACTS_VERDICT_NO_STARTTLS;
    if (up == 0 && !t->dns.null_mx)
        return FACTS_VERDICT_UNKNOWN;
    return any_problem(t) ? FACTS_VERDICT_PROBLEMS : FACTS_VERDICT_OK;
}

void diagnose_target(struct facts_target *target, const struct diagnose_config *c,
                     struct base_arena *arena) {
    run_rules(target, c, arena);
    sort_findings(target);
    target->verdict = verdict_of(target);
}

enum ws_err diagnose_clash(const struct facts_client *client, const struct facts_endpoint *open,
                           struct facts_target *target, size_t index, struct base_arena *arena) {
    struct diagnose_case c = {
        .target = target,
        .endpoint = &target->endpoints[index],
        .index = index,
        .client = client,
        .open = open,
        .arena = arena,
    };
    run_family(diagnose_connection_rules, &c, FACTS_SEVERITY_INFO, target);
    run_family(diagnose_starttls_rules, &c, FACTS_SEVERITY_ERROR, target);
    run_family(diagnose_clash_rules, &c, FACTS_SEVERITY_INFO, target);
    sort_findings(target);
    return arena->failed ? WS_NOMEM : WS_OK;
}

enum facts_verdict diagnose_worse(enum facts_verdict a, enum facts_verdict b) {
    static const int rank[] = {[FACTS_VERDICT_OK] = 0,
                               [FACTS_VERDICT_PROBLEMS] = 1,
                               [FACTS_VERDICT_UNKNOWN] = 2,
                               [FACTS_VERDICT_NO_STARTTLS] = 3};
    return rank[b] > rank[a] ? b : a;
}

int diagnose_exit_code(enum facts_verdict worst) {
    static const int code[] = {[FACTS_VERDICT_OK] = 0,
                               [FACTS_VERDICT_PROBLEMS] = 1,
                               [FACTS_VERDICT_NO_STARTTLS] = 2,
                               [FACTS_VERDICT_UNKNOWN] = 3};
    return code[worst];
}

/* --- all of them, for docs/findings.md --- */

static const struct diagnose_rule *rule_at(size_t index) {
    for (size_t f = 0; f < COUNT(target_families) + COUNT(endpoint_families); f++) {
        const struct diagnose_rule *r = f < COUNT(target_families)
                                            ? target_families[f]
                                            : endpoint_families[f - COUNT(target_families)];
        for (; r->id; r++)
            if (index-- == 0)
                return r;
    }
    return NULL;
}

const char *diagnose_rule_id(size_t index) {
    const struct diagnose_rule *r = rule_at(index);
    return r ? r->id : NULL;
}

const char *diagnose_rule_summary(size_t index) {
    const struct diagnose_rule *r = rule_at(index);
    return r ? r->summary : NULL;
}
