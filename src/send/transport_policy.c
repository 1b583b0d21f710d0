/* SPDX-License-Identifier: Apache-2.0 */
/* transport_policy - --tls-policy: what is published, and what it asks of this transaction
 *
 * dane: MX, addresses and TLSA records must all be proven by DNSSEC, and one record must be usable;
 * the handshake then has to match one. mta-sts: the server must be one that the policy names and
 * prove its name by the public authorities; in modes testing and none the policy asks for nothing,
 * which is said. pkix: authorities and name, whatever is published.
 *
 * What is not published is exit code 41, what could not be looked up 42: the user asked for a
 * protection, so nothing is sent without it.
 *
 * Ownership: the run's arena. RFC 7672, RFC 8461. */
#include "dns/target.h"
#include "policy/sts_find.h"
#include "policy/tlsa.h"
#include "send/names.h"
#include "send/route.h"
#include "send/transcript.h"
#include "send/transport_private.h"

#include <stdlib.h>
#include <string.h>

#define FETCH_TIME (15 * BASE_SECOND)

static const char *const names[] = {[SEND_POLICY_NONE] = "none",
                                    [SEND_POLICY_DANE] = "dane",
                                    [SEND_POLICY_MTA_STS] = "mta-sts",
                                    [SEND_POLICY_PKIX] = "pkix"};

/* For tests, which can't have port 443. */
static const char port_variable[] = "WAXSEAL_MTA_STS_PORT";

static enum send_exit refuse(struct send_policy_run *p, enum send_exit code, const char *why,
                             const char *remedy) {
    p->facts.held = false;
    p->facts.why = why;
    send_transcript_error(p->transcript, "TLS policy %s can't be held: %s\n%s",
                          names[p->facts.policy], why, remedy);
    return code;
}

/* Whatever the policy is, the certificate is judged. */
static void demand(struct send_policy_run *p, bool name) {
    struct send_tls *tls = &p->plan->tls;
    tls->demand = SEND_REQUIRED;
    tls->verify_ca = true;
    tls->verify_host = name || p->own.verify_host;
    p->facts.held = true;
}

static const char later[] = "Nothing was sent; try again later, or ask other name servers with "
                            "--resolver";

/* --- dane --- */

static enum send_exit dane_begin(struct send_policy_run *p) {
    const char *route = p->beyond.route;
    struct facts_target t;
    if (!route || !send_route_look(p->arena, route, &p->beyond, p->plan->log, &t))
        return SEND_EXIT_OK; /* the server was named: there is no MX to trust */
    const struct facts_dns_answer *mx = &t.dns.mx;
    bool answered = mx->result == FACTS_DNS_DATA || mx->result == FACTS_DNS_NODATA ||
                    mx->result == FACTS_DNS_NXDOMAIN;
    send_transcript_info(p->transcript, "TLS policy dane: MX of %s (DNSSEC %s)", route,
                         policy_dnssec_word(mx->status));
    if (!answered || mx->status == FACTS_DNSSEC_INDETERMINATE)
        return refuse(p, SEND_EXIT_POLICY_UNKNOWN,
                      base_arena_printf(p->arena, "the MX of %s could not be looked up safely (%s)",
                                        route, mx->why),
                      later);
    if (mx->status != FACTS_DNSSEC_SECURE)
        return refuse(
            p, SEND_EXIT_POLICY,
            base_arena_printf(p->arena, "the MX records of %s are not signed with DNSSEC", route),
            "Its owner has to sign the zone and publish TLSA records; until then "
            "--tls-policy mta-sts or pkix may be possible");
    return SEND_EXIT_OK;
}

static void hold_records(struct send_policy_run *p) {
    struct send_tls *tls = &p->plan->tls;
    const struct facts_tlsa *t = &p->tlsa;
    const char **records = base_arena_array(p->arena, t->usable + 1, sizeof *records);
    const char **more = base_arena_array(p->arena, 2, sizeof *more);
    size_t n = 0;
    if (!records || !more)
        return;
    for (size_t i = 0; i < t->count; i++)
        if (!t->items[i].why[0])
            records[n++] = t->items[i].text;
    more[0] = p->plan->target.server;
    more[1] = p->beyond.route;
    tls->wish.dane_domain = t->base;
    tls->wish.dane_records = records;
    tls->wish.dane_count = n;
    tls->wish.dane_names = more;
    tls->wish.dane_name_count = more[1] ? 2 : 1;
    tls->wish.dane_no_ee_names = true; /* RFC 7672 section 3.1.1 */
    tls->sni = p->own.sni ? p->own.sni : t->base;
    p->beyond.tlsa = t;
    demand(p, false);
}

static enum send_exit dane_server(struct send_policy_run *p) {
    struct policy_lookup l;
    struct base_error e = {0};
    struct facts_tlsa *t = &p->tlsa;
    uint64_t port = 0;
    (void)base_bytes_to_uint(base_bytes_of_str(p->plan->target.port), UINT16_MAX, &port);
    if (send_names_open(&p->beyond, &(enum send_family){SEND_ANY_FAMILY}, p->plan->log, p->arena,
                        &l, &e) != WS_OK)
        return refuse(p, SEND_EXIT_POLICY_UNKNOWN, base_arena_str(p->arena, base_error_message(&e)),
                      later);
    policy_tlsa_find(&l, p->plan->target.server, (unsigned)port, t);
    policy_lookup_close(&l);
    p->facts.tlsa = t;
    if (t->state == FACTS_TLSA_UNKNOWN)
        return refuse(p, SEND_EXIT_POLICY_UNKNOWN, t->why, later);
    if (t->state != FACTS_TLSA_USABLE)
        return refuse(p, SEND_EXIT_POLICY, t->why,
                      base_arena_printf(p->arena,
                                        "The server's owner has to publish a TLSA record (usage 3, "
                                        "selector 1, matching type 1 is best) at _%u._tcp.%s in a "
                                        "signed zone",
                                        (unsigned)port, p->plan->target.server));
    hold_records(p);
    send_transcript_info(p->transcript, "TLS policy dane: %zu of %zu TLSA records at %s usable",
                         t->usable, t->count, t->name);
    return SEND_EXIT_OK;
}

/* --- mta-sts --- */

static enum send_exit sts_state(struct send_policy_run *p) {
    const struct facts_sts *s = &p->sts;
    switch (s->state) {
    case FACTS_STS_FOUND:
        return SEND_EXIT_OK;
    case FACTS_STS_UNKNOWN:
        return refuse(p, SEND_EXIT_POLICY_UNKNOWN, s->why,
                      "Nothing was sent; try again later (--tls-policy pkix asks for no policy)");
    case FACTS_STS_NONE:
    case FACTS_STS_NOT_ASKED:
    case FACTS_STS_BROKEN:
        break;
    }
    return refuse(p, SEND_EXIT_POLICY, s->why,
                  "The domain's owner has to publish a record and a policy (RFC 8461); "
                  "--tls-policy pkix asks for none");
}

static unsigned test_port(void) {
    const char *text = getenv(port_variable);
    uint64_t port = 0;
    (void)base_bytes_to_uint(base_bytes_of_str(text), UINT16_MAX, &port);
    return (unsigned)port;
}

/* The policy goes the same way as the mail. A bad URL is complained of when the mail goes. */
static void name_proxy(struct send_policy_run *p, struct policy_sts_config *c) {
    struct send_proxy_url url;
    struct base_error ignored = {0};
    if (send_proxy_url_parse(p->beyond.via_proxy, p->arena, &url, &ignored) != WS_OK)
        return;
    bool ipv6 = strchr(url.host, ':') != NULL;
    c->proxy = base_arena_printf(p->arena, "%s://%s%s%s:%s",
                                 url.kind == NET_PROXY_HTTP ? "http" : "socks5", ipv6 ? "[" : "",
                                 url.host, ipv6 ? "]" : "", url.port);
    c->proxy_user = url.user;
    c->proxy_secret = url.password;
}

/* --timeout when it is shorter than what a policy may take. */
static base_usec fetch_time(const struct send_policy_run *p) {
    base_usec t = p->plan->timeout;
    return t > 0 && t < FETCH_TIME ? t : FETCH_TIME;
}

static enum send_exit sts_begin(struct send_policy_run *p) {
    static const char *const modes[] = {[FACTS_STS_MODE_NONE] = "none",
                                        [FACTS_STS_MODE_TESTING] = "testing",
                                        [FACTS_STS_MODE_ENFORCE] = "enforce"};
    struct policy_sts_config c = {.ca_file = p->own.wish.ca_file,
                                  .ca_dir = p->own.wish.ca_dir,
                                  .port = test_port(),
                                  .timeout = fetch_time(p)};
    const char *why = "";
    struct policy_lookup l;
    struct base_error e = {0};
    const char *domain =
        p->beyond.policy_domain ? dns_name_to_ascii(p->arena, p->beyond.policy_domain, &why) : "";
    if (!domain[0])
        return refuse(p, SEND_EXIT_OPTION, "there is no domain whose policy could be asked for",
                      "Name a recipient as USER@DOMAIN");
    if (send_names_open(&p->beyond, &(enum send_family){SEND_ANY_FAMILY}, p->plan->log, p->arena,
                        &l, &e) != WS_OK)
        return refuse(p, SEND_EXIT_POLICY_UNKNOWN, base_arena_str(p->arena, base_error_message(&e)),
                      later);
    if (p->beyond.via_proxy)
        name_proxy(p, &c);
    policy_sts_find(&l, domain, &c, &p->sts);
    policy_lookup_close(&l);
    p->facts.sts = &p->sts;
    enum send_exit code = sts_state(p);
    if (code == SEND_EXIT_OK)
        send_transcript_info(p->transcript, "TLS policy mta-sts: %s has mode %s, id %s", domain,
                             modes[p->sts.mode], p->sts.id);
    return code;
}

static const char *patterns(struct send_policy_run *p) {
    const char *list = p->sts.mx_count > 0 ? p->sts.mx[0] : "";
    for (size_t i = 1; i < p->sts.mx_count && i < 8; i++)
        list = base_arena_printf(p->arena, "%s, %s", list, p->sts.mx[i]);
    return p->sts.mx_count > 8 ? base_arena_printf(p->arena, "%s ...", list) : list;
}

static enum send_exit sts_server(struct send_policy_run *p) {
    const char *server = p->plan->target.server;
    bool allowed = policy_sts_allows(&p->sts, server);
    if (p->sts.mode != FACTS_STS_MODE_ENFORCE) {
        const char *more = allowed || p->sts.mode == FACTS_STS_MODE_NONE
                               ? ""
                               : base_arena_printf(p->arena, "; it does not name %s", server);
        send_transcript_info(p->transcript, "TLS policy mta-sts: demands nothing in this mode%s",
                             more);
        p->facts.held = true;
        return SEND_EXIT_OK;
    }
    if (!allowed)
        return refuse(p, SEND_EXIT_POLICY,
                      base_arena_printf(p->arena, "%s is not among the mail hosts it names (%s)",
                                        server, patterns(p)),
                      "The domain's owner has to add the host to the policy, and to change the "
                      "record's id");
    p->plan->tls.verify_name = server;
    p->plan->tls.sni = p->own.sni ? p->own.sni : server;
    demand(p, true);
    return SEND_EXIT_OK;
}

/* --- the whole --- */

enum send_exit send_policy_begin(struct send_policy_run *p, struct send_plan *plan,
                                 struct send_transcript *t, struct base_arena *arena) {
    *p = (struct send_policy_run){
        .plan = plan, .transcript = t, .arena = arena, .own = plan->tls, .facts = {.why = ""}};
    if (!plan->beyond || plan->beyond->policy == SEND_POLICY_NONE)
        return SEND_EXIT_OK;
    p->beyond = *plan->beyond;
    plan->beyond = &p->beyond;
    p->facts.policy = p->beyond.policy;
    if (p->facts.policy == SEND_POLICY_PKIX) {
        demand(p, true);
        return SEND_EXIT_OK;
    }
    if (plan->target.transport != SEND_TCP)
        return refuse(p, SEND_EXIT_OPTION, "it speaks of servers by name",
                      "Leave out --socket and --pipe");
    return p->facts.policy == SEND_POLICY_DANE ? dane_begin(p) : sts_begin(p);
}

enum send_exit send_policy_server(struct send_policy_run *p) {
    switch (p->facts.policy) {
    case SEND_POLICY_DANE:
        return dane_server(p);
    case SEND_POLICY_MTA_STS:
        return sts_server(p);
    case SEND_POLICY_NONE:
    case SEND_POLICY_PKIX:
        break;
    }
    return SEND_EXIT_OK;
}
