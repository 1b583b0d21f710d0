/* SPDX-License-Identifier: Apache-2.0 */
/* job - one target, from its name to addresses
 *
 * Four phases, each of which asks all its questions at once: MX; A and AAAA of every host; PTR of
 * every address; the names that PTR gave. dns_job_advance is their table of contents. The answers
 * of a phase are read in the order of asking when the last is there, so that two runs over the same
 * data give the same facts whatever arrives first.
 *
 * What an unanswered question means is never guessed: NXDOMAIN and NODATA are a "no"; failure,
 * bogus and timeout are not, and lead to no hosts and no implicit MX.
 *
 * Limits: 64 hosts, 32 addresses per host, 128 addresses with PTR, 4 names per PTR; whatever is
 * left out is said in `why`.
 * RFC 5321 5.1, 7505 (null MX), 1912 2.1 (PTR), 2181 10.3 (CNAME). */
#include "dns/resolver_private.h"

#include "dns/target.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define HOSTS_MAX 64u
#define ADDRESSES_MAX 32u
#define PTR_MAX 128u
#define PTR_NAMES_MAX 4u

enum phase { PHASE_START, PHASE_MX, PHASE_ADDRESSES, PHASE_PTR, PHASE_CONFIRM, PHASE_FINISHED };

/* --- answers --- */

static struct facts_dns_answer no_answer(void) {
    return (struct facts_dns_answer){.why = "", .canonical = ""};
}

static struct facts_dns_answer override_answer(void) {
    struct facts_dns_answer a = no_answer();
    a.result = FACTS_DNS_OVERRIDE;
    return a;
}

/* The question's answer with its texts in the facts' memory. */
static struct facts_dns_answer keep_answer(const struct dns_job *j, const struct dns_question *q) {
    struct facts_dns_answer a = q->answer;
    a.why = base_arena_str(j->arena, a.why);
    a.canonical = base_arena_str(j->arena, a.canonical);
    return a;
}

static void add_why(const struct dns_job *j, struct facts_dns_answer *a, const char *why) {
    a->why = a->why[0] ? base_arena_printf(j->arena, "%s; %s", a->why, why)
                       : base_arena_str(j->arena, why);
}

static void free_questions(struct dns_job *j) {
    struct dns_question *q = NULL;
    while ((q = TAILQ_FIRST(&j->questions))) {
        TAILQ_REMOVE(&j->questions, q, in_job);
        dns_question_free(q);
    }
}

void dns_job_free(struct dns_job *j) {
    free_questions(j);
    free(j);
}

/* --- hosts --- */

static struct facts_host *add_host(struct dns_job *j, const char *name, int preference) {
    struct facts_dns *dns = &j->target->dns;
    struct facts_host *h =
        base_arena_append(j->arena, &dns->hosts, &dns->host_count, &dns->hosts_cap, sizeof *h);
    if (!h)
        return NULL;
    h->name = base_arena_str(j->arena, name);
    h->unicode = dns_name_to_unicode(j->arena, h->name);
    h->preference = preference;
    h->a = h->aaaa = no_answer();
    return h;
}

static bool has_address(const struct facts_host *h, const char *text) {
    for (size_t i = 0; i < h->address_count; i++)
        if (strcmp(h->addresses[i].text, text) == 0)
            return true;
    return false;
}

static bool add_address(struct dns_job *j, struct facts_host *h, const char *text, bool ipv6) {
    if (has_address(h, text))
        return true;
    struct facts_address *a =
        base_arena_append(j->arena, &h->addresses, &h->address_count, &h->addresses_cap, sizeof *a);
    if (!a)
        return false;
    a->text = base_arena_str(j->arena, text);
    a->ipv6 = ipv6;
    a->ptr = "";
    a->ptr_answer = no_answer();
    return true;
}

/* A host that is an address by itself. */
static void add_literal(struct dns_job *j, const char *text) {
    bool ipv6 = strchr(text, ':') != NULL;
    struct facts_host *h = add_host(j, text, -1);
    if (!h || !add_address(j, h, text, ipv6))
        return;
    *(ipv6 ? &h->aaaa : &h->a) = override_answer();
}

/* --- MX --- */

static int by_preference_and_name(const void *left, const void *right) {
    const struct dns_record *a = left;
    const struct dns_record *b = right;
    if (a->preference != b->preference)
        return a->preference < b->preference ? -1 : 1;
    return strcmp(a->text, b->text);
}

static bool has_host(const struct facts_dns *dns, const char *name) {
    for (size_t i = 0; i < dns->host_count; i++)
        if (strcmp(dns->hosts[i].name, name) == 0)
            return true;
    return false;
}

/* One MX record; false when it found no room. */
static bool take_mx_record(struct dns_job *j, const struct dns_record *record, size_t *nulls) {
    struct facts_dns *dns = &j->target->dns;
    if (strcmp(record->text, ".") == 0) {
        (*nulls)++;
        return true;
    }
    if (has_host(dns, record->text))
        return true;
    if (dns->host_count == HOSTS_MAX)
        return false;
    return add_host(j, record->text, (int)record->preference) != NULL;
}

static void take_mx_records(struct dns_job *j, struct dns_question *q) {
    struct facts_dns *dns = &j->target->dns;
    struct dns_packet *p = &q->packet;
    size_t nulls = 0, left_out = 0;
    qsort(p->records, p->count, sizeof p->records[0], by_preference_and_name);
    for (size_t i = 0; i < p->count; i++)
        if (!take_mx_record(j, &p->records[i], &nulls))
            left_out++;
    dns->null_mx = nulls > 0 && dns->host_count == 0;
    dns->null_mx_mixed = nulls > 0 && dns->host_count > 0;
    if (left_out > 0 || p->truncated)
        add_why(j, &dns->mx,
                base_arena_printf(j->arena, "%s%zu MX records; only the first %u hosts are used",
                                  p->truncated ? "more than " : "", p->count, HOSTS_MAX));
    if (p->malformed > 0)
        add_why(j, &dns->mx,
                base_arena_printf(j->arena, "%u malformed MX records were left out", p->malformed));
}

static void collect_mx(struct dns_job *j) {
    struct facts_dns *dns = &j->target->dns;
    struct dns_question *q = TAILQ_FIRST(&j->questions);
    if (!q)
        return;
    dns->mx = keep_answer(j, q);
    if (dns->mx.result == FACTS_DNS_DATA) {
        take_mx_records(j, q);
    } else if (dns->mx.result == FACTS_DNS_NODATA) {
        struct facts_host *h = add_host(j, j->target->name, -1);
        if (h)
            h->implicit = true;
    }
}

/* --- addresses --- */

static void take_override(struct dns_job *j, struct facts_host *h, const char *address, bool ipv6) {
    struct dns_resolver *r = j->resolver;
    if (ipv6 ? r->ipv6 : r->ipv4)
        (void)add_address(j, h, address, ipv6);
}

/* RFC 6761 6.3: this name never leaves the machine. */
static bool is_localhost(const char *name) {
    size_t len = strlen(name);
    return strcmp(name, "localhost") == 0 ||
           (len > 10 && strcmp(name + len - 10, ".localhost") == 0);
}

/* Addresses that are known without asking. */
static bool overridden(struct dns_job *j, struct facts_host *h) {
    const struct dns_hosts_entry *first = dns_hosts_find(&j->resolver->hosts, h->name);
    bool found = first;
    for (int v6 = 1; v6 >= 0; v6--)
        for (const struct dns_hosts_entry *e = first; e; e = e->next)
            if (e->ipv6 == v6)
                take_override(j, h, e->address, v6);
    if (!found && is_localhost(h->name)) {
        found = true;
        take_override(j, h, "::1", true);
        take_override(j, h, "127.0.0.1", false);
    }
    return found;
}

static void ask_host(struct dns_job *j, size_t index, unsigned type, bool wanted,
                     struct facts_dns_answer *answer) {
    if (!wanted) {
        answer->why = type == DNS_TYPE_A ? "IPv4 is turned off" : "IPv6 is turned off";
        return;
    }
    struct dns_question *q =
        dns_resolver_ask(j->resolver, j, j->target->dns.hosts[index].name, type);
    if (q)
        q->host = index;
}

static void ask_addresses(struct dns_job *j) {
    struct facts_dns *dns = &j->target->dns;
    for (size_t i = 0; i < dns->host_count; i++) {
        struct facts_host *h = &dns->hosts[i];
        if (h->address_count > 0)
            continue; /* an address literal */
        if (overridden(j, h)) {
            h->a = h->aaaa = override_answer();
            continue;
        }
        ask_host(j, i, DNS_TYPE_AAAA, j->resolver->ipv6, &h->aaaa);
        ask_host(j, i, DNS_TYPE_A, j->resolver->ipv4, &h->a);
    }
}

static bool is_ipv4_text(const char *name) {
    uint8_t binary[4];
    return inet_pton(AF_INET, name, binary) == 1;
}

static void take_addresses(struct dns_job *j, const struct dns_question *q, size_t room) {
    struct facts_host *h = &j->target->dns.hosts[q->host];
    bool ipv6 = q->type == DNS_TYPE_AAAA;
    struct facts_dns_answer *answer = ipv6 ? &h->aaaa : &h->a;
    size_t before = h->address_count, left_out = 0;
    *answer = keep_answer(j, q);
    for (size_t i = 0; i < q->packet.count; i++) {
        if (h->address_count - before == room && !has_address(h, q->packet.records[i].text))
            left_out++;
        else
            (void)add_address(j, h, q->packet.records[i].text, ipv6);
    }
    if (left_out > 0)
        add_why(j, answer,
                base_arena_printf(j->arena, "%zu more addresses were left out", left_out));
    if (h->preference >= 0 && is_ipv4_text(h->name))
        add_why(j, answer, "the MX record names an address where a host name must stand");
}

static size_t records_of_pair(const struct dns_question *q, size_t host) {
    return q && q->host == host ? q->packet.count : 0;
}

/* The questions of a host follow each other, IPv6 first; IPv4 keeps half of the room. */
static void collect_addresses(struct dns_job *j) {
    struct dns_question *q = NULL;
    TAILQ_FOREACH(q, &j->questions, in_job) {
        size_t room = ADDRESSES_MAX - j->target->dns.hosts[q->host].address_count;
        if (q->type == DNS_TYPE_AAAA) {
            size_t v4 = records_of_pair(TAILQ_NEXT(q, in_job), q->host);
            room = ADDRESSES_MAX - (v4 < ADDRESSES_MAX / 2 ? v4 : ADDRESSES_MAX / 2);
        }
        take_addresses(j, q, room);
    }
}

/* --- PTR --- */

/* "1.2.0.192.in-addr.arpa"; "" for addresses that have none (with a zone id). */
static const char *reverse_name(struct base_arena *arena, const struct facts_address *a) {
    static const char hex[] = "0123456789abcdef";
    uint8_t b[16];
    char nibbles[65] = "";
    if (inet_pton(a->ipv6 ? AF_INET6 : AF_INET, a->text, b) != 1)
        return "";
    if (!a->ipv6)
        return base_arena_printf(arena, "%u.%u.%u.%u.in-addr.arpa", b[3], b[2], b[1], b[0]);
    for (size_t i = 0; i < 16; i++) {
        nibbles[4 * i] = hex[b[15 - i] & 0x0f];
        nibbles[4 * i + 2] = hex[b[15 - i] >> 4];
        nibbles[4 * i + 1] = nibbles[4 * i + 3] = '.';
    }
    return base_arena_printf(arena, "%sip6.arpa", nibbles);
}

static bool is_loopback(const struct facts_address *a) {
    return a->ipv6 ? strcmp(a->text, "::1") == 0 : strncmp(a->text, "127.", 4) == 0;
}

static void ask_ptr(struct dns_job *j, size_t host, size_t index) {
    struct facts_address *a = &j->target->dns.hosts[host].addresses[index];
    struct dns_resolver *r = j->resolver;
    const char *known = dns_hosts_name_of(&r->hosts, a->text);
    if (known) {
        a->ptr = base_arena_str(j->arena, known);
        a->ptr_answer = override_answer();
        a->ptr_confirmed = FACTS_YES;
        return;
    }
    if (is_loopback(a) && !r->forwarders_given)
        return; /* no public name server knows it */
    if (j->ptr_count++ >= PTR_MAX) {
        a->ptr_answer.why = "not asked: the target has very many addresses";
        return;
    }
    const char *name = reverse_name(j->arena, a);
    struct dns_question *q = name[0] ? dns_resolver_ask(r, j, name, DNS_TYPE_PTR) : NULL;
    if (!q)
        return;
    q->host = host;
    q->address = index;
}

static void ask_ptrs(struct dns_job *j) {
    const struct facts_dns *dns = &j->target->dns;
    if (!j->resolver->ptr || j->host)
        return;
    for (size_t i = 0; i < dns->host_count; i++)
        for (size_t k = 0; k < dns->hosts[i].address_count; k++)
            ask_ptr(j, i, k);
}

/* Is the forward answer for `name` known already? */
static bool known_to_lead_back(const struct dns_job *j, const char *name, const char *address) {
    const struct facts_dns *dns = &j->target->dns;
    for (size_t i = 0; i < dns->host_count; i++)
        if (strcmp(dns->hosts[i].name, name) == 0 && has_address(&dns->hosts[i], address))
            return true;
    return false;
}

static void ask_forward(struct dns_job *j, const struct dns_question *ptr, const char *name,
                        bool ipv6) {
    struct dns_question *q =
        dns_resolver_ask(j->resolver, j, name, ipv6 ? DNS_TYPE_AAAA : DNS_TYPE_A);
    if (!q)
        return;
    q->host = ptr->host;
    q->address = ptr->address;
}

/* Sorted names (a rotating server must not change the report); the first counts until another is
 * confirmed. */
static void take_ptr_names(struct dns_job *j, struct dns_question *q, struct facts_address *a) {
    struct dns_packet *p = &q->packet;
    qsort(p->records, p->count, sizeof p->records[0], by_preference_and_name);
    a->ptr = base_arena_str(j->arena, p->records[0].text);
    a->ptr_confirmed = FACTS_NO;
    for (size_t i = 0; i < p->count; i++) {
        if (known_to_lead_back(j, p->records[i].text, a->text)) {
            a->ptr = base_arena_str(j->arena, p->records[i].text);
            a->ptr_confirmed = FACTS_YES;
            return;
        }
    }
    for (size_t i = 0; i < p->count && i < PTR_NAMES_MAX; i++)
        ask_forward(j, q, p->records[i].text, a->ipv6);
}

static bool is_a_no(enum facts_dns_result r) {
    return r == FACTS_DNS_NXDOMAIN || r == FACTS_DNS_NODATA;
}

/* Reads the PTR answers and asks for the names in them. */
static void collect_ptrs(struct dns_job *j, struct dns_questions *ptrs) {
    struct dns_question *q = NULL;
    TAILQ_FOREACH(q, ptrs, in_job) {
        struct facts_address *a = &j->target->dns.hosts[q->host].addresses[q->address];
        a->ptr_answer = keep_answer(j, q);
        if (q->answer.result == FACTS_DNS_DATA)
            take_ptr_names(j, q, a);
        else
            a->ptr_confirmed = is_a_no(q->answer.result) ? FACTS_NO : FACTS_UNKNOWN;
    }
}

static enum facts_answer leads_back(const struct dns_question *q, const char *address) {
    for (size_t i = 0; i < q->packet.count; i++)
        if (strcmp(q->packet.records[i].text, address) == 0)
            return FACTS_YES;
    return q->answer.result == FACTS_DNS_DATA || is_a_no(q->answer.result) ? FACTS_NO
                                                                           : FACTS_UNKNOWN;
}

/* Yes outweighs could-not-tell, which outweighs no. */
static void collect_confirmations(struct dns_job *j) {
    struct dns_question *q = NULL;
    TAILQ_FOREACH(q, &j->questions, in_job) {
        struct facts_address *a = &j->target->dns.hosts[q->host].addresses[q->address];
        enum facts_answer answer = leads_back(q, a->text);
        if (a->ptr_confirmed == FACTS_YES)
            continue;
        if (answer == FACTS_YES)
            a->ptr = base_arena_str(j->arena, q->name);
        if (answer != FACTS_NO)
            a->ptr_confirmed = answer;
    }
}

/* --- the whole --- */

/* The weakest first. */
static unsigned strength(enum facts_dnssec status) {
    switch (status) {
    case FACTS_DNSSEC_BOGUS:
        return 0;
    case FACTS_DNSSEC_INDETERMINATE:
        return 1;
    case FACTS_DNSSEC_INSECURE:
        return 2;
    case FACTS_DNSSEC_SECURE:
        return 3;
    default:
        return 4; /* not asked */
    }
}

static void weaken(enum facts_dnssec *status, const struct facts_dns_answer *answer) {
    if (strength(answer->status) < strength(*status))
        *status = answer->status;
}

static void sum_up(struct facts_dns *dns) {
    dns->status = FACTS_DNSSEC_NOT_ASKED;
    weaken(&dns->status, &dns->mx);
    for (size_t i = 0; i < dns->host_count; i++) {
        weaken(&dns->status, &dns->hosts[i].a);
        weaken(&dns->status, &dns->hosts[i].aaaa);
    }
}

static void begin(struct dns_job *j) {
    struct facts_target *t = j->target;
    if (t->dns.host_count > 0)
        return; /* --mx */
    switch (t->kind) {
    case FACTS_TARGET_DOMAIN:
        if (!dns_resolver_ask(j->resolver, j, t->name, DNS_TYPE_MX))
            j->target->dns.mx.result = FACTS_DNS_ERROR;
        break;
    case FACTS_TARGET_HOST:
        (void)add_host(j, t->name, -1);
        break;
    case FACTS_TARGET_ADDRESS:
        add_literal(j, t->name);
        break;
    case FACTS_TARGET_SOCKET:
        break;
    }
}

/* Asks while the answers are still there: the names in them are asked for. */
static void ptrs_to_confirmations(struct dns_job *j) {
    struct dns_questions ptrs;
    TAILQ_INIT(&ptrs);
    TAILQ_CONCAT(&ptrs, &j->questions, in_job);
    collect_ptrs(j, &ptrs);
    TAILQ_CONCAT(&ptrs, &j->questions, in_job); /* the new ones behind the old */
    for (struct dns_question *q = TAILQ_FIRST(&ptrs), *next; q; q = next) {
        next = TAILQ_NEXT(q, in_job);
        TAILQ_REMOVE(&ptrs, q, in_job);
        if (q->type == DNS_TYPE_PTR)
            dns_question_free(q);
        else
            TAILQ_INSERT_TAIL(&j->questions, q, in_job);
    }
}

static void step(struct dns_job *j) {
    switch ((enum phase)j->phase++) {
    case PHASE_START:
        begin(j);
        break;
    case PHASE_MX:
        collect_mx(j);
        free_questions(j);
        ask_addresses(j);
        break;
    case PHASE_ADDRESSES:
        collect_addresses(j);
        free_questions(j);
        ask_ptrs(j);
        break;
    case PHASE_PTR:
        ptrs_to_confirmations(j);
        break;
    case PHASE_CONFIRM:
        collect_confirmations(j);
        free_questions(j);
        sum_up(&j->target->dns);
        if (j->host && j->target->dns.host_count > 0)
            *j->host = j->target->dns.hosts[0];
        break;
    case PHASE_FINISHED:
        break;
    }
}

bool dns_job_advance(struct dns_job *j) {
    if (j->lookup) {
        dns_lookup_finish(j);
        return true;
    }
    while (j->outstanding == 0 && j->phase != PHASE_FINISHED)
        step(j);
    return j->phase == PHASE_FINISHED && j->outstanding == 0;
}

/* --- the way in --- */

/* One --mx: "HOST", "ADDRESS", with or without a port; the port counts for the whole target. */
static enum ws_err take_given_mx(struct dns_job *j, const char *text, bool *port_set,
                                 struct base_error *e) {
    struct facts_target *t = j->target, host;
    const struct dns_target_defaults d = {.protocol = t->protocol,
                                          .implicit_tls = t->implicit_tls,
                                          .implicit_tls_given = true,
                                          .no_mx = true};
    enum ws_err err = dns_target_parse(text, &d, j->arena, &host);
    if (err != WS_OK)
        return base_error_set(e, err == WS_SYNTAX ? WS_USAGE : err, "--mx %s", host.error);
    if (host.kind == FACTS_TARGET_SOCKET)
        return base_error_set(e, WS_USAGE, "--mx '%s': give a host or an address", text);
    if (host.port_given && (*port_set || t->port_given) && t->port != host.port)
        return base_error_set(e, WS_USAGE, "--mx '%s': all hosts of a target share one port (%u)",
                              text, t->port);
    if (host.port_given) {
        t->port = host.port;
        *port_set = true;
    }
    if (has_host(&t->dns, host.name))
        return WS_OK;
    if (host.kind == FACTS_TARGET_ADDRESS)
        add_literal(j, host.name);
    else
        (void)add_host(j, host.name, -1);
    return WS_OK;
}

static enum ws_err take_given_mxs(struct dns_job *j, const char *const *hosts, size_t count,
                                  struct base_error *e) {
    enum ws_err err = WS_OK;
    bool port_set = false;
    if (count > HOSTS_MAX)
        return base_error_set(e, WS_USAGE, "--mx: more than %u hosts", HOSTS_MAX);
    for (size_t i = 0; i < count && err == WS_OK; i++)
        err = take_given_mx(j, hosts[i], &port_set, e);
    if (count > 0)
        j->target->dns.mx = override_answer();
    j->target->port_given = j->target->port_given || port_set;
    return err;
}

static struct dns_job *new_job(struct dns_resolver *r, struct facts_target *target,
                               struct base_arena *arena, void (*done)(void *arg), void *arg) {
    struct dns_job *j = calloc(1, sizeof *j);
    if (!j)
        return NULL;
    j->resolver = r;
    j->target = target;
    j->arena = arena;
    j->done = done;
    j->arg = arg;
    TAILQ_INIT(&j->questions);
    target->dns = (struct facts_dns){.mx = no_answer()};
    return j;
}

enum ws_err dns_resolve_target(struct dns_resolver *r, struct facts_target *target,
                               const char *const *mx_hosts, size_t mx_count,
                               struct base_arena *arena, void (*done)(void *arg), void *arg,
                               struct base_error *e) {
    bool by_name = target->kind == FACTS_TARGET_DOMAIN || target->kind == FACTS_TARGET_HOST;
    struct dns_job *j = new_job(r, target, arena, done, arg);
    if (!j)
        return base_error_set(e, WS_NOMEM, "out of memory");
    enum ws_err err = take_given_mxs(j, mx_hosts, by_name ? mx_count : 0, e);
    if (err == WS_OK && dns_resolver_add(r, j) != WS_OK)
        err = base_error_set(e, WS_NOMEM, "out of memory");
    if (err != WS_OK)
        dns_job_free(j);
    return err;
}

enum ws_err dns_resolve_host(struct dns_resolver *r, const char *name, struct base_arena *arena,
                             struct facts_host *out, void (*done)(void *arg), void *arg,
                             struct base_error *e) {
    struct facts_target *t = base_arena_alloc(arena, sizeof *t);
    struct dns_job *j = t ? new_job(r, t, arena, done, arg) : NULL;
    *out = (struct facts_host){.name = name, .unicode = "", .a = no_answer(), .aaaa = no_answer()};
    if (!j)
        return base_error_set(e, WS_NOMEM, "out of memory");
    t->kind = FACTS_TARGET_HOST;
    t->name = name;
    j->host = out;
    if (dns_resolver_add(r, j) == WS_OK)
        return WS_OK;
    dns_job_free(j);
    return base_error_set(e, WS_NOMEM, "out of memory");
}
