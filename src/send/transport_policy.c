/* SPDX-License-Identifier: Apache-2.0 */
/* transport_policy - --tls-policy: what is published, and what it asks of this transaction
 *
 * dane: MX, addresses and TLSA records must all be proven by DNSSEC, and one record must be usable;
 * the handshake then has to match one. mta-sts: the server must be one that the policy names and
 * prove its name by the public authorities; in modes testing and none the policy asks for nothing,
 * which is said. pkix: authorities and name, whatever is published.
 *
 * What is not published is exit code 41, what could not be looked up 42: the user asked for a
 * protection, so nothing is sent without it. What a policy comes to is ruled in policy/ruling.h,
 * and put into words in diagnose/policy.h.
 *
 * Ownership: the run's arena. RFC 7672, RFC 8461. */
#include "diagnose/policy.h"
#include "dns/packet.h"
#include "dns/target.h"
#include "facts/names.h"
#include "policy/find.h"
#include "policy/ruling.h"
#include "send/names.h"
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

static const char later[] = "Nothing was sent; try again later, or ask other name servers with "
                            "--resolver";

static enum send_exit refuse(struct send_policy_run *p, enum send_exit code, const char *why,
                             const char *remedy) {
    p->facts.held = false;
    p->facts.why = why;
    send_transcript_error(p->transcript, "TLS policy %s can't be held: %s\n%s",
                          names[p->facts.policy], why, remedy);
    return code;
}

/* What was found stands in the way. */
static enum send_exit refuse_for(struct send_policy_run *p, enum policy_ruling ruling,
                                 const struct facts_finding *f, const char *wait,
                                 const char *instead) {
    if (ruling == POLICY_MUST_WAIT)
        return refuse(p, SEND_EXIT_POLICY_UNKNOWN, f->evidence, wait);
    return refuse(p, SEND_EXIT_POLICY, f->evidence,
                  base_arena_printf(p->arena, "%c%s%s", (int)base_ascii_upper((uint8_t)f->fix[0]),
                                    f->fix + 1, instead));
}

/* Whatever the policy is, the certificate is judged. */
static void demand(struct send_policy_run *p, bool name) {
    struct send_tls *tls = &p->plan->tls;
    tls->demand = SEND_REQUIRED;
    tls->verify_ca = true;
    tls->verify_host = name || p->own.verify_host;
    p->facts.held = true;
}

/* One resolver for all that is asked. False: it was said what is wrong. */
static bool need_names(struct send_policy_run *p, enum send_exit *code) {
    struct base_error e = {0};
    if (p->wait.resolver || send_names_open(&p->beyond, &(enum send_family){SEND_ANY_FAMILY},
                                            p->plan->log, p->arena, &p->wait, &e) == WS_OK)
        return true;
    *code = refuse(p, SEND_EXIT_POLICY_UNKNOWN, base_arena_str(p->arena, base_error_message(&e)),
                   later);
    return false;
}

/* False: this machine failed, which was said. */
static bool find(struct send_policy_run *p, const struct policy_config *c,
                 const struct policy_wish *wish, enum send_exit *code) {
    struct policy_engine *engine = NULL;
    struct policy_job *job = NULL;
    struct facts_policy found;
    struct base_error e = {0};
    if (!need_names(p, code))
        return false;
    bool good =
        policy_engine_new(c, p->wait.loop, p->wait.resolver, &engine, &e) == WS_OK &&
        policy_find(engine, wish, p->arena, &found, dns_wait_over, &p->wait, &job, &e) == WS_OK &&
        dns_wait_run(&p->wait, BASE_NEVER, &e); /* the job has its own limit */
    policy_engine_free(engine);
    if (!good)
        *code = refuse(p, SEND_EXIT_POLICY_UNKNOWN,
                       base_arena_str(p->arena, base_error_message(&e)), later);
    else if (wish->domain)
        p->sts = found.sts;
    else
        p->tlsa = found.tlsa[0];
    return good;
}

/* --- dane --- */

static enum send_exit dane_begin(struct send_policy_run *p) {
    const struct dns_target_defaults defaults = {.protocol = FACTS_PROTOCOL_SMTP};
    const char *route = p->beyond.route;
    enum send_exit code = SEND_EXIT_OK;
    struct facts_target t;
    struct facts_finding f;
    struct dns_lookup mx;
    if (!route || dns_target_parse(route, &defaults, p->arena, &t) != WS_OK ||
        t.kind != FACTS_TARGET_DOMAIN)
        return SEND_EXIT_OK; /* the server was named: there is no MX to trust */
    if (!need_names(p, &code))
        return code;
    dns_wait_name(&p->wait, t.name, DNS_TYPE_MX, p->arena, &mx);
    send_transcript_info(p->transcript, "TLS policy dane: MX of %s (DNSSEC %s)", route,
                         facts_dnssec_name(mx.answer.status));
    return diagnose_dane_mx(route, &mx.answer, p->arena, &f)
               ? refuse_for(p, policy_dane_mx(&mx.answer), &f, later,
                            "; until then --tls-policy mta-sts or pkix may be possible")
               : SEND_EXIT_OK;
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
    tls->dane = (struct client_dane){.domain = t->base,
                                     .records = records,
                                     .count = n,
                                     .names = more,
                                     .name_count = more[1] ? 2 : 1,
                                     .no_ee_names = true}; /* RFC 7672 section 3.1.1 */
    tls->sni = p->own.sni ? p->own.sni : t->base;
    p->beyond.tlsa = t;
    demand(p, false);
}

static enum send_exit dane_server(struct send_policy_run *p) {
    const struct policy_host host = {.name = p->plan->target.server};
    struct policy_wish wish = {.hosts = &host, .host_count = 1};
    const struct policy_config c = {.limit = 0};
    const struct facts_tlsa *t = &p->tlsa;
    enum send_exit code = SEND_EXIT_OK;
    struct facts_finding f;
    uint64_t port = 0;
    (void)base_bytes_to_uint(base_bytes_of_str(p->plan->target.port), UINT16_MAX, &port);
    wish.port = (unsigned)port;
    if (!find(p, &c, &wish, &code))
        return code;
    p->facts.tlsa = t;
    if (diagnose_dane_host(t, wish.port, p->arena, &f))
        return refuse_for(p, policy_dane_host(t), &f, later, "");
    hold_records(p);
    send_transcript_info(p->transcript, "TLS policy dane: %zu of %zu TLSA records at %s usable",
                         t->usable, t->count, t->name);
    return SEND_EXIT_OK;
}

/* --- mta-sts --- */

static unsigned test_port(void) {
    const char *text = getenv(port_variable);
    uint64_t port = 0;
    (void)base_bytes_to_uint(base_bytes_of_str(text), UINT16_MAX, &port);
    return (unsigned)port;
}

/* "192.0.2.1" of "192.0.2.1:25", "2001:db8::1" of "[2001:db8::1]:25" */
static const char *without_port(struct base_arena *arena, const struct net_address *a) {
    char text[NET_ADDRESS_TEXT];
    net_address_text(a, text);
    struct base_bytes b = base_bytes_of_str(text);
    bool brackets = text[0] == '[';
    size_t end = base_bytes_find(b, brackets ? ']' : ':');
    return base_arena_str_bytes(arena, base_bytes_slice(b, brackets ? 1 : 0, end - brackets));
}

/* The policy goes the same way as the mail. False: no way, which was said. */
static bool name_proxy(struct send_policy_run *p, struct policy_proxy *out, enum send_exit *code) {
    struct send_proxy_url url;
    struct send_addresses found;
    struct base_error e = {0};
    uint64_t port = 0;
    if (send_proxy_url_parse(p->beyond.via_proxy, p->arena, &url, &e) != WS_OK) {
        send_transcript_error(p->transcript, "%s", base_error_message(&e));
        *code = SEND_EXIT_OPTION;
        return false;
    }
    send_addresses_find(url.host, url.port, p->plan, p->arena, &found);
    const char **addresses = base_arena_array(p->arena, found.count + 1, sizeof *addresses);
    for (size_t i = 0; addresses && i < found.count; i++)
        addresses[i] = without_port(p->arena, &found.items[i]);
    (void)base_bytes_to_uint(base_bytes_of_str(url.port), UINT16_MAX, &port);
    *out = (struct policy_proxy){.http = url.proxy.kind == NET_PROXY_HTTP,
                                 .host = url.host,
                                 .port = (unsigned)port,
                                 .addresses = addresses,
                                 .address_count = addresses ? found.count : 0,
                                 .user = url.proxy.user,
                                 .secret = url.proxy.secret};
    if (found.count == 0)
        *code = refuse(
            p, SEND_EXIT_POLICY_UNKNOWN,
            base_arena_printf(p->arena, "the proxy %s has no address: %s", url.host, found.why),
            later);
    return found.count > 0;
}

/* --timeout when it is shorter than what a policy may take. */
static base_usec fetch_time(const struct send_policy_run *p) {
    base_usec t = p->plan->timeout;
    return t > 0 && t < FETCH_TIME ? t : FETCH_TIME;
}

static enum send_exit sts_begin(struct send_policy_run *p) {
    static const char hint[] = "; --tls-policy pkix asks for none";
    const struct facts_sts *sts = &p->sts;
    struct policy_proxy proxy;
    struct policy_config c = {.web = {.ca_file = p->own.wish.ca_file,
                                      .ca_dir = p->own.wish.ca_dir,
                                      .timeout = fetch_time(p)},
                              .web_port = test_port()};
    struct policy_wish wish = {.domain = ""};
    enum send_exit code = SEND_EXIT_OK;
    struct facts_finding f;
    const char *why = "";
    if (p->beyond.policy_domain)
        wish.domain = dns_name_to_ascii(p->arena, p->beyond.policy_domain, &why);
    if (!wish.domain[0])
        return refuse(p, SEND_EXIT_OPTION, "there is no domain whose policy could be asked for",
                      "Name a recipient as USER@DOMAIN");
    if (p->beyond.via_proxy) {
        c.web.proxy = &proxy;
        if (!name_proxy(p, &proxy, &code))
            return code;
    }
    if (!find(p, &c, &wish, &code))
        return code;
    p->facts.sts = sts;
    if (diagnose_sts_domain(sts, &f))
        return refuse_for(
            p, policy_sts_domain(sts), &f,
            "Nothing was sent; try again later (--tls-policy pkix asks for no policy)", hint);
    send_transcript_info(p->transcript, "TLS policy mta-sts: %s has mode %s, id %s", wish.domain,
                         facts_sts_mode_name(sts->mode), sts->id);
    return SEND_EXIT_OK;
}

static enum send_exit sts_server(struct send_policy_run *p) {
    const char *server = p->plan->target.server;
    enum policy_ruling ruling = policy_sts_host(&p->sts, server);
    struct facts_finding f;
    if (diagnose_sts_host(&p->sts, server, p->arena, &f))
        return refuse_for(p, ruling, &f, later, "");
    if (ruling != POLICY_ASKS_PROOF) {
        const char *more = ruling == POLICY_ASKS_NOTHING || policy_sts_allows(&p->sts, server)
                               ? ""
                               : base_arena_printf(p->arena, "; it does not name %s", server);
        send_transcript_info(p->transcript, "TLS policy mta-sts: demands nothing in this mode%s",
                             more);
        p->facts.held = true;
        return SEND_EXIT_OK;
    }
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

void send_policy_end(struct send_policy_run *p) {
    dns_wait_close(&p->wait);
}
