/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose_clash_offer - suites, certificate types, groups and signature schemes that do not meet.
 *
 * TLS has one alert for all of them (40), and GnuTLS uses it for protocol versions too, so the
 * alert does not tell. What does is the second look: each thing that the server chose then, and
 * that the first hello did not hold, may be the cause. Exactly one such thing is the cause; of
 * several it is said that they remain, and which looks tell them apart. Nothing of the kind means
 * that the offer is not at fault, and other rules speak. */
#include "diagnose/clash_private.h"

#include "know/tls_group.h"
#include "know/tls_scheme.h"

#include <string.h>

#define LISTED 6
#define LISTED_SUITES 3

/* What of the first offer does not meet what the server took in the second look. */
struct clashes {
    bool version; /* the server took a newer one; whether it speaks the client's is not known */
    bool key;     /* nothing was offered for certificates of this type */
    bool suite;
    bool group;
    bool scheme;
    const char *key_type; /* "RSA", "EC" ... of the server's certificate, "" not known */
    size_t count;
};

static const char *key_type_of(const struct facts_endpoint *e) {
    if (diagnose_has_leaf(e))
        return e->certificates[0].key_type;
    const struct know_tls_suite *suite = know_tls_suite_find(e->session.cipher_suite_id);
    return !suite                               ? ""
           : suite->auth == KNOW_TLS_AUTH_RSA   ? "RSA"
           : suite->auth == KNOW_TLS_AUTH_ECDSA ? "EC"
                                                : "";
}

static uint16_t scheme_of(const struct facts_session *s) {
    size_t n = 0;
    const struct know_tls_scheme *rows = know_tls_schemes(&n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].name, s->signature_scheme) == 0)
            return rows[i].id;
    return 0;
}

static uint16_t group_of(const struct facts_session *s) {
    const struct know_tls_group *g = know_tls_group_find_name(s->group);
    return g ? g->id : 0;
}

/* Up to TLS 1.2 a suite names the type of key that signs. */
static bool suites_exclude_key(const struct diagnose_offer *o, const char *key) {
    bool ec = strcmp(key, "EC") == 0 || strncmp(key, "Ed", 2) == 0;
    if (!ec && strncmp(key, "RSA", 3) != 0)
        return false;
    return diagnose_offer_count_auth(o, ec ? KNOW_TLS_AUTH_ECDSA : KNOW_TLS_AUTH_RSA) == 0;
}

static bool schemes_exclude_key(const struct diagnose_offer *o, const char *key, bool tls13) {
    return o->hello.has_schemes && key[0] && diagnose_offer_count_schemes(o, key, tls13) == 0;
}

static void weigh_common_version(const struct diagnose_offer *o, const struct facts_session *took,
                                 struct clashes *out) {
    bool tls13 = took->version >= DIAGNOSE_TLS_1_3;
    uint16_t scheme = scheme_of(took), group = group_of(took);
    out->key = schemes_exclude_key(o, out->key_type, tls13) ||
               (!tls13 && suites_exclude_key(o, out->key_type));
    out->suite = !out->key && took->cipher_suite_id != 0 &&
                 !wire_client_hello_has_suite(&o->hello, took->cipher_suite_id);
    out->scheme = !out->key && o->hello.has_schemes && scheme != 0 &&
                  !wire_client_hello_has_scheme(&o->hello, scheme);
    out->group =
        o->hello.has_groups && group != 0 && !wire_client_hello_has_group(&o->hello, group);
}

/* The server took something newer than the client may: little can be said about what it would take
 * of older versions, but its certificate is the same. */
static void weigh_older_version(const struct facts_client *k, const struct diagnose_offer *o,
                                const struct facts_session *took, struct clashes *out) {
    uint16_t group = group_of(took);
    out->version = true;
    out->key = suites_exclude_key(o, out->key_type) || schemes_exclude_key(o, out->key_type, false);
    out->suite = !out->key && k->cipher && k->cipher[0];
    out->scheme = !out->key && k->signature_schemes && k->signature_schemes[0];
    out->group =
        k->groups && k->groups[0] && group != 0 && !wire_client_hello_has_group(&o->hello, group);
}

/* Without a second look that worked there are only the user's own restrictions to suspect. */
static void weigh_restrictions(const struct facts_client *k, const struct diagnose_offer *o,
                               struct clashes *out) {
    bool old = !o->known || wire_client_hello_has_version(&o->hello, DIAGNOSE_TLS_1_2);
    bool new = !o->known || wire_client_hello_has_version(&o->hello, DIAGNOSE_TLS_1_3);
    out->version = k->versions_limited;
    out->suite =
        (old && k->cipher && k->cipher[0]) || (new && k->ciphersuites && k->ciphersuites[0]);
    out->group = k->groups && k->groups[0];
    out->scheme = k->signature_schemes && k->signature_schemes[0];
}

static bool is_dropped(const struct facts_session *s) {
    return s->end == FACTS_HANDSHAKE_CLOSED || s->end == FACTS_HANDSHAKE_RESET;
}

/* handshake_failure, illegal_parameter, protocol_version, insufficient_security and
 * missing_extension are answers to an offer; other alerts have causes of their own. */
static bool answers_offer(const struct facts_session *s) {
    return s->end == FACTS_HANDSHAKE_ALERT && (s->alert == 40 || s->alert == 47 || s->alert == 70 ||
                                               s->alert == 71 || s->alert == 109);
}

/* False when the end of the handshake does not look like a matter of offers, or the second look
 * failed as well. */
static bool weigh(const struct diagnose_case *c, struct diagnose_offer *o, struct clashes *out) {
    const struct facts_session *s = &c->endpoint->session;
    *out = (struct clashes){.key_type = ""};
    if (!diagnose_handshake_failed(c->endpoint) || !c->client || diagnose_open_failed(c) ||
        s->version != 0)
        return false;
    if (!answers_offer(s) && !(is_dropped(s) && diagnose_open_succeeded(c)))
        return false;
    diagnose_offer_of(c->client, c->endpoint, o);
    if (diagnose_open_succeeded(c) && o->known) {
        out->key_type = key_type_of(c->open);
        if (c->open->session.version > o->hello.max_version)
            weigh_older_version(c->client, o, &c->open->session, out);
        else
            weigh_common_version(o, &c->open->session, out);
    } else {
        weigh_restrictions(c->client, o, out);
    }
    out->count = (size_t)out->version + out->key + out->suite + out->group + out->scheme;
    return out->count > 0;
}

/* --- one cause --- */

static const char *ending(struct diagnose_case *c) {
    return diagnose_ending_words(c->arena, c->endpoint);
}

static const char *key_words(const char *key_type) {
    return strcmp(key_type, "EC") == 0 ? "ECDSA" : key_type;
}

/* The cause is only likely when the second look is missing, or the server closed without a word. */
static bool is_sure(const struct diagnose_case *c) {
    return diagnose_open_succeeded(c) && !is_dropped(&c->endpoint->session);
}

static const char *sure(const struct diagnose_case *c) {
    return is_sure(c) ? "" : "most likely ";
}

static void add_doubt(struct diagnose_case *c) {
    if (!is_sure(c))
        c->out->next = "likely, not proven: look again without this one restriction; the server's "
                       "log names its reason";
}

/* OpenSSL looks for a suite before TLS 1.3 and for a signature in it; GnuTLS says one thing. */
static bool no_signature_logs(struct diagnose_case *c, const char *ask) {
    static const struct diagnose_log server = {
        "error:0A000076:SSL routines::no suitable signature algorithm\" or \"0A000178:SSL "
        "routines::no shared signature algorithms",
        "No supported cipher suites have been found."};
    return diagnose_say_more(c, diagnose_logs_of_server(c->arena, c->endpoint, &server), ask);
}

static bool no_shared_cipher_logs(struct diagnose_case *c, const char *ask) {
    static const struct diagnose_log server = {"error:0A0000C1:SSL routines::no shared cipher",
                                               "No supported cipher suites have been found."};
    return diagnose_say_more(c, diagnose_logs_of_server(c->arena, c->endpoint, &server), ask);
}

/* "TLS_A, TLS_B and 3 more (-cipher A:B)" */
static const char *offered_suites(struct diagnose_case *c, const struct diagnose_offer *o,
                                  bool tls13) {
    const char *told = tls13 ? c->client->ciphersuites : c->client->cipher;
    bool limited = told && told[0];
    const char *option =
        limited ? base_arena_printf(c->arena, "%s %s", tls13 ? "-ciphersuites" : "-cipher",
                                    diagnose_short(c->arena, told))
                : "the library's defaults";
    if (!o->known)
        return option;
    return base_arena_printf(c->arena, "%s (%s)", diagnose_offer_suites(c->arena, o, LISTED_SUITES),
                             option);
}

/* What of the offer leaves the key out: the schemes, or else the suites. */
static const char *offered_for_keys(struct diagnose_case *c, const struct diagnose_offer *o) {
    const char *schemes = c->client->signature_schemes;
    if (schemes && schemes[0])
        return base_arena_printf(c->arena, "signature schemes %s (-sigalgs %s)",
                                 diagnose_offer_schemes(c->arena, o, LISTED),
                                 diagnose_short(c->arena, schemes));
    return base_arena_printf(c->arena, "suites %s", offered_suites(c, o, false));
}

bool diagnose_clash_key_type(struct diagnose_case *c) {
    struct diagnose_offer o;
    struct clashes w;
    if (!weigh(c, &o, &w) || !w.key || w.count > 1)
        return false;
    const char *key = key_words(w.key_type);
    const char *other = strncmp(key, "RSA", 3) == 0 ? "ECDSA" : "RSA";
    (void)diagnose_say(
        c,
        base_arena_printf(c->arena,
                          "this server's certificate has a key of type %s; this client offers "
                          "nothing for such a key, only the %s, and %s",
                          key, offered_for_keys(c, &o), ending(c)),
        base_arena_printf(c->arena,
                          "%sclients that take %s certificates alone can't use TLS here; those "
                          "with their software's defaults take both kinds",
                          is_sure(c) ? "" : "most likely the reason: ", other),
        diagnose_case_advice(c, DIAGNOSE_ADVICE_KEY_TYPE, key));
    const char *ask = base_arena_printf(c->arena, "a certificate of type %s as well. %s", other,
                                        diagnose_case_remedy(c, DIAGNOSE_REMEDY_KEY_TYPES));
    add_doubt(c);
    return diagnose_open_succeeded(c) && c->open->session.version >= DIAGNOSE_TLS_1_3
               ? no_signature_logs(c, ask)
               : no_shared_cipher_logs(c, ask);
}

static const char *suite_evidence(struct diagnose_case *c, const struct diagnose_offer *o) {
    bool seen = diagnose_open_succeeded(c);
    bool tls13 = seen ? c->open->session.version >= DIAGNOSE_TLS_1_3
                      : !(c->client->cipher && c->client->cipher[0]);
    const char *mine = offered_suites(c, o, tls13);
    if (!seen)
        return base_arena_printf(c->arena, "this client offers only %s, and %s", mine, ending(c));
    return base_arena_printf(c->arena,
                             "this server takes %s (%s), which this client does not offer; offered "
                             "were %s, and %s",
                             diagnose_open_words(c), c->open->session.openssl_name, mine,
                             ending(c));
}

bool diagnose_clash_suite(struct diagnose_case *c) {
    struct diagnose_offer o;
    struct clashes w;
    if (!weigh(c, &o, &w) || !w.suite || w.count > 1)
        return false;
    (void)diagnose_say(
        c, suite_evidence(c, &o),
        base_arena_printf(c->arena,
                          "%sthe server takes none of the offered cipher suites: every client with "
                          "the same list fails; those with their software's defaults do not",
                          sure(c)),
        diagnose_case_advice(c, DIAGNOSE_ADVICE_SUITE,
                             diagnose_open_succeeded(c) ? c->open->session.openssl_name : "SUITE"));
    add_doubt(c);
    return no_shared_cipher_logs(c, diagnose_case_remedy(c, DIAGNOSE_REMEDY_CIPHERS));
}

/* The server signed, or chose, what this client had not offered. */
static bool unoffered_here(struct diagnose_case *c, const char *what, const char *chosen,
                           const char *mine, enum diagnose_advice advice) {
    (void)diagnose_say(
        c,
        base_arena_printf(c->arena,
                          "the server uses the %s %s, which this client did not offer (\"%s\"); "
                          "offered were %s",
                          what, chosen[0] ? chosen : "of its own choice",
                          diagnose_short(c->arena, c->endpoint->session.error), mine),
        "the server has nothing else, or does not heed the offer: every client with these settings "
        "fails; those with their software's defaults may not",
        diagnose_case_advice(c, advice, chosen));
    return diagnose_say_more(
        c, diagnose_logs_of_client(c->arena, c->endpoint, &(struct diagnose_log){NULL, NULL}),
        NULL);
}

static bool scheme_unoffered(struct diagnose_case *c) {
    struct diagnose_offer o;
    diagnose_offer_of(c->client, c->endpoint, &o);
    return unoffered_here(c, "signature scheme", c->endpoint->session.signature_scheme,
                          o.known ? diagnose_offer_schemes(c->arena, &o, LISTED) : "others",
                          DIAGNOSE_ADVICE_SCHEME);
}

static bool group_unoffered(struct diagnose_case *c) {
    struct diagnose_offer o;
    diagnose_offer_of(c->client, c->endpoint, &o);
    return unoffered_here(c, "group", c->endpoint->session.group,
                          o.known ? diagnose_offer_groups(c->arena, &o, LISTED) : "others",
                          DIAGNOSE_ADVICE_GROUP);
}

bool diagnose_clash_group(struct diagnose_case *c) {
    static const struct diagnose_log tls13 = {"error:0A000065:SSL routines::no suitable key share",
                                              "No common key share with peer."};
    static const struct diagnose_log tls12 = {"error:0A0000C1:SSL routines::no shared cipher",
                                              "No supported cipher suites have been found."};
    struct diagnose_offer o;
    struct clashes w;
    if (diagnose_local_error(c->endpoint, "wrong curve"))
        return group_unoffered(c);
    if (!weigh(c, &o, &w) || !w.group || w.count > 1)
        return false;
    bool seen = diagnose_open_succeeded(c);
    const char *mine = o.known ? diagnose_offer_groups(c->arena, &o, LISTED)
                               : diagnose_short(c->arena, c->client->groups);
    (void)diagnose_say(
        c,
        seen ? base_arena_printf(c->arena,
                                 "this server agrees on keys with the group %s; this client offers "
                                 "only %s, and %s",
                                 c->open->session.group, mine, ending(c))
             : base_arena_printf(c->arena, "this client offers only the groups %s, and %s", mine,
                                 ending(c)),
        base_arena_printf(c->arena,
                          "%sno group (elliptic curve) in common: every client with these groups "
                          "alone fails; those with their software's defaults do not",
                          sure(c)),
        diagnose_case_advice(c, DIAGNOSE_ADVICE_GROUP, seen ? c->open->session.group : "GROUP"));
    add_doubt(c);
    return diagnose_say_more(
        c,
        diagnose_logs_of_server(
            c->arena, c->endpoint,
            o.known && wire_client_hello_has_version(&o.hello, DIAGNOSE_TLS_1_3) ? &tls13 : &tls12),
        diagnose_case_remedy(c, DIAGNOSE_REMEDY_GROUPS));
}

bool diagnose_clash_scheme(struct diagnose_case *c) {
    struct diagnose_offer o;
    struct clashes w;
    if (diagnose_local_error(c->endpoint, "wrong signature type"))
        return scheme_unoffered(c);
    if (!weigh(c, &o, &w) || !w.scheme || w.count > 1)
        return false;
    bool seen = diagnose_open_succeeded(c);
    const char *mine = o.known ? diagnose_offer_schemes(c->arena, &o, LISTED)
                               : diagnose_short(c->arena, c->client->signature_schemes);
    (void)diagnose_say(
        c,
        seen ? base_arena_printf(c->arena,
                                 "this server signs with %s; this client accepts only %s, and %s",
                                 c->open->session.signature_scheme, mine, ending(c))
             : base_arena_printf(c->arena,
                                 "this client accepts only the signature schemes %s, and "
                                 "%s",
                                 mine, ending(c)),
        base_arena_printf(c->arena,
                          "%sno signature scheme in common: every client with this list fails; "
                          "those with their software's defaults do not",
                          sure(c)),
        diagnose_case_advice(c, DIAGNOSE_ADVICE_SCHEME, ""));
    add_doubt(c);
    return no_signature_logs(
        c, "that the server sign with the usual schemes again (RSA-PSS and RSA with SHA-256, ECDSA "
           "with SHA-256): the SignatureAlgorithms line of its OpenSSL configuration, +SIGN-... in "
           "GnuTLS priorities");
}

/* --- several causes --- */

static void add_cause(struct base_buf *b, size_t *left, const char *text) {
    base_buf_printf(b, "%s%s", b->len == 0 ? "" : *left == 1 ? " and " : ", ", text);
    --*left;
}

static const char *cause_list(struct diagnose_case *c, const struct clashes *w) {
    struct base_buf b;
    size_t left = w->count;
    base_buf_init(&b, 1024);
    if (w->version)
        add_cause(&b, &left, "the protocol versions");
    if (w->key)
        add_cause(&b, &left, "the type of certificate");
    if (w->suite)
        add_cause(&b, &left, "the cipher suites");
    if (w->group)
        add_cause(&b, &left, "the groups");
    if (w->scheme)
        add_cause(&b, &left, "the signature schemes");
    const char *text = base_arena_str(c->arena, base_buf_cstr(&b));
    base_buf_release(&b);
    return text;
}

/* Lifts one restriction at a time. */
static const char *next_looks(struct diagnose_case *c, const struct clashes *w) {
    const char *what = w->version  ? "the protocol options"
                       : w->suite  ? "-cipher and -ciphersuites"
                       : w->group  ? "-groups"
                       : w->scheme ? "-sigalgs"
                                   : "the other options";
    return base_arena_printf(c->arena,
                             "look again with one restriction fewer at a time, first without %s: "
                             "the look that succeeds names the cause",
                             what);
}

bool diagnose_clash_offer(struct diagnose_case *c) {
    struct diagnose_offer o;
    struct clashes w;
    if (!weigh(c, &o, &w))
        return false;
    if (w.count == 1 && w.version && diagnose_open_succeeded(c))
        return false; /* a rule of its own */
    bool seen = diagnose_open_succeeded(c);
    (void)diagnose_say(
        c,
        seen ? base_arena_printf(c->arena, "to this offer %s; offered everything, it took %s%s%s",
                                 ending(c), diagnose_open_words(c),
                                 c->open->session.group[0] ? " with " : "", c->open->session.group)
             : base_arena_printf(c->arena, "to this offer %s", ending(c)),
        base_arena_printf(c->arena,
                          "the offer does not suit the server; what remains possible: %s%s. "
                          "Clients with the same settings fail%s",
                          cause_list(c, &w),
                          seen ? "" : ", or a server without a usable certificate",
                          seen ? ", those with their software's defaults may not" : ""),
        "take the restrictions back for this destination");
    c->out->next = next_looks(c, &w);
    return no_shared_cipher_logs(c, diagnose_case_remedy(c, DIAGNOSE_REMEDY_CIPHERS));
}

bool diagnose_clash_is_version_alone(const struct diagnose_case *c) {
    struct diagnose_offer o;
    struct clashes w;
    return weigh(c, &o, &w) && w.version && w.count == 1 && diagnose_open_succeeded(c);
}
