/* SPDX-License-Identifier: Apache-2.0 */
/* connect_target - which server is meant, and how TLS begins there. */
#include "connect/target.h"

#include "dns/target.h"

#include <string.h>

/* Ports on which every server waits for STARTTLS. */
static bool is_starttls_port(unsigned port, enum facts_protocol *protocol) {
    static const struct {
        unsigned port;
        enum facts_protocol protocol;
    } known[] = {
        {24, FACTS_PROTOCOL_LMTP},  {25, FACTS_PROTOCOL_SMTP},  {110, FACTS_PROTOCOL_POP3},
        {143, FACTS_PROTOCOL_IMAP}, {587, FACTS_PROTOCOL_SMTP}, {4190, FACTS_PROTOCOL_SIEVE},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].port == port) {
            *protocol = known[i].protocol;
            return true;
        }
    return false;
}

/* s_client's rule for -connect, -host and -unix. */
static void take_s_client_rule(const struct connect_options *o, struct facts_target *t) {
    if (o->starttls >= 0 || o->protocol >= 0 || o->implicit_tls)
        return;
    t->implicit_tls = !is_starttls_port(t->port, &t->protocol);
}

static struct dns_target_defaults defaults_of(const struct connect_options *o) {
    struct dns_target_defaults d = {
        .protocol = FACTS_PROTOCOL_SMTP,
        .implicit_tls = o->implicit_tls,
        .implicit_tls_given = o->implicit_tls || o->starttls >= 0,
        .port = o->port,
        .no_mx = true,
    };
    if (o->starttls >= 0)
        d.protocol = (enum facts_protocol)o->starttls;
    else if (o->protocol >= 0)
        d.protocol = (enum facts_protocol)o->protocol;
    return d;
}

enum ws_err connect_target_parse(const struct connect_options *o, const char *operand,
                                 struct base_arena *arena, struct facts_target *out,
                                 struct base_error *e) {
    struct dns_target_defaults d = defaults_of(o);
    const char *given = o->connect ? o->connect : o->host ? o->host : o->unix_path;
    if (given && operand)
        return base_error_set(e, WS_USAGE,
                              "two servers are named, '%s' and '%s'; leave one of them out", given,
                              operand);
    if (!given && !operand && o->port)
        given = "localhost"; /* as s_client has it */
    if (!given && !operand)
        return base_error_set(e, WS_USAGE,
                              "no server: give a host, host:port, an address, or -connect");
    const char *input = given ? given : operand;
    if (o->unix_path)
        input = base_arena_printf(arena, "unix:%s", o->unix_path);
    if (dns_target_parse(input, &d, arena, out) != WS_OK)
        return base_error_set(e, WS_USAGE, "%s", out->error);
    if (given)
        take_s_client_rule(o, out);
    if (out->protocol == FACTS_PROTOCOL_SIEVE && out->implicit_tls && o->implicit_tls)
        return base_error_set(e, WS_USAGE,
                              "ManageSieve has no implicit TLS; leave out "
                              "--implicit-tls");
    return WS_OK;
}
