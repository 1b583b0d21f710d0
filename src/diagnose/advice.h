/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_DIAGNOSE_ADVICE_H
#define WAXSEAL_DIAGNOSE_ADVICE_H

#include "base/arena.h"
#include "facts/target.h"

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
/* How the sending side would name this endpoint: "example.org", "[mx.example.org]:587". */
const char *diagnose_destination(struct base_arena *arena, const struct facts_target *target,
                                 const struct facts_endpoint *e);

#endif
