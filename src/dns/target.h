/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_DNS_TARGET_H
#define WAXSEAL_DNS_TARGET_H

#include "base/arena.h"
#include "facts/target.h"

/* Defaults from the command line for what a target's text leaves open. */
struct dns_target_defaults {
    enum facts_protocol protocol;
    bool implicit_tls;
    bool implicit_tls_given;
    unsigned port; /* 0: from the protocol */
    bool no_mx;    /* the name is a host: skip MX (--no-mx) */
};

/* Reads "example.org", "user@example.org" (its domain), "mx.example.org:587", "[2001:db8::1]:25",
 * "2001:db8::1", "192.0.2.1:465", "[mx.example.org]" (a host, as Postfix writes it),
 * "smtp://host:port", "/path/socket", "./socket", "unix:path", "host:smtp" (service names smtp,
 * submission, submissions, smtps, imap, imaps, pop3, pop3s, sieve, lmtp), IDN in U-labels.
 *
 * A name alone is a domain (MX). It is a host with a port, a scheme or brackets, with --no-mx, with
 * a protocol other than SMTP and with --port 465 or 587. A trailing dot is taken off. Ports 465,
 * 993, 995 mean implicit TLS unless said otherwise; with the default protocol, the well-known ports
 * of LMTP, IMAP, POP3 and ManageSieve mean their protocol.
 *
 * Everything in *out is set anew. Syntax errors go into out->error (one printable line that names
 * the input and the remedy) and return WS_SYNTAX. */
WS_MUST_USE enum ws_err dns_target_parse(const char *input, const struct dns_target_defaults *d,
                                         struct base_arena *arena, struct facts_target *out);
/* The port a protocol uses. */
unsigned dns_target_default_port(enum facts_protocol p, bool implicit_tls);

/* U-labels -> A-labels, lower case, checked against RFC 5890/1035 lengths; "" and *why on failure.
 */
const char *dns_name_to_ascii(struct base_arena *arena, const char *name, const char **why);
const char *dns_name_to_unicode(struct base_arena *arena, const char *ascii); /* "" when the same */

#endif
