/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_DIAGNOSE_RULE_H
#define WAXSEAL_DIAGNOSE_RULE_H

#include "base/buf.h"
#include "diagnose/diagnose.h"
#include "facts/client.h"

/* What a rule looks at, and where it writes. */
struct diagnose_case {
    const struct facts_target *target;
    const struct facts_endpoint *endpoint; /* NULL for rules of the whole target */
    size_t index;                          /* of the endpoint */
    const struct facts_client *client;     /* what our side was told; NULL: to offer everything */
    const struct facts_endpoint *open;     /* a second look without restrictions, or NULL */
    const struct diagnose_config *config;
    struct base_arena *arena;
    struct facts_finding *out; /* id, severity and title are filled in; the rule writes the rest */
};

/* A row of knowledge. `check` returns true when the rule fires, with evidence, impact and fix set;
 * it may lower or raise the severity. Ids are stable and never reused. */
struct diagnose_rule {
    const char *id;
    enum facts_severity severity;
    const char *title;   /* what is wrong, a short clause */
    const char *summary; /* for docs/findings.md */
    bool (*check)(struct diagnose_case *c);
};

/* Each family: rules of the whole target, or of one endpoint; terminated by id NULL. */
extern const struct diagnose_rule diagnose_name_rules[];        /* target */
extern const struct diagnose_rule diagnose_reach_rules[];       /* target */
extern const struct diagnose_rule diagnose_compare_rules[];     /* target */
extern const struct diagnose_rule diagnose_connection_rules[];  /* endpoint */
extern const struct diagnose_rule diagnose_starttls_rules[];    /* endpoint */
extern const struct diagnose_rule diagnose_clash_rules[];       /* endpoint; the first speaks */
extern const struct diagnose_rule diagnose_session_rules[];     /* endpoint */
extern const struct diagnose_rule diagnose_certificate_rules[]; /* endpoint */

/* Sets evidence, impact and fix; returns true, so that a check may end with it. */
bool diagnose_say(struct diagnose_case *c, const char *evidence, const char *impact,
                  const char *fix);

/* Printable copy of what a server sent, at most 200 bytes of it. */
const char *diagnose_quote(struct base_arena *arena, struct base_bytes b);
/* A text of the facts, at most 200 bytes of it. */
const char *diagnose_short(struct base_arena *arena, const char *text);
/* "454 4.7.0 TLS not available" of a reply, printable; "no answer" when none came. */
const char *diagnose_reply(struct base_arena *arena, const struct facts_reply *r);

/* Opportunistic delivery (port 25) goes on with a bad certificate; people's mail programs do not.
 */
bool diagnose_is_opportunistic(const struct facts_endpoint *e);
bool diagnose_has_keyword(const struct facts_ehlo *e, const char *name);
/* Every address timed out on port 25: that is said once, not for each of them. */
bool diagnose_is_port_25_blocked(const struct facts_target *t);
/* The server wants a certificate of ours: it ended the session for lack of one. */
bool diagnose_wants_client_certificate(const struct facts_endpoint *e);
/* A leaf certificate was seen and could be read. */
bool diagnose_has_leaf(const struct facts_endpoint *e);

#endif
