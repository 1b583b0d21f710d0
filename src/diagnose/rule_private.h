/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_DIAGNOSE_RULE_PRIVATE_H
#define WAXSEAL_DIAGNOSE_RULE_PRIVATE_H

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

/* Delivery (port 25) goes on with a bad certificate; people's mail programs do not. */
bool diagnose_is_opportunistic(const struct facts_endpoint *e);
/* The server wants a certificate of ours: it ended the session for lack of one. */
bool diagnose_wants_client_certificate(const struct facts_endpoint *e);
/* A leaf certificate was seen and could be read. */
bool diagnose_has_leaf(const struct facts_endpoint *e);

/* All rule ids, as docs/findings.md has them: index 0..n-1, NULL behind the last. */
const char *diagnose_rule_id(size_t index);
const char *diagnose_rule_summary(size_t index);

/* --- the server's software --- */

/* The mail server software, as far as greeting and hello betray it. */
enum diagnose_software {
    DIAGNOSE_SOFTWARE_UNKNOWN,
    DIAGNOSE_SOFTWARE_POSTFIX,
    DIAGNOSE_SOFTWARE_EXIM,
    DIAGNOSE_SOFTWARE_SENDMAIL,
    DIAGNOSE_SOFTWARE_OPENSMTPD,
    DIAGNOSE_SOFTWARE_EXCHANGE,
    DIAGNOSE_SOFTWARE_DOVECOT,
    DIAGNOSE_SOFTWARE_COUNT
};

enum diagnose_software diagnose_software_of(const struct facts_endpoint *e);

/* What there is to change on the server. */
enum diagnose_remedy {
    DIAGNOSE_REMEDY_ENABLE_STARTTLS,
    DIAGNOSE_REMEDY_CERTIFICATE, /* where chain and key are named, and how to reload */
    DIAGNOSE_REMEDY_PROTOCOLS,   /* which protocol versions are allowed */
    DIAGNOSE_REMEDY_AUTH_AFTER_TLS,
    DIAGNOSE_REMEDY_CIPHERS,            /* which suites are allowed */
    DIAGNOSE_REMEDY_KEY_TYPES,          /* an RSA certificate beside an ECDSA one */
    DIAGNOSE_REMEDY_GROUPS,             /* which groups are allowed */
    DIAGNOSE_REMEDY_DH,                 /* the finite-field prime */
    DIAGNOSE_REMEDY_SNI,                /* certificates by server name, and the default one */
    DIAGNOSE_REMEDY_CLIENT_CERTIFICATE, /* certificates asked of clients */
    DIAGNOSE_REMEDY_COUNT
};

/* A phrase naming the setting of this software ("Postfix: smtpd_tls_security_level = may"); a
 * general one when the software is not known. Static. */
const char *diagnose_remedy_for(enum diagnose_software s, enum diagnose_remedy r);

#endif
