/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_BEYOND_H
#define WAXSEAL_SEND_BEYOND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What waxseal send does beyond swaks, as checked values. Texts outlive the transaction. */

/* --expect STEP=CODE. */
struct send_expectation {
    const char *step; /* "banner", "helo", "xclient", "tls", "auth", "mail", "rcpt", "data", "dot",
                         "quit" */
    const char *code; /* one to three digits that the reply's code begins with */
};

struct send_beyond {
    bool all_mx;           /* one transaction with each host of the route */
    bool try_next_mx;      /* the next host when one can't be reached */
    const char *via_proxy; /* "socks5://[USER:PASSWORD@]HOST:PORT", "http://..."; NULL none */

    const char *dsn_notify; /* RFC 3461, checked; NULL not given, as all that follow */
    const char *dsn_ret;
    const char *dsn_envid; /* as typed: to be xtext-encoded */
    const char *dsn_orcpt; /* "rfc822;a@b", the address as typed */

    bool smtputf8;       /* RFC 6531 */
    bool chunking;       /* RFC 3030: BDAT */
    uint64_t chunk_size; /* bytes; 0: the whole message in one chunk */
    bool requiretls;     /* RFC 8689 */

    const struct send_xforward {
        const char *name; /* "NAME", "ADDR" ... */
        const char *value;
    } * xforward; /* in the order of the option table */
    size_t xforward_count;

    enum send_policy {
        SEND_POLICY_NONE,
        SEND_POLICY_DANE,
        SEND_POLICY_MTA_STS,
        SEND_POLICY_PKIX
    } policy;
    const char *session_out; /* file for the TLS session */
    bool lax;
    bool json;
    const struct send_expectation *expect;
    size_t expect_count;
    unsigned repeat;      /* 1 when not given */
    unsigned concurrency; /* 1 when not given */
    const char *script;   /* file */
    bool show_secrets;
};

#endif
