/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_DIAGNOSE_CLASH_CASE_H
#define WAXSEAL_DIAGNOSE_CLASH_CASE_H

#include "diagnose/advice.h"
#include "diagnose/logs.h"
#include "diagnose/offer.h"
#include "diagnose/rule.h"
#include "diagnose/software.h"

#define DIAGNOSE_TLS_1_0 0x0301
#define DIAGNOSE_TLS_1_2 0x0303
#define DIAGNOSE_TLS_1_3 0x0304

/* What the rules about a failed handshake share; for the clash_*.c files. */

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

/* "TLS 1.2" for sentences, "TLSv1.2" for settings. */
const char *diagnose_version_words(uint16_t version);
const char *diagnose_version_token(uint16_t version);
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

#endif
