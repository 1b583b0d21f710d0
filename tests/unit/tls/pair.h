/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TESTS_TLS_PAIR_H
#define WAXSEAL_TESTS_TLS_PAIR_H

#include "pki/forge.h"
#include "client/client.h"

#define PAIR_NOW INT64_C(1795000000)
#define PAIR_DAY INT64_C(86400)

/* A client and a server session, joined by memory, under a virtual clock. */
struct pair {
    struct tls_context *client_context, *server_context;
    struct tls_session *client, *server;
    base_usec now;
    size_t chunk;                  /* bytes per feed, 0: all at once */
    uint64_t to_client, to_server; /* bytes carried */
    struct base_arena arena;
};

struct pair_options {
    uint16_t server_min, server_max;
    uint16_t client_min, client_max;
    unsigned rsa_bits;
    const char *digest;
    const char *sni;
    const struct base_log *log;
    const struct client_wish *wish; /* a client as its user asks; NULL: the one that looks */
};

/* Contexts and sessions, not started. `o` may be NULL. */
void pair_open(struct pair *p, const struct pair_options *o);
/* Fresh sessions on the same contexts. */
void pair_renew(struct pair *p, const struct pair_options *o);
void pair_close(struct pair *p);
/* Starts both and carries bytes until neither has any left. */
void pair_run(struct pair *p);
/* One direction, all that waits. True when there was something. */
bool pair_carry(struct pair *p, bool to_client);
/* Takes what one side would send. */
void pair_take(struct tls_session *from, struct base_buf *into);

/* A root (made once), and "leaf + root" or "leaf" chains in PEM. */
struct pki_forged *pair_root(void);
void pair_release_root(void);
/* Facts as read now. */
struct facts_session pair_facts(struct pair *p);

#endif
