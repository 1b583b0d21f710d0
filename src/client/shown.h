/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CLIENT_SHOWN_H
#define WAXSEAL_CLIENT_SHOWN_H

#include "tls/session.h"

/* What the users of swaks are shown of a session, in the words that program has for it. Memory is
 * the arena's, texts are never NULL. */

struct client_shown_certificate {
    const char *subject;     /* "/C=US/O=Example/CN=mx.example.org" */
    const char *common_name; /* the last one of the subject, "" none */
    const char *alt_names;   /* "DNS:mx.example.org, IP Address:192.0.2.1" */
    const char *not_after;   /* "2033-09-11T14:50:10Z" */
    const char *pem;         /* with its BEGIN and END lines */
};

/* The certificates that the peer sent, or (own) those that we were told to send. Returns how many.
 */
size_t client_show_chain(const struct tls_session *s, bool own, struct base_arena *arena,
                         struct client_shown_certificate **out);
/* What the path check in the handshake found; "" when all is well. */
const char *client_verify_error(const struct tls_session *s);
/* The leaf names this host or address, as OpenSSL's X509_check_host sees it (with the common name
 * when there are no alternative names). */
bool client_names_host(const struct tls_session *s, const char *host);

/* Channel binding (RFC 9266, tls-exporter): false when there is none. */
bool client_bind_exporter(const struct tls_session *s, struct base_buf *out);

#endif
