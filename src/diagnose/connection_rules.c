/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose_connection_rules - from the connection to the end of the first hello; and what the
 * connections to all addresses say together (diagnose_reach_rules). */
#include "diagnose/rule_private.h"
#include "facts/names.h"

#define SLOW_GREETING_MS 10000.0

/* --- all addresses together --- */

static size_t count_state(const struct facts_target *t, enum facts_connect_state state) {
    size_t n = 0;
    for (size_t i = 0; i < t->endpoint_count; i++)
        n += t->endpoints[i].connect.state == state;
    return n;
}

/* Loopback and private addresses: no provider stands between. */
static bool is_local(const char *address) {
    static const char *const starts[] = {"127.",  "10.", "192.168.", "169.254.",
                                         "fe80:", "fc",  "fd"};
    struct base_bytes b = base_bytes_of_str(address);
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        if (base_bytes_starts_with_nocase(b, starts[i]))
            return true;
    return base_bytes_equal_str(b, "::1");
}

/* Every address timed out on port 25: that is said once, not for each of them. */
static bool is_port_25_blocked(const struct facts_target *t) {
    return t->port == 25 && t->endpoint_count > 0 &&
           count_state(t, FACTS_CONNECT_TIMEOUT) == t->endpoint_count &&
           !is_local(t->endpoints[0].address);
}

static bool port_25_blocked(struct diagnose_case *c) {
    const struct facts_target *t = c->target;
    if (!is_port_25_blocked(t))
        return false;
    return diagnose_say(
        c,
        base_arena_printf(c->arena, "no answer on port 25 from any of %zu address%s within %.1f s",
                          t->endpoint_count, t->endpoint_count == 1 ? "" : "es",
                          t->endpoints[0].connect.ms / 1000.0),
        "many access networks and clouds block outgoing port 25; then this says nothing about the "
        "server, and a mail server on this network could send nothing either",
        "to tell: try a host that is known to answer on port 25, then this one with --port 587; if "
        "25 alone times out everywhere, it is this network: look from another one, or ask its "
        "operator to open port 25");
}

const struct diagnose_rule diagnose_reach_rules[] = {
    {"port-25-blocked", FACTS_SEVERITY_WARNING, "This network probably blocks outgoing port 25",
     "every connection to port 25 timed out", port_25_blocked},
    {.id = NULL},
};

/* --- one endpoint --- */

static const char unreached[] =
    "senders try the next address or host, else mail waits in their queue";

static bool proxy_failed(struct diagnose_case *c) {
    if (!c->endpoint->connect.by_proxy)
        return false;
    return diagnose_say(c, c->endpoint->connect.error,
                        "nothing can be said about the server: the proxy did not lead to it",
                        "check the proxy's address, the user name and password that it wants and "
                        "its rules, or look without it");
}

static bool refused(struct diagnose_case *c) {
    if (c->endpoint->connect.state != FACTS_CONNECT_REFUSED || c->endpoint->connect.by_proxy)
        return false;
    return diagnose_say(c,
                        base_arena_printf(c->arena, "port %u answers with a refusal: %s",
                                          c->endpoint->port, c->endpoint->connect.error),
                        unreached,
                        "start the mail server on this address and port, or remove the address "
                        "from DNS; a firewall may also refuse");
}

static bool timed_out(struct diagnose_case *c) {
    if (c->endpoint->connect.state != FACTS_CONNECT_TIMEOUT || c->endpoint->connect.by_proxy ||
        is_port_25_blocked(c->target))
        return false;
    return diagnose_say(c,
                        base_arena_printf(c->arena, "no answer to the connection within %.1f s",
                                          c->endpoint->connect.ms / 1000.0),
                        "a firewall drops the packets or the machine is off; from here it can't be "
                        "told whether other senders get through",
                        "check the machine, its firewall and, for port 25, the network between");
}

static bool unreachable(struct diagnose_case *c) {
    if (c->endpoint->connect.state != FACTS_CONNECT_UNREACHABLE || c->endpoint->connect.by_proxy)
        return false;
    return diagnose_say(c, c->endpoint->connect.error,
                        "there is no way to this address from here; for IPv6 this machine may just "
                        "have none",
                        "use -4 or -6 to look at one family only, or check the routing");
}

static bool not_started(struct diagnose_case *c) {
    if (c->endpoint->connect.state != FACTS_CONNECT_ERROR || c->endpoint->connect.by_proxy)
        return false;
    return diagnose_say(c, c->endpoint->connect.error, "nothing can be said about this address",
                        "mend what this machine complains about (source address, limits), "
                        "then look again");
}

static bool out_of_time(struct diagnose_case *c) {
    if (c->endpoint->stop != FACTS_STOP_DEADLINE)
        return false;
    return diagnose_say(c,
                        base_arena_printf(c->arena, "stopped at the step %s: %s",
                                          facts_step_name(c->endpoint->step), c->endpoint->error),
                        "what comes after this step is not known",
                        "give it more time with --timeout "
                        "and --deadline");
}

static bool closed_early(struct diagnose_case *c) {
    enum facts_connect_state s = c->endpoint->connect.state;
    if (s != FACTS_CONNECT_CLOSED && s != FACTS_CONNECT_RESET)
        return false;
    return diagnose_say(
        c,
        s == FACTS_CONNECT_CLOSED ? "the connection was closed before any greeting"
                                  : "the connection was reset before any greeting",
        "the server may be overloaded, limit connections per client, or refuse this "
        "client's address; other senders may fare better",
        "look at the server's log for this connection; try again later or from "
        "another address");
}

static bool silent(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    if (e->step != FACTS_STEP_GREETING || e->stop != FACTS_STOP_TIMEOUT)
        return false;
    return diagnose_say(
        c, e->error,
        "real senders wait up to 5 minutes (RFC 5321 section 4.5.3.2), testers give "
        "up sooner; a port that wants TLS from the first byte is silent as well",
        "wait longer with --greeting-timeout 5m; on a TLS-only port use "
        "--implicit-tls; on the server look for tarpitting, a slow DNS or blocklist "
        "lookup, or too few processes");
}

static bool slow(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    if (!e->greeting.received || e->greeting.ms < SLOW_GREETING_MS)
        return false;
    return diagnose_say(
        c, base_arena_printf(c->arena, "the greeting came after %.1f s", e->greeting.ms / 1000.0),
        "impatient senders and monitors report this server as down",
        "shorten the greeting delay, or the lookups that the server makes about "
        "each client");
}

static bool greeting_refuses(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    if (e->step != FACTS_STEP_GREETING || e->stop != FACTS_STOP_REFUSED)
        return false;
    return diagnose_say(
        c,
        base_arena_printf(c->arena, "the server greets with \"%s\"",
                          diagnose_reply(c->arena, &e->greeting)),
        "this client is not let in (blocklist, rate limit, maintenance); what other "
        "senders see can't be told from here",
        "read the server's words; try later or from the address of a real sender");
}

static const char *strange_fix(const struct facts_endpoint *e) {
    struct base_bytes b = e->unread;
    if (b.len > 1 && (b.data[0] == 0x15 || b.data[0] == 0x16) && b.data[1] == 3)
        return "the port wants TLS from the first byte: look again with --implicit-tls; STARTTLS "
               "is spoken on ports 25 and 587";
    if (base_bytes_starts_with_nocase(b, "220") || base_bytes_starts_with_nocase(b, "* OK") ||
        base_bytes_starts_with_nocase(b, "+OK"))
        return "another mail protocol answers: choose it with --protocol";
    return "check port and protocol (--port, --protocol, --implicit-tls), and what stands between "
           "here and the server";
}

static bool strange(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    if (e->stop != FACTS_STOP_NOT_PROTOCOL)
        return false;
    return diagnose_say(
        c, base_arena_printf(c->arena, "%s: \"%s\"", e->error, diagnose_quote(c->arena, e->unread)),
        "a client that expects this protocol on this port gets nowhere", strange_fix(e));
}

static bool too_large(struct diagnose_case *c) {
    if (c->endpoint->stop != FACTS_STOP_LIMIT)
        return false;
    return diagnose_say(c, c->endpoint->error, "clients with limits hang up as well",
                        "find out what makes the server send so much");
}

static bool hello_fails(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    bool other = e->stop == FACTS_STOP_TIMEOUT || e->stop == FACTS_STOP_CLOSED ||
                 e->stop == FACTS_STOP_RESET;
    if (e->step != FACTS_STEP_EHLO || (e->stop != FACTS_STOP_REFUSED && !other))
        return false;
    return diagnose_say(
        c,
        other ? e->error
              : base_arena_printf(c->arena, "the answer to %s is \"%s\"", e->ehlo.verb,
                                  diagnose_reply(c->arena, &e->ehlo.reply)),
        "whether STARTTLS is offered could not be told; a sender that is refused like this "
        "delivers nothing",
        "servers refuse names that do not resolve or do not fit the address: give "
        "a good one with --helo");
}

static bool helo_only(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    if (!e->ehlo.ehlo_rejected || !e->ehlo.reply.received)
        return false;
    return diagnose_say(c,
                        base_arena_printf(c->arena, "EHLO was answered with \"%s\", HELO accepted",
                                          diagnose_reply(c->arena, &e->ehlo.rejection)),
                        "without EHLO there are no extensions and so no TLS: every sender delivers "
                        "in clear or not at all",
                        "switch ESMTP on; a firewall that inspects SMTP may switch it off");
}

static bool sloppy_lines(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    const struct facts_reply *r[] = {&e->greeting, &e->ehlo.reply, &e->starttls.reply,
                                     &e->ehlo_tls.reply};
    for (size_t i = 0; i < sizeof r / sizeof r[0]; i++) {
        const char *what = r[i]->mixed_codes      ? "the code changes inside one reply"
                           : r[i]->bare_lf        ? "lines end in LF without CR"
                           : r[i]->control_bytes  ? "control characters stand in a reply"
                           : r[i]->bare_cr        ? "a CR stands inside a line"
                           : r[i]->truncated_line ? "a line is longer than 4096 bytes"
                                                  : NULL;
        if (what)
            return diagnose_say(c, what, "strict clients hang up on it (RFC 5321 section 2.3.8)",
                                "mend the greeting text or the software that writes these replies");
    }
    return false;
}

static bool unsolicited(struct diagnose_case *c) {
    if (c->endpoint->unsolicited_bytes == 0)
        return false;
    return diagnose_say(c,
                        base_arena_printf(c->arena, "%zu bytes came before they were asked for",
                                          c->endpoint->unsolicited_bytes),
                        "a client may take them for the answer to its next command",
                        "find out who adds them: the server, or something before it");
}

const struct diagnose_rule diagnose_connection_rules[] = {
    {"proxy-failed", FACTS_SEVERITY_ERROR, "The proxy does not lead to the server",
     "the proxy can't be reached, or refuses", proxy_failed},
    {"connect-refused", FACTS_SEVERITY_ERROR, "Nothing listens here", "the connection was refused",
     refused},
    {"connect-timeout", FACTS_SEVERITY_ERROR, "The connection times out",
     "no answer to the connection attempt", timed_out},
    {"connect-unreachable", FACTS_SEVERITY_WARNING, "The address can't be reached from here",
     "no route to the address", unreachable},
    {"connect-failed", FACTS_SEVERITY_ERROR, "This machine could not even try",
     "a local failure before the connection", not_started},
    {"deadline", FACTS_SEVERITY_WARNING, "Time ran out", "the overall deadline came first",
     out_of_time},
    {"closed-before-greeting", FACTS_SEVERITY_ERROR, "The server hangs up before its greeting",
     "closed or reset before a greeting", closed_early},
    {"greeting-timeout", FACTS_SEVERITY_ERROR, "The server accepts and stays silent",
     "no complete greeting in time", silent},
    {"greeting-slow", FACTS_SEVERITY_WARNING, "The greeting is slow",
     "the greeting took more than 10 s", slow},
    {"greeting-refused", FACTS_SEVERITY_ERROR, "The server turns this client away",
     "a 4xx or 5xx greeting", greeting_refuses},
    {"not-mail-protocol", FACTS_SEVERITY_ERROR, "The port speaks something else",
     "what came is no reply of the protocol", strange},
    {"reply-too-large", FACTS_SEVERITY_ERROR, "A reply has no end",
     "a reply grew beyond every limit", too_large},
    {"ehlo-failed", FACTS_SEVERITY_ERROR, "The hello fails",
     "EHLO (and HELO) refused or unanswered", hello_fails},
    {"helo-only", FACTS_SEVERITY_ERROR, "The server knows only HELO", "EHLO refused, HELO accepted",
     helo_only},
    {"reply-malformed", FACTS_SEVERITY_INFO, "Replies are not quite to the rules",
     "bare LF, control characters, codes that change", sloppy_lines},
    {"unsolicited-bytes", FACTS_SEVERITY_WARNING, "The server talks out of turn",
     "bytes in clear before they were asked for", unsolicited},
    {.id = NULL},
};
