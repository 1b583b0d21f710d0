/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_DIAGNOSE_OFFER_H
#define WAXSEAL_DIAGNOSE_OFFER_H

#include "base/arena.h"
#include "facts/client.h"
#include "facts/endpoint.h"
#include "know/tls_suite.h"
#include "wire/client_hello.h"

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

#endif
