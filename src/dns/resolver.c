/* SPDX-License-Identifier: Apache-2.0 */
/* resolver - questions to the DNS on the project's loop
 *
 * Questions wait, run (so many at once as the config says), are answered, and are given back to
 * their job. All progress is made in on_wake, which runs from a timer: nothing is freed, rebuilt or
 * reported from inside a call of libunbound, and `done` is never called inside dns_resolve_target.
 *
 * DNSSEC behind a forwarder: many home and office resolvers drop the signatures, and then every
 * answer is bogus. The first bogus answer is therefore held back, and the forwarder is asked
 * once, without validation, for the keys of the anchored zone. No signature beside them: the
 * context is made anew without validation, what was under way is asked again, and every status is
 * indeterminate with that as the reason. Otherwise bogus is what it says. Both are forgotten after
 * a while (dns_config.memory), and found out again when a bogus answer comes.
 *
 * Ownership: free the resolver before the loop. Jobs under way are dropped without `done`.
 * RFC 4033 5 (the four statuses), 4035 4.3. */
#include "dns/resolver.h"

#include "base/text.h"
#include "dns/lines.h"
#include "dns/resolver_private.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define AT_ONCE 256u
#define MEMORY (600 * BASE_SECOND)
#define SCRATCH_MAX (512u * 1024u)
#define RESOLVER_ARENA_MAX (256u * 1024u)
#define DEFAULT_TIMEOUT (10 * BASE_SECOND)
#define DEFAULT_ANCHOR "/usr/share/dns/root.key"
#define RESOLV_CONF "/etc/resolv.conf"

static void start_question(struct dns_question *q, struct dns_context *context);

/* --- answers --- */

static const char *const result_names[] = {
    [FACTS_DNS_NOT_ASKED] = "not asked",   [FACTS_DNS_DATA] = "data",
    [FACTS_DNS_NODATA] = "no such record", [FACTS_DNS_NXDOMAIN] = "no such name",
    [FACTS_DNS_SERVFAIL] = "failure",      [FACTS_DNS_BOGUS] = "bogus",
    [FACTS_DNS_TIMEOUT] = "timeout",       [FACTS_DNS_ERROR] = "local error",
    [FACTS_DNS_OVERRIDE] = "override",
};

static const char *const status_names[] = {
    [FACTS_DNSSEC_NOT_ASKED] = "not asked",         [FACTS_DNSSEC_SECURE] = "secure",
    [FACTS_DNSSEC_INSECURE] = "insecure",           [FACTS_DNSSEC_BOGUS] = "bogus",
    [FACTS_DNSSEC_INDETERMINATE] = "indeterminate",
};

static const char *type_name(unsigned type) {
    switch (type) {
    case DNS_TYPE_A:
        return "A";
    case DNS_TYPE_AAAA:
        return "AAAA";
    case DNS_TYPE_MX:
        return "MX";
    case DNS_TYPE_PTR:
        return "PTR";
    case DNS_TYPE_TXT:
        return "TXT";
    case DNS_TYPE_TLSA:
        return "TLSA";
    default:
        return "DNSKEY";
    }
}

/* Takes a question from the list it stands in to another, or to none. */
static void move(struct dns_question *q, struct dns_questions *list) {
    struct dns_resolver *r = q->resolver;
    if (q->list) {
        TAILQ_REMOVE(q->list, q, in_resolver);
        r->running_count -= q->list == &r->running;
    }
    if (list) {
        TAILQ_INSERT_TAIL(list, q, in_resolver);
        r->running_count += list == &r->running;
    }
    q->list = list;
}

static void wake(struct dns_resolver *r);

/* Takes a running question to the answered ones. */
static void finish_question(struct dns_question *q, enum facts_dns_result result,
                            enum facts_dnssec status, const char *why) {
    struct dns_resolver *r = q->resolver;
    net_timer_stop(q->timer);
    q->timer = NULL;
    q->answer.result = result;
    q->answer.status = status;
    q->answer.why = base_arena_str(&q->scratch, why);
    q->answer.canonical = q->packet.canonical;
    q->answer.ttl = q->packet.ttl;
    q->answer.ms = base_clock_ms(base_clock_now() - q->started);
    base_log_line(r->log, BASE_LOG_INFO, "dns", "%s %s: %s, %s, %zu records, %.1f ms%s%s", q->name,
                  type_name(q->type), result_names[result], status_names[status], q->packet.count,
                  q->answer.ms, why[0] ? ": " : "", why);
    move(q, &r->answered);
    wake(r);
}

/* libunbound's reasons hold names from the network. */
static const char *printable(struct dns_question *q, const char *text) {
    struct base_buf line;
    base_buf_init(&line, 4096);
    base_text_escape_ascii(&line, base_bytes_slice(base_bytes_of_str(text), 0, 1000));
    const char *out = base_arena_str(&q->scratch, base_buf_cstr(&line));
    base_buf_release(&line);
    return out;
}

static void take_failure(struct dns_question *q, unsigned rcode) {
    const char *why = "the name servers gave no usable answer (SERVFAIL)";
    if (rcode != DNS_RCODE_SERVFAIL)
        why = base_arena_printf(&q->scratch, "the answer was an error (code %u)", rcode);
    finish_question(q, FACTS_DNS_SERVFAIL, FACTS_DNSSEC_INDETERMINATE, why);
}

static void take_packet(struct dns_question *q, enum facts_dnssec status) {
    const struct dns_packet *p = &q->packet;
    const char *why = status == FACTS_DNSSEC_INDETERMINATE ? q->resolver->unvalidated : "";
    if (q->scratch.failed)
        finish_question(q, FACTS_DNS_ERROR, FACTS_DNSSEC_INDETERMINATE, "out of memory");
    else if (p->rcode == DNS_RCODE_NXDOMAIN)
        finish_question(q, FACTS_DNS_NXDOMAIN, status, why);
    else if (p->rcode != DNS_RCODE_NOERROR)
        take_failure(q, p->rcode);
    else if (p->count > 0)
        finish_question(q, FACTS_DNS_DATA, status, why);
    else if (p->malformed > 0)
        finish_question(q, FACTS_DNS_SERVFAIL, FACTS_DNSSEC_INDETERMINATE,
                        "the records in the answer are malformed");
    else
        finish_question(q, FACTS_DNS_NODATA, status, why);
}

static void on_answered(void *arg, const struct dns_reply *reply) {
    struct dns_question *q = arg;
    enum facts_dnssec status = FACTS_DNSSEC_INSECURE;
    if (reply->security == DNS_SECURITY_BOGUS) {
        const char *why = printable(q, reply->why);
        finish_question(q, FACTS_DNS_BOGUS, FACTS_DNSSEC_BOGUS,
                        why[0] ? why : "the DNSSEC signatures do not hold");
        return;
    }
    if (reply->packet.len == 0) {
        take_failure(q, reply->rcode);
        return;
    }
    if (reply->security == DNS_SECURITY_PROVEN)
        status = FACTS_DNSSEC_SECURE;
    else if (q->resolver->unvalidated[0])
        status = FACTS_DNSSEC_INDETERMINATE;
    if (dns_packet_read(reply->packet, q->name, q->type, &q->scratch, &q->packet))
        take_packet(q, status);
    else
        finish_question(q, FACTS_DNS_SERVFAIL, FACTS_DNSSEC_INDETERMINATE,
                        "the answer is malformed");
}

static void on_timeout(void *arg) {
    struct dns_question *q = arg;
    struct dns_resolver *r = q->resolver;
    const char *at = dns_forwarders_text(&r->forwarders, &q->scratch);
    dns_context_cancel(q->context, &q->asked);
    finish_question(q, FACTS_DNS_TIMEOUT, FACTS_DNSSEC_INDETERMINATE,
                    base_arena_printf(&q->scratch, "no answer within %.3g s%s%s",
                                      (double)r->timeout / BASE_SECOND, at[0] ? " from " : "", at));
}

/* --- contexts --- */

static void read_resolv_conf(struct dns_resolver *r) {
    struct base_buf text;
    struct base_error ignored = {0};
    if (r->forwarders_known)
        return;
    r->forwarders_known = true;
    if (dns_lines_read(RESOLV_CONF, "resolver configuration", DNS_LINES_FILE_MAX, &text,
                       &ignored) == WS_OK)
        dns_forwarders_from_resolv_conf(&r->forwarders, base_buf_view(&text), &r->arena);
    base_buf_release(&text);
}

static enum ws_err make_context(struct dns_resolver *r, const char *anchor_file,
                                struct dns_context **out, struct base_error *e) {
    read_resolv_conf(r);
    const struct dns_context_config c = {
        .base = net_loop_event_base(r->loop),
        .forwarders = r->forwarders.at,
        .forwarder_count = r->forwarders.count,
        .forwarders_given = r->forwarders_given,
        .anchor_file = anchor_file,
        .at_once = r->at_once,
    };
    return dns_context_new(&c, out, e);
}

/* The context for ordinary questions, made on the first one. */
static struct dns_context *need_context(struct dns_resolver *r, struct base_error *e) {
    if (!r->context && make_context(r, r->anchor_file, &r->context, e) == WS_OK)
        base_log_line(r->log, BASE_LOG_DEBUG, "dns", "asking %s, %s",
                      r->forwarders.count ? dns_forwarders_text(&r->forwarders, &r->arena)
                                          : "the root servers",
                      r->anchor_file ? "validating" : "not validating");
    return r->context;
}

/* --- does the forwarder pass DNSSEC on? --- */

static void make_ready(struct dns_resolver *r, struct dns_job *j) {
    if (!j->ready)
        TAILQ_INSERT_TAIL(&r->ready, j, in_ready);
    j->ready = true;
}

/* Its job has it now, and goes on after the last. */
static void give_back(struct dns_question *q) {
    struct dns_job *j = q->job;
    move(q, NULL);
    if (--j->outstanding == 0)
        make_ready(q->resolver, j);
}

static void give_back_held(struct dns_resolver *r) {
    while (!TAILQ_EMPTY(&r->held))
        give_back(TAILQ_FIRST(&r->held));
}

static struct dns_question *new_question(struct dns_resolver *r, const char *name, unsigned type) {
    struct dns_question *q = calloc(1, sizeof *q);
    if (!q)
        return NULL;
    q->resolver = r;
    q->type = type;
    q->answer.why = q->answer.canonical = q->packet.canonical = "";
    base_arena_init(&q->scratch, SCRATCH_MAX);
    q->name = base_arena_str(&q->scratch, name);
    return q;
}

static bool start_probe(struct dns_resolver *r) {
    struct base_error ignored = {0};
    if (make_context(r, NULL, &r->probe_context, &ignored) != WS_OK)
        return false;
    r->probe = new_question(r, r->anchor_zone, DNS_TYPE_DNSKEY);
    if (!r->probe)
        return false;
    r->passing.passes = DNS_PASSES_ASKED;
    start_question(r->probe, r->probe_context);
    return true;
}

/* Not running any more: libunbound and the timer know nothing of it. */
static void recall(struct dns_question *q) {
    if (q->list != &q->resolver->running)
        return;
    dns_context_cancel(q->context, &q->asked);
    net_timer_stop(q->timer);
    q->timer = NULL;
}

/* Puts everything that the old context was asked back into the queue. */
static void ask_again(struct dns_resolver *r, struct dns_questions *list) {
    struct dns_question *q = NULL;
    while ((q = TAILQ_FIRST(list))) {
        recall(q);
        q->packet = (struct dns_packet){.canonical = ""};
        move(q, &r->waiting);
    }
}

/* From now on questions go to this context, NULL: to one that is made when needed. */
static void change_context(struct dns_resolver *r, struct dns_context *context,
                           const char *unvalidated) {
    ask_again(r, &r->held);
    ask_again(r, &r->running);
    dns_context_free(r->context);
    r->context = context;
    r->unvalidated = unvalidated;
}

static void do_without_validation(struct dns_resolver *r) {
    if (!r->drops)
        r->drops = base_arena_printf(&r->arena, "the resolver %s does not pass on DNSSEC records",
                                     dns_forwarders_text(&r->forwarders, &r->arena));
    base_log_line(r->log, BASE_LOG_WARN, "dns", "%s", r->drops);
    dns_passing_learn(&r->passing, DNS_PASSES_NO, r->now());
    change_context(r, r->probe_context, r->drops);
    r->probe_context = NULL;
}

/* The forwarder may have been mended. */
static void forget_passing(struct dns_resolver *r) {
    bool dropped = r->passing.passes == DNS_PASSES_NO;
    if (dns_passing_forget(&r->passing, r->now()) && dropped)
        change_context(r, NULL, "");
}

static void end_probe(struct dns_resolver *r) {
    enum facts_dns_result result = r->probe->answer.result;
    bool passes = result == FACTS_DNS_DATA && r->probe->packet.is_signed;
    dns_question_free(r->probe);
    r->probe = NULL;
    if (!passes && result != FACTS_DNS_TIMEOUT && result != FACTS_DNS_ERROR) {
        do_without_validation(r);
        return;
    }
    dns_passing_learn(&r->passing, passes ? DNS_PASSES_YES : DNS_PASSES_UNKNOWN, r->now());
    dns_context_free(r->probe_context);
    r->probe_context = NULL;
    give_back_held(r);
}

/* Bogus through a forwarder that was never tested. */
static bool must_hold(const struct dns_resolver *r, const struct dns_question *q) {
    return q->answer.result == FACTS_DNS_BOGUS && q->context == r->context &&
           r->forwarders.count > 0 && r->anchor_file && r->passing.passes <= DNS_PASSES_ASKED;
}

/* --- the queue --- */

static void settle_answered(struct dns_resolver *r) {
    struct dns_question *q = NULL;
    while ((q = TAILQ_FIRST(&r->answered))) {
        if (q == r->probe)
            end_probe(r);
        else if (must_hold(r, q))
            move(q, &r->held);
        else
            give_back(q);
    }
    if (!TAILQ_EMPTY(&r->held) && r->passing.passes == DNS_PASSES_UNKNOWN && !start_probe(r))
        give_back_held(r);
}

/* Sends it, or finishes it with what went wrong. */
static void start_question(struct dns_question *q, struct dns_context *context) {
    struct dns_resolver *r = q->resolver;
    struct base_error e = {0};
    q->started = base_clock_now();
    q->context = context;
    q->asked = (struct dns_asked){.answered = on_answered, .arg = q};
    move(q, &r->running);
    q->timer = net_timer_start(r->loop, r->timeout, on_timeout, q);
    if (!q->timer)
        finish_question(q, FACTS_DNS_ERROR, FACTS_DNSSEC_INDETERMINATE, "out of memory");
    else if (dns_context_ask(context, q->name, q->type, &q->asked, &e) != WS_OK)
        finish_question(q, FACTS_DNS_ERROR, FACTS_DNSSEC_INDETERMINATE, base_error_message(&e));
}

static void start_waiting(struct dns_resolver *r) {
    struct dns_question *q = NULL;
    forget_passing(r);
    while (r->running_count < r->at_once && (q = TAILQ_FIRST(&r->waiting))) {
        struct base_error e = {0};
        if (need_context(r, &e)) {
            start_question(q, r->context);
            continue;
        }
        q->started = base_clock_now();
        finish_question(q, FACTS_DNS_ERROR, FACTS_DNSSEC_INDETERMINATE, base_error_message(&e));
    }
}

/* The next job that has all it wanted; NULL when all wait. */
static struct dns_job *finished_job(struct dns_resolver *r) {
    struct dns_job *j = NULL;
    while ((j = TAILQ_FIRST(&r->ready))) {
        TAILQ_REMOVE(&r->ready, j, in_ready);
        j->ready = false;
        if (dns_job_advance(j))
            return j;
    }
    return NULL;
}

static void drop_job(struct dns_job *j) {
    LIST_REMOVE(j, in_resolver);
    if (j->ready)
        TAILQ_REMOVE(&j->resolver->ready, j, in_ready);
    dns_job_free(j);
}

/* `done` may free the resolver, so it comes last; the next round is ordered before. */
static void on_wake(void *arg) {
    struct dns_resolver *r = arg;
    net_timer_stop(r->wake);
    r->wake = NULL;
    settle_answered(r);
    struct dns_job *j = finished_job(r);
    start_waiting(r);
    if (!j)
        return;
    void (*done)(void *) = j->done;
    void *done_arg = j->arg;
    drop_job(j);
    wake(r);
    done(done_arg);
}

static void wake(struct dns_resolver *r) {
    if (!r->wake)
        r->wake = net_timer_start(r->loop, 0, on_wake, r);
    if (!r->wake)
        base_log_line(r->log, BASE_LOG_ERROR, "dns", "out of memory");
}

enum ws_err dns_resolver_add(struct dns_resolver *r, struct dns_job *j) {
    wake(r);
    if (!r->wake)
        return WS_NOMEM;
    LIST_INSERT_HEAD(&r->jobs, j, in_resolver);
    if (j->outstanding == 0)
        make_ready(r, j);
    return WS_OK;
}

void dns_resolve_cancel(struct dns_resolver *r, const void *arg) {
    for (struct dns_job *j = LIST_FIRST(&r->jobs), *next; j; j = next) {
        next = LIST_NEXT(j, in_resolver);
        if (j->arg == arg)
            drop_job(j);
    }
    wake(r); /* others may have waited for its place */
}

struct dns_question *dns_resolver_ask(struct dns_resolver *r, struct dns_job *job, const char *name,
                                      unsigned type) {
    struct dns_question *q = new_question(r, name, type);
    if (!q)
        return NULL;
    q->job = job;
    job->outstanding++;
    TAILQ_INSERT_TAIL(&job->questions, q, in_job);
    move(q, &r->waiting);
    return q;
}

void dns_question_free(struct dns_question *q) {
    recall(q);
    move(q, NULL);
    base_arena_release(&q->scratch);
    free(q);
}

/* --- life --- */

/* Each has a socket: half of those that this process may open are left for others. */
static unsigned within_sockets(unsigned at_once) {
    struct rlimit most;
    if (getrlimit(RLIMIT_NOFILE, &most) == 0 && most.rlim_cur / 2 < at_once)
        at_once = (unsigned)(most.rlim_cur / 2);
    return at_once > 0 ? at_once : 1;
}

static enum ws_err take_forwarders(struct dns_resolver *r, const struct dns_config *c,
                                   struct base_error *e) {
    enum ws_err err = WS_OK;
    for (size_t i = 0; i < c->forwarder_count && err == WS_OK; i++)
        err = dns_forwarders_add(&r->forwarders, c->forwarders[i], &r->arena, e);
    r->forwarders_given = r->forwarders_known = c->forwarder_count > 0;
    return err;
}

/* A file that was named must be good, so the context is made at once to see. */
static enum ws_err take_given_anchor(struct dns_resolver *r, const char *file,
                                     struct base_error *e) {
    struct base_error inner = {0};
    r->anchor_file = base_arena_str(&r->arena, file);
    enum ws_err err = dns_anchor_zone(r->anchor_file, &r->arena, &r->anchor_zone, e);
    if (err == WS_OK && !need_context(r, &inner))
        err = base_error_set(e, WS_SYNTAX, "trust anchor file %s: its records can't be read (%s)",
                             r->anchor_file, base_error_message(&inner));
    return err;
}

/* The system's own file may be missing. */
static void take_system_anchor(struct dns_resolver *r) {
    if (access(DEFAULT_ANCHOR, R_OK) == 0) {
        r->anchor_file = DEFAULT_ANCHOR;
        r->anchor_zone = ".";
    } else {
        r->unvalidated = "there is no trust anchor (Debian's package dns-root-data has it)";
    }
}

static enum ws_err set_up(struct dns_resolver *r, const struct dns_config *c,
                          struct base_error *e) {
    enum ws_err err = take_forwarders(r, c, e);
    if (err == WS_OK && c->hosts_file)
        err = dns_hosts_read(&r->hosts, c->hosts_file, e);
    r->unvalidated = "";
    if (!c->trust_anchor_file)
        take_system_anchor(r);
    else if (err == WS_OK)
        err = take_given_anchor(r, c->trust_anchor_file, e);
    if (err == WS_OK && r->arena.failed)
        err = base_error_set(e, WS_NOMEM, "out of memory");
    return err;
}

enum ws_err dns_resolver_new(const struct dns_config *c, struct net_loop *loop,
                             const struct base_log *log, struct dns_resolver **out,
                             struct base_error *e) {
    struct dns_resolver *r = calloc(1, sizeof *r);
    *out = NULL;
    if (!r)
        return base_error_set(e, WS_NOMEM, "out of memory");
    r->loop = loop;
    r->log = log;
    r->ipv4 = c->ipv4;
    r->ipv6 = c->ipv6;
    r->ptr = c->ptr;
    r->timeout = c->timeout ? c->timeout : DEFAULT_TIMEOUT;
    r->at_once = within_sockets(c->at_once ? c->at_once : AT_ONCE);
    r->passing.memory = c->memory ? c->memory : MEMORY;
    r->now = c->now ? c->now : base_clock_now;
    TAILQ_INIT(&r->waiting);
    TAILQ_INIT(&r->running);
    TAILQ_INIT(&r->answered);
    TAILQ_INIT(&r->held);
    TAILQ_INIT(&r->ready);
    base_arena_init(&r->arena, RESOLVER_ARENA_MAX);
    dns_hosts_init(&r->hosts, DNS_OVERRIDES_MAX);
    enum ws_err err = set_up(r, c, e);
    if (err != WS_OK) {
        dns_resolver_free(r);
        return err;
    }
    *out = r;
    return WS_OK;
}

void dns_resolver_free(struct dns_resolver *r) {
    if (!r)
        return;
    while (!LIST_EMPTY(&r->jobs))
        drop_job(LIST_FIRST(&r->jobs));
    if (r->probe)
        dns_question_free(r->probe);
    dns_context_free(r->context);
    dns_context_free(r->probe_context);
    net_timer_stop(r->wake);
    dns_hosts_release(&r->hosts);
    base_arena_release(&r->arena);
    free(r);
}

enum ws_err dns_resolver_override(struct dns_resolver *r, const char *name, const char *address,
                                  struct base_error *e) {
    return dns_hosts_add(&r->hosts, name, address, e);
}
