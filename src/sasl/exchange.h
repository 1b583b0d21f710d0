/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SASL_EXCHANGE_H
#define WAXSEAL_SASL_EXCHANGE_H

#include "base/arena.h"
#include "base/buf.h"
#include "sasl/crypto.h"

/* One attempt to log in with one mechanism (RFC 4422), without I/O and for any protocol: challenges
 * and answers are the base64 texts that SMTP, IMAP, POP3 and ManageSieve all use; the caller puts
 * its protocol's words around them.
 *
 *     x = sasl_new(SASL_PLAIN, &credentials, &peer, NULL, arena);
 *     sasl_first(x, &line)              "AUTH PLAIN " line.text, or without a text "AUTH PLAIN"
 *     sasl_step(x, challenge, &line)    for each challenge
 *     sasl_agreed(x)                    when the server says yes
 *     sasl_release(x)
 */
struct sasl_exchange;

enum sasl_mechanism {
    SASL_CRAM_MD5,
    SASL_CRAM_SHA1,
    SASL_DIGEST_MD5,
    SASL_LOGIN,
    SASL_LOGIN_INITIAL, /* LOGIN, with the user name in the first line */
    SASL_NTLM,
    SASL_PLAIN,
    SASL_XOAUTH2,
    SASL_OAUTHBEARER,
    SASL_EXTERNAL,
    SASL_ANONYMOUS,
    SASL_SCRAM_SHA_1,
    SASL_SCRAM_SHA_1_PLUS,
    SASL_SCRAM_SHA_256,
    SASL_SCRAM_SHA_256_PLUS,
    SASL_SCRAM_SHA_512,
    SASL_SCRAM_SHA_512_PLUS,
    SASL_MECHANISM_COUNT
};

/* Who logs in. Only `user` and `password` must be set. Texts outlive the exchange. */
struct sasl_credentials {
    const char *user;     /* "" is a value */
    const char *password; /* for XOAUTH2 and OAUTHBEARER the token */
    const char *authzid;  /* act for somebody else (PLAIN, DIGEST-MD5, SCRAM, EXTERNAL); NULL */
    const char *realm;    /* NULL not given; for NTLM it is the domain */
    const char *domain;   /* NTLM; NULL: `realm` */
    /* What DIGEST-MD5 and SCRAM say in place of the peer's; NULL none. */
    const char *dmd5_host;
    const char *dmd5_serv_type;
    const char *dmd5_serv_name;
};

/* What the mechanism must know about the connection. Texts and bytes outlive the exchange. */
struct sasl_peer {
    const char *service;       /* "smtp", "imap" ... */
    const char *host;          /* for names of services; "" unknown */
    const char *port;          /* number or name; NULL unknown */
    bool encrypted;            /* inside TLS */
    struct base_bytes binding; /* tls-exporter (RFC 9266), for -PLUS; empty: there is none */
    const struct sasl_crypto *crypto;
};

/* How lines look in a transcript. */
struct sasl_show {
    bool plaintext;            /* decoded, not in base64 */
    const char *hide_password; /* the text to show instead; NULL: show it */
    bool hide_all;             /* with hide_password: nothing that a password was mixed into */
};

/* Does the mechanism want peer.binding? */
bool sasl_binds_channel(enum sasl_mechanism m);

/* Memory from the arena, but for lines, which release wipes. `who` and `show` outlive the exchange;
 * without `show` all is shown. NULL: no memory. */
struct sasl_exchange *sasl_new(enum sasl_mechanism mechanism, const struct sasl_credentials *who,
                               const struct sasl_peer *peer, const struct sasl_show *show,
                               struct base_arena *arena);
void sasl_release(struct sasl_exchange *x); /* NULL is fine */

/* What the server must say next. */
enum sasl_then {
    SASL_THEN_CHALLENGE,
    SASL_THEN_VERDICT, /* yes or no */
    SASL_THEN_EITHER,
};

/* What the client says; valid until the next call. */
struct sasl_line {
    const char *text;        /* base64, "" an empty answer; NULL: nothing before a challenge */
    struct base_bytes shown; /* for the transcript */
    enum sasl_then then;
};
/* The first line, which goes with the command that names the mechanism ("=" where it is empty, RFC
 * 4954 section 4), or after an empty challenge. False: the mechanism can't be used here, sasl_error
 * says why. */
bool sasl_first(struct sasl_exchange *x, struct sasl_line *out);
/* The answer to a challenge in base64. False: as above; the exchange must be cancelled with "*". */
bool sasl_step(struct sasl_exchange *x, struct base_bytes challenge, struct sasl_line *out);
/* The server says yes: whether it has proved what the mechanism asks of it. */
bool sasl_agreed(struct sasl_exchange *x);
const char *sasl_error(const struct sasl_exchange *x); /* "" none */

#endif
