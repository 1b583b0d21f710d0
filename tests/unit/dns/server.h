/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_DNS_SERVER_H
#define TESTS_DNS_SERVER_H

#include "net/loop.h"

#include <stddef.h>

/* A DNS server on 127.0.0.1 that answers from a table, on the test's own loop. */

enum server_row_kind {
    SERVER_END,
    SERVER_MX,      /* "PREFERENCE HOST" */
    SERVER_ADDRESS, /* A or AAAA */
    SERVER_CNAME,   /* for every type */
    SERVER_PTR,
    SERVER_TXT,     /* one string */
    SERVER_TLSA,    /* raw data in `text`, `number` bytes */
    SERVER_CODE,    /* `number`: the rcode, for every type */
    SERVER_SILENT,  /* no answer */
    SERVER_GARBAGE, /* bytes that are no DNS */
    SERVER_TRUNCATED,
    SERVER_DELAY,      /* `number` milliseconds before the answer of the other rows */
    SERVER_MANY_MX,    /* `number` of them: mx0.many.example ... */
    SERVER_MANY_A,     /* `number` of them: 192.0.2.0 ... */
    SERVER_BAD_MX,     /* raw data in `text`, `number` bytes */
    SERVER_SIGNED_KEY, /* a DNSKEY with an RRSIG that proves nothing */
};

struct server_row {
    const char *name;
    enum server_row_kind kind;
    const char *text;
    unsigned number;
};

struct server;
struct server *server_start(struct net_loop *loop, const struct server_row *rows);
void server_change(struct server *s, const struct server_row *rows); /* from now on */
void server_stop(struct server *s);
const char *server_address(const struct server *s); /* "127.0.0.1@PORT" */
unsigned server_questions(const struct server *s);
unsigned server_asked(const struct server *s, const char *name, unsigned type);

#endif
