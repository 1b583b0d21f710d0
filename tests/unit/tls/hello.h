/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TESTS_TLS_HELLO_H
#define WAXSEAL_TESTS_TLS_HELLO_H

#include "base/reader.h"
#include "tls/session.h"

/* What a ClientHello offers, in its order. */
#define HELLO_LIST_MAX 256
struct hello_list {
    uint16_t ids[HELLO_LIST_MAX];
    size_t count;
};
struct hello {
    struct hello_list suites, extensions, groups, schemes, shares, versions;
    struct base_bytes alpn, max_fragment; /* bodies, borrowed */
    uint16_t version;
};

/* From a handshake message with its header, or from a record; fails the test when malformed. */
void hello_parse(struct base_bytes message, struct hello *out);
void hello_parse_record(struct base_bytes record, struct hello *out);
bool hello_has(const struct hello_list *l, uint16_t id);
/* Starts the client and parses what it sends. */
void hello_of(struct tls_session *client, base_usec now, struct hello *out);

#endif
