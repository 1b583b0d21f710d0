/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_DIAGNOSE_CLASH_PRIVATE_H
#define WAXSEAL_DIAGNOSE_CLASH_PRIVATE_H

#include "diagnose/rule_private.h"
#include "know/tls_suite.h"
#include "wire/client_hello.h"

/* What the rules about a failed handshake share; for the clash_*.c files. */

#define DIAGNOSE_TLS_1_0 0x0301
#define DIAGNOSE_TLS_1_2 0x0303
#define DIAGNOSE_TLS_1_3 0x0304

/* --- offer.c: what the client put on the table --- */

/* What a client put on the table. Views into the hello that was sent. */
struct diagnose_offer {
    bool known;    /* a hello was there and could be read: without it nothing is "not offered" */
    size_t length; /* of the message with its header */
    struct wire_client_hello hello;
};

/* Of the look at `e` by `client` (NULL: only what `e` kept). */
void diagnose_offer_of(const struct facts_client *client, const struct facts_endpoint *e,
                       struct diagnose_offer *out);

/* Suites of TLS 1.2 and older that go with a certificate, or whatever `auth` is. */
size_t diagnose_offer_count_auth(const struct diagnose_offer *o, enum know_tls_auth auth);
/* Signature schemes that a key of this type ("RSA", "EC", "Ed25519" ...) can use, in TLS 1.3 or
 * before. */
size_t diagnose_offer_count_schemes(const struct diagnose_offer *o, const char *key, bool tls13);

/* "x25519, secp256r1 and 3 more": at most `most` names, "none". Arena text. */
const char *diagnose_offer_suites(struct base_arena *arena, const struct diagnose_offer *o,
                                  size_t most);
const char *diagnose_offer_groups(struct base_arena *arena, const struct diagnose_offer *o,
                                  size_t most);
const char *diagnose_offer_schemes(struct base_arena *arena, const struct diagnose_offer *o,
                                   size_t most);

/* --- advice.c, logs.c: what to change, what the logs say --- */

/* What may be changed on the side that sends. */
enum diagnose_advice {
    DIAGNOSE_ADVICE_OLDER,         /* allow an older protocol version */
    DIAGNOSE_ADVICE_NEWER,         /* allow a newer one */
    DIAGNOSE_ADVICE_SUITE,         /* offer a suite */
    DIAGNOSE_ADVICE_KEY_TYPE,      /* accept a type of certificate */
    DIAGNOSE_ADVICE_GROUP,         /* offer a group */
    DIAGNOSE_ADVICE_SMALL_HELLO,   /* a ClientHello that fits one packet */
    DIAGNOSE_ADVICE_SCHEME,        /* offer a signature scheme */
    DIAGNOSE_ADVICE_LEVEL,         /* lower the security level */
    DIAGNOSE_ADVICE_DH,            /* take a smaller Diffie-Hellman prime */
    DIAGNOSE_ADVICE_RENEGOTIATION, /* talk to servers without RFC 5746 */
    DIAGNOSE_ADVICE_SNI,           /* send the server's name */
    DIAGNOSE_ADVICE_CERTIFICATE,   /* show a certificate */
    DIAGNOSE_ADVICE_VERIFY,        /* what is done with a certificate that fails */
    DIAGNOSE_ADVICE_IMPLICIT,      /* TLS from the first byte, or STARTTLS */
    DIAGNOSE_ADVICE_CLEAR,         /* deliver without TLS */
    DIAGNOSE_ADVICE_COUNT
};

/* One line "Postfix: ..." for each mail server software that has a setting for it; `what` is put in
 * where the setting names the version, suite, group ..., and `destination` where it names whom mail
 * is for. Arena text. */
const char *diagnose_advice(struct base_arena *arena, enum diagnose_advice topic, const char *what,
                            const char *destination);

/* What a side writes into its log about its own reason, by the TLS library it uses. NULL: nothing
 * that could be told. */
struct diagnose_log {
    const char *openssl; /* "no shared cipher" */
    const char *gnutls;  /* "No supported cipher suites have been found." */
};

/* Lines for both sides when the server ended the handshake of `e` for the reason `server` gives;
 * what the client writes follows from how it ended. The server's lines are those of its software,
 * when that is known. Arena text. */
const char *diagnose_logs_of_server(struct base_arena *arena, const struct facts_endpoint *e,
                                    const struct diagnose_log *server);
/* The same when the client ended it; what the server writes follows from the alert sent. */
const char *diagnose_logs_of_client(struct base_arena *arena, const struct facts_endpoint *e,
                                    const struct diagnose_log *client);
/* The same when it was the certificate that the client refused. */
const char *diagnose_logs_of_verification(struct base_arena *arena, const struct facts_endpoint *e);

/* --- clash_case.c: questions and words --- */

/* The client that looked: c->client, or one without restrictions. Never NULL. */
const struct facts_client *diagnose_client(const struct diagnose_case *c);
/* The handshake was begun and came to nothing. */
bool diagnose_handshake_failed(const struct facts_endpoint *e);
/* It ended with this alert from the server. */
bool diagnose_alert_is(const struct facts_endpoint *e, int alert);
/* This side ended it, and the TLS library's reason holds these words. */
bool diagnose_local_error(const struct facts_endpoint *e, const char *words);
/* The second look was made and its handshake went through. */
bool diagnose_open_succeeded(const struct diagnose_case *c);
/* The second look was made, and its handshake failed as well. */
bool diagnose_open_failed(const struct diagnose_case *c);

/* "TLS 1.2", for sentences. */
const char *diagnose_version_words(uint16_t version);
/* "it answered alert 70, protocol version", "it closed the connection without an alert": what
 * became of the look at `e`, as a clause with "it" for the server. Static or the arena's. */
const char *diagnose_ending_words(struct base_arena *arena, const struct facts_endpoint *e);
/* "TLS 1.2, TLS_RSA_WITH_AES_128_CBC_SHA": what the second look was given. */
const char *diagnose_open_words(const struct diagnose_case *c);

/* diagnose_advice for this case's destination. */
const char *diagnose_case_advice(const struct diagnose_case *c, enum diagnose_advice topic,
                                 const char *what);
/* diagnose_remedy_for the server's software. */
const char *diagnose_case_remedy(const struct diagnose_case *c, enum diagnose_remedy remedy);
/* Sets logs and ask beside what diagnose_say sets; returns true. */
bool diagnose_say_more(struct diagnose_case *c, const char *logs, const char *ask);

/* --- the checks of the table in clash_rules.c --- */

/* clash_version.c: no protocol version in common */
bool diagnose_clash_server_older(struct diagnose_case *c);
bool diagnose_clash_server_newer(struct diagnose_case *c);
bool diagnose_clash_version(struct diagnose_case *c);

/* clash_offer.c: what was offered in the ClientHello */
bool diagnose_clash_key_type(struct diagnose_case *c);
bool diagnose_clash_suite(struct diagnose_case *c);
bool diagnose_clash_group(struct diagnose_case *c);
bool diagnose_clash_scheme(struct diagnose_case *c);
bool diagnose_clash_offer(struct diagnose_case *c); /* several of these remain possible */
/* Of all that was offered only the version can be what the server did not take. */
bool diagnose_clash_is_version_alone(const struct diagnose_case *c);

/* clash_local.c: this side ends the handshake */
bool diagnose_clash_nothing_to_offer(struct diagnose_case *c);
bool diagnose_clash_legacy_signature(struct diagnose_case *c);
bool diagnose_clash_small_dh(struct diagnose_case *c);
bool diagnose_clash_renegotiation(struct diagnose_case *c);
bool diagnose_clash_downgrade(struct diagnose_case *c);
bool diagnose_clash_weak_certificate(struct diagnose_case *c);
bool diagnose_clash_verification(struct diagnose_case *c);

/* clash_alert.c: alerts with a meaning of their own */
bool diagnose_clash_client_certificate(struct diagnose_case *c);
bool diagnose_clash_client_certificate_refused(struct diagnose_case *c);
bool diagnose_clash_server_name(struct diagnose_case *c);
bool diagnose_clash_name_missing(struct diagnose_case *c);
bool diagnose_clash_fallback(struct diagnose_case *c);
bool diagnose_clash_psk(struct diagnose_case *c);
bool diagnose_clash_alpn(struct diagnose_case *c);
bool diagnose_clash_extension(struct diagnose_case *c);
bool diagnose_clash_internal_error(struct diagnose_case *c);

/* clash_silence.c: no alert, or no answer to any client */
bool diagnose_clash_plaintext(struct diagnose_case *c);
bool diagnose_clash_no_certificate(struct diagnose_case *c);
bool diagnose_clash_hello_dropped(struct diagnose_case *c);
bool diagnose_clash_unknown(struct diagnose_case *c);

#endif
