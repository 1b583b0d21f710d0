/* SPDX-License-Identifier: Apache-2.0 */
/* process_beyond - the options that swaks has not.
 */
#include "swaks/process_private.h"

#include "mail/code.h"
#include "send/script.h"
#include "swaks/xclient.h"

#include <string.h>

#define REPEAT_MAX 10000000u
#define CONCURRENCY_MAX 1000u
#define CHUNK_MAX (1u << 30)

static bool is_one_of(const char *const *words, const char *word) {
    for (; *words; words++)
        if (strcmp(*words, word) == 0)
            return true;
    return false;
}

/* A value in upper case that must be one of `words`; NULL when not given. */
static const char *word_value(struct swaks_process *p, enum swaks_option_id id,
                              const char *const *words, const char *list) {
    const char *value = swaks_value(p, id);
    if (!value)
        return NULL;
    const char *upper = swaks_text_upper(p->arena, value);
    if (!is_one_of(words, upper))
        swaks_fail(p, SEND_EXIT_OPTION, "--%s %s: %s is possible", swaks_option_at(id)->names,
                   value, list);
    return upper;
}

static unsigned number_value(struct swaks_process *p, enum swaks_option_id id, unsigned max,
                             unsigned otherwise) {
    const char *value = swaks_value(p, id);
    uint64_t n = otherwise;
    if (value && (!base_bytes_to_uint(base_bytes_of_str(value), max, &n) || n == 0))
        swaks_fail(p, SEND_EXIT_OPTION, "--%s %s: a number from 1 to %u is needed",
                   swaks_option_at(id)->names, value, max);
    return (unsigned)n;
}

/* --- delivery status notifications (RFC 3461) --- */

static bool notify_fits(struct swaks_process *p, const char *value) {
    static const char *const words[] = {"SUCCESS", "FAILURE", "DELAY", NULL};
    struct swaks_texts list = {0};
    swaks_texts_split(&list, p->arena, value);
    for (size_t i = 0; i < list.count; i++)
        if (!is_one_of(words, list.items[i]) &&
            !(list.count == 1 && strcmp(list.items[i], "NEVER") == 0))
            return false;
    return list.count > 0;
}

static bool choose_dsn(struct swaks_process *p) {
    static const char *const rets[] = {"FULL", "HDRS", NULL};
    struct send_extensions *x = &p->s->plan.extensions;
    const char *notify = swaks_value(p, SWAKS_OPT_DSN_NOTIFY);
    x->dsn_notify = notify ? swaks_text_upper(p->arena, notify) : NULL;
    if (notify && !notify_fits(p, x->dsn_notify))
        return swaks_fail(
            p, SEND_EXIT_OPTION,
            "--dsn-notify %s: NEVER, or a list of SUCCESS, FAILURE, DELAY is possible", notify);
    x->dsn_ret = word_value(p, SWAKS_OPT_DSN_RET, rets, "FULL or HDRS");
    x->dsn_envid = swaks_value(p, SWAKS_OPT_DSN_ENVID);
    x->dsn_orcpt = swaks_value(p, SWAKS_OPT_DSN_ORCPT);
    if (x->dsn_orcpt && !strchr(x->dsn_orcpt, ';'))
        x->dsn_orcpt = base_arena_printf(p->arena, "rfc822;%s", x->dsn_orcpt);
    return p->exit == SEND_EXIT_OK;
}

/* --- XFORWARD --- */

static bool choose_xforward(struct swaks_process *p) {
    static const struct {
        enum swaks_option_id option;
        const char *name;
    } rows[] = {
        {SWAKS_OPT_XFORWARD_NAME, "NAME"},     {SWAKS_OPT_XFORWARD_ADDR, "ADDR"},
        {SWAKS_OPT_XFORWARD_PORT, "PORT"},     {SWAKS_OPT_XFORWARD_PROTO, "PROTO"},
        {SWAKS_OPT_XFORWARD_HELO, "HELO"},     {SWAKS_OPT_XFORWARD_IDENT, "IDENT"},
        {SWAKS_OPT_XFORWARD_SOURCE, "SOURCE"},
    };
    struct swaks_xclient_builder builder = {0};
    struct send_xclient made = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *value = swaks_value(p, rows[i].option);
        if (value)
            swaks_xclient_attribute(&builder, p->arena, rows[i].name, value);
    }
    swaks_xclient_finish(&builder, p->arena, &made);
    p->s->plan.extensions.xforward = made.group_count > 0 ? made.groups : NULL;
    return p->exit == SEND_EXIT_OK;
}

/* --- expectations --- */

static bool add_expectation(struct swaks_process *p, struct send_expectation *out,
                            const char *value) {
    static const char *const steps[] = {"banner",   "hello",  "xclient", "starttls", "auth",
                                        "xforward", "mail",   "rcpt",    "data",     "bdat",
                                        "dot",      "script", "quit",    NULL};
    static const char *const synonyms[][2] = {
        {"connect", "banner"}, {"ehlo", "hello"}, {"helo", "hello"}, {"lhlo", "hello"},
        {"tls", "starttls"},   {"from", "mail"},  {"to", "rcpt"}};
    const char *equals = strchr(value, '=');
    size_t len = equals ? (size_t)(equals - value) : strlen(value);
    const char *step =
        swaks_text_lower(p->arena, base_arena_str_bytes(p->arena, base_bytes_view(value, len)));
    for (size_t i = 0; i < sizeof synonyms / sizeof *synonyms; i++)
        if (strcmp(synonyms[i][0], step) == 0)
            step = synonyms[i][1];
    if (!equals || !mail_code_is_pattern(equals + 1) || !is_one_of(steps, step))
        return swaks_fail(p, SEND_EXIT_OPTION,
                          "--expect %s: STEP=CODE is needed, STEP one of banner, hello, xclient, "
                          "starttls, auth, xforward, mail, rcpt, data, bdat, dot, script, quit, "
                          "CODE such as 550, 5xx or "
                          "250|251",
                          value);
    *out = (struct send_expectation){.step = step, .code = equals + 1};
    return true;
}

static bool choose_expectations(struct swaks_process *p) {
    struct send_plan *plan = &p->s->plan;
    struct send_expectation *list = NULL;
    size_t cap = 0;
    for (size_t i = 0; i < p->args->count; i++) {
        const struct swaks_given *g = &p->args->given[i];
        if (g->option != SWAKS_OPT_EXPECT)
            continue;
        const char *value = swaks_given_value(p, g);
        struct send_expectation *one =
            value ? base_arena_append(p->arena, &list, &plan->expectation_count, &cap, sizeof *one)
                  : NULL;
        if (!one || !add_expectation(p, one, value))
            return false;
    }
    plan->expectations = list;
    return true;
}

/* --- the rest --- */

static bool choose_route(struct swaks_process *p) {
    struct send_beyond *b = &p->s->beyond;
    b->all_mx = swaks_has(p, SWAKS_OPT_ALL_MX);
    b->try_next_mx = swaks_has(p, SWAKS_OPT_TRY_NEXT_MX);
    b->route = p->s->to_route;
    b->via_proxy = swaks_value(p, SWAKS_OPT_VIA_PROXY);
    if ((b->all_mx || b->try_next_mx) && !p->s->to_route)
        return swaks_fail(p, SEND_EXIT_OPTION,
                          "--%s needs a domain to look up: leave out --server, --socket and --pipe",
                          b->all_mx ? "all-mx" : "try-next-mx");
    return p->exit == SEND_EXIT_OK;
}

static bool choose_chunks(struct swaks_process *p) {
    struct send_extensions *x = &p->s->plan.extensions;
    const char *size = swaks_args_value(p->args, SWAKS_OPT_CHUNKING);
    uint64_t n = 0;
    x->chunking = size != NULL;
    if (size && *size && (!base_bytes_to_uint(base_bytes_of_str(size), CHUNK_MAX, &n) || n == 0))
        return swaks_fail(p, SEND_EXIT_OPTION, "--chunking %s: a number of bytes is needed", size);
    x->chunk_size = (size_t)n;
    return true;
}

static bool choose_tls(struct swaks_process *p) {
    static const char *const names[] = {"NONE", "DANE", "MTA-STS", "PKIX", NULL};
    struct send_beyond *b = &p->s->beyond;
    struct client_wish *wish = &p->s->plan.tls.wish;
    const char *policy = word_value(p, SWAKS_OPT_TLS_POLICY, names, "dane, mta-sts, pkix or none");
    for (int i = 0; policy && names[i]; i++)
        if (strcmp(names[i], policy) == 0)
            b->policy = (enum send_policy)i;
    wish->alpn = swaks_value(p, SWAKS_OPT_TLS_ALPN);
    wish->keylog_file = swaks_value(p, SWAKS_OPT_TLS_KEYLOG);
    wish->session_in = swaks_value(p, SWAKS_OPT_TLS_SESSION_IN);
    wish->ask_status = swaks_has(p, SWAKS_OPT_TLS_STATUS);
    b->no_explain = swaks_has(p, SWAKS_OPT_NO_EXPLAIN);
    b->session_out = swaks_value(p, SWAKS_OPT_TLS_SESSION_OUT);
    return p->exit == SEND_EXIT_OK;
}

static void hide_secrets(struct swaks_process *p) {
    struct send_auth *auth = &p->s->plan.auth;
    if (p->s->manner == SWAKS_MANNER_SWAKS || swaks_has(p, SWAKS_OPT_SHOW_SECRETS))
        return;
    auth->show.hide_all = true;
    if (!auth->show.hide_password)
        auth->show.hide_password = "PROVIDED_BUT_REMOVED";
}

/* --- breaking rules --- */

static bool choose_lax(struct swaks_process *p) {
    static const char *const rules[] = {"unadvertised", "banner", "hello",  "mail",
                                        "rcpt",         "data",   "syntax", NULL};
    const char *value = swaks_args_value(p->args, SWAKS_OPT_LAX);
    struct swaks_texts list = {0};
    if (!value)
        return true;
    swaks_texts_split(&list, p->arena, swaks_text_lower(p->arena, value));
    if (list.count == 0)
        p->s->plan.extensions.lax = SEND_LAX_ALL;
    for (size_t i = 0; i < list.count; i++) {
        unsigned bit = 0;
        while (rules[bit] && strcmp(rules[bit], list.items[i]) != 0)
            bit++;
        if (!rules[bit])
            return swaks_fail(p, SEND_EXIT_OPTION,
                              "--lax %s: the rules to break are unadvertised, banner, hello, mail, "
                              "rcpt, data, syntax",
                              list.items[i]);
        p->s->plan.extensions.lax |= 1u << bit;
    }
    return true;
}

/* Read at once, so that its mistakes come before a connection, and for all of --repeat. */
static bool choose_script(struct swaks_process *p) {
    struct send_plan *plan = &p->s->plan;
    struct base_error e = {0};
    plan->script = swaks_value(p, SWAKS_OPT_SCRIPT);
    if (!plan->script)
        return p->exit == SEND_EXIT_OK;
    struct send_script *script = base_arena_alloc(p->arena, sizeof *script);
    if (!script || send_script_read(plan->script, p->arena, script, &e) != WS_OK)
        return swaks_fail(p, SEND_EXIT_OPTION, "--script %s", base_error_message(&e));
    plan->script_read = script;
    return true;
}

bool swaks_process_beyond(struct swaks_process *p) {
    struct send_plan *plan = &p->s->plan;
    if (!choose_script(p) || !choose_lax(p))
        return false;
    hide_secrets(p);
    p->s->message.message_path = swaks_value(p, SWAKS_OPT_MESSAGE);
    p->s->message.body_charset = swaks_value(p, SWAKS_OPT_BODY_CHARSET);
    plan->extensions.smtputf8 = swaks_has(p, SWAKS_OPT_SMTPUTF8);
    plan->extensions.requiretls = swaks_has(p, SWAKS_OPT_REQUIRETLS);
    plan->auth.even_unadvertised = plan->extensions.lax & SEND_LAX_UNADVERTISED;
    plan->output.json = swaks_has(p, SWAKS_OPT_JSON);
    plan->repeat = number_value(p, SWAKS_OPT_REPEAT, REPEAT_MAX, 1);
    if (p->exit == SEND_EXIT_OK)
        plan->concurrency = number_value(p, SWAKS_OPT_CONCURRENCY, CONCURRENCY_MAX, 1);
    return p->exit == SEND_EXIT_OK && choose_route(p) && choose_dsn(p) && choose_chunks(p) &&
           choose_xforward(p) && choose_tls(p) && choose_expectations(p);
}
