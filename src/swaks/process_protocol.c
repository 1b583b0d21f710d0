/* SPDX-License-Identifier: Apache-2.0 */
/* process_protocol - which protocol, where it stops, who sends to whom.
 */
#include "swaks/process_private.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- protocol --- */

static const struct protocol_row {
    const char *name;
    const char *shown;
    enum send_hello hello;
    bool tls, tls_on_connect, auth;
} protocols[] = {
    {"SMTP", "smtp", SEND_HELO, false, false, false},
    {"SMTPS", "smtp", SEND_HELO, false, true, false},
    {"SSMTP", "esmtp", SEND_EHLO, false, true, false},
    {"SSMTPA", "esmtp", SEND_EHLO, false, true, true},
    {"ESMTP", "esmtp", SEND_EHLO, false, false, false},
    {"ESMTPA", "esmtp", SEND_EHLO, false, false, true},
    {"ESMTPS", "esmtp", SEND_EHLO, true, false, false},
    {"ESMTPSA", "esmtp", SEND_EHLO, true, false, true},
    {"LMTP", "lmtp", SEND_LHLO, false, false, false},
    {"LMTPA", "lmtp", SEND_LHLO, false, false, true},
    {"LMTPS", "lmtp", SEND_LHLO, true, false, false},
    {"LMTPSA", "lmtp", SEND_LHLO, true, false, true},
};

static void use_protocol(struct swaks_process *p, const struct protocol_row *row) {
    struct send_plan *plan = &p->s->plan;
    p->s->protocol = row->shown;
    plan->hello = row->hello;
    plan->lmtp = row->hello == SEND_LHLO;
    plan->tls.on_connect = row->tls_on_connect;
    if (row->tls || row->tls_on_connect)
        plan->tls.demand = SEND_REQUIRED;
    if (row->auth)
        plan->auth.demand = SEND_REQUIRED;
}

static bool choose_protocol(struct swaks_process *p) {
    const char *typed = swaks_value(p, SWAKS_OPT_PROTOCOL);
    if (p->exit != SEND_EXIT_OK)
        return false;
    const char *name = swaks_text_upper(p->arena, typed ? typed : "ESMTP");
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++)
        if (strcmp(protocols[i].name, name) == 0) {
            use_protocol(p, &protocols[i]);
            return true;
        }
    return swaks_wrong(p, SWAKS_MISTAKE_PROTOCOL, swaks_text_lower(p->arena, typed), NULL, NULL);
}

/* --- stop points --- */

static const struct stop_row {
    const char *names; /* separated by spaces; the first is shown */
    enum send_stop stop;
    bool for_drop_only;
    bool needs_recipient;
} stops[] = {
    {"proxy", SEND_STOP_PROXY, false, false},
    {"connect banner", SEND_STOP_CONNECT, false, false},
    {"first-helo first-ehlo first-lhlo", SEND_STOP_FIRST_HELO, false, false},
    {"xclient", SEND_STOP_XCLIENT, false, false},
    {"xclient-helo", SEND_STOP_XCLIENT_HELO, false, false},
    {"tls starttls", SEND_STOP_TLS, false, false},
    {"helo ehlo lhlo", SEND_STOP_HELO, false, false},
    {"auth", SEND_STOP_AUTH, false, false},
    {"mail from", SEND_STOP_MAIL, false, false},
    {"rcpt to", SEND_STOP_RCPT, false, true},
    {"data", SEND_STOP_DATA, true, true},
    {"dot", SEND_STOP_DOT, true, true},
};

static bool is_among(const char *names, const char *name) {
    size_t len = strlen(name);
    while (*names) {
        size_t n = strcspn(names, " ");
        if (n == len && strncmp(names, name, n) == 0)
            return true;
        names += n + strspn(names + n, " ");
    }
    return false;
}

/* swaks looks for these anywhere in the value: "-quit-after  FIRST-EHLO" in a file has a blank. */
static bool is_stop(const struct swaks_process *p, const struct stop_row *row, const char *name) {
    return is_among(row->names, name) ||
           (p->s->manner == SWAKS_MANNER_SWAKS && row->stop == SEND_STOP_FIRST_HELO &&
            (strstr(name, "first-ehlo") || strstr(name, "first-lhlo")));
}

static bool choose_stop(struct swaks_process *p, enum swaks_option_id id, enum send_stop *stop,
                        const char **shown) {
    const char *typed = swaks_value(p, id);
    *shown = "";
    if (!typed ||
        (p->s->manner == SWAKS_MANNER_SWAKS && strcmp(typed, "0") == 0)) /* false in Perl */
        return p->exit == SEND_EXIT_OK;
    const char *name = swaks_text_lower(p->arena, typed);
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
        const struct stop_row *row = &stops[i];
        if (!is_stop(p, row, name) || (row->for_drop_only && id == SWAKS_OPT_QUIT_AFTER))
            continue;
        *stop = row->stop;
        size_t len = strcspn(row->names, " ");
        *shown = base_arena_str_bytes(p->arena, base_bytes_view(row->names, len));
        p->s->server_only |= !row->needs_recipient;
        return true;
    }
    return swaks_wrong(p,
                       id == SWAKS_OPT_QUIT_AFTER   ? SWAKS_MISTAKE_QUIT_AFTER
                       : id == SWAKS_OPT_DROP_AFTER ? SWAKS_MISTAKE_DROP_AFTER
                                                    : SWAKS_MISTAKE_DROP_AFTER_SEND,
                       name, NULL, NULL);
}

static bool choose_lapse(struct swaks_process *p) {
    const char *kind = swaks_args_value(p->args, SWAKS_OPT_SHOW_TIME_LAPSE);
    if (!kind)
        return true;
    p->s->plan.output.lapse = *kind ? SEND_LAPSE_WHOLE_SECONDS : SEND_LAPSE;
    const char *lower = swaks_text_lower(p->arena, kind);
    if (strncmp("integer", lower, strlen(lower)) == 0)
        return true;
    return swaks_wrong(p, SWAKS_MISTAKE_LAPSE, kind, NULL, NULL);
}

bool swaks_process_protocol(struct swaks_process *p) {
    struct swaks_settings *s = p->s;
    s->plan.pipeline = swaks_has(p, SWAKS_OPT_PIPELINE);
    s->plan.prdr = swaks_has(p, SWAKS_OPT_PRDR);
    s->force_getpwuid = swaks_has(p, SWAKS_OPT_FORCE_GETPWUID);
    return choose_protocol(p) &&
           choose_stop(p, SWAKS_OPT_QUIT_AFTER, &s->plan.quit_after, &s->quit_after) &&
           choose_stop(p, SWAKS_OPT_DROP_AFTER, &s->plan.drop_after, &s->drop_after) &&
           choose_stop(p, SWAKS_OPT_DROP_AFTER_SEND, &s->plan.drop_after_send,
                       &s->drop_after_send) &&
           choose_lapse(p);
}

/* --- envelope --- */

static const char *user_name(struct swaks_process *p) {
    const char *name = getenv("LOGNAME");
    if (name && *name && strcmp(name, "0") != 0 && !p->s->force_getpwuid)
        return name;
    /* cppcheck-suppress getpwuidCalled ; there is one thread */
    const struct passwd *who = getpwuid(getuid());
    return base_arena_str(p->arena, who && who->pw_name ? who->pw_name : "");
}

static bool choose_sender(struct swaks_process *p) {
    const char *from = swaks_value(p, SWAKS_OPT_FROM);
    if (p->exit != SEND_EXIT_OK)
        return false;
    if (!from || !*from) /* an empty answer, too */
        from = base_arena_printf(p->arena, "%s@%s", user_name(p), p->s->fqdn);
    p->s->plan.from = strcmp(from, "<>") == 0 ? "" : from;
    return true;
}

static bool choose_local_end(struct swaks_process *p) {
    struct send_target *t = &p->s->plan.target;
    const char *interface = swaks_value(p, SWAKS_OPT_LOCAL_INTERFACE);
    const char *port = p->exit == SEND_EXIT_OK ? swaks_value(p, SWAKS_OPT_LOCAL_PORT) : NULL;
    const char *attached = NULL;
    if (p->exit != SEND_EXIT_OK)
        return false;
    if (interface)
        swaks_host_split(p->arena, interface, &t->local_interface, &attached);
    if (!port)
        port = attached;
    return !port || swaks_port_number(p, port, &t->local_port);
}

static const char *list_value(struct swaks_process *p, enum swaks_option_id id) {
    const char *value = p->exit == SEND_EXIT_OK ? swaks_value(p, id) : NULL;
    return value ? value : "";
}

/* All recipients, in the order to, cc, bcc. */
static void join_recipients(struct swaks_process *p) {
    struct swaks_settings *s = p->s;
    struct swaks_texts all = {0};
    const char *const lists[] = {s->to, s->cc, s->bcc};
    struct swaks_texts filled = {0};
    for (size_t i = 0; i < 3; i++)
        if (*lists[i])
            swaks_texts_add(&filled, p->arena, lists[i]);
    s->all_recipients = swaks_texts_join(&filled, p->arena, ",");
    swaks_texts_split(&all, p->arena, s->all_recipients);
    s->plan.recipients = all.items;
    s->plan.recipient_count = all.count;
}

static bool demand_recipient(struct swaks_process *p) {
    const struct swaks_option *to = swaks_option_at(SWAKS_OPT_TO);
    const struct send_target *t = &p->s->plan.target;
    bool routed = t->transport != SEND_TCP || *t->server;
    bool needless = p->s->server_only || swaks_has(p, SWAKS_OPT_SCRIPT);
    if (*p->s->to || (needless && routed))
        return true;
    send_transcript_flush(&p->transcript);
    const char *answer = swaks_prompt_ask(p->prompt, to->prompt, to->answer, false);
    if (!answer)
        return swaks_wrong(p, SWAKS_MISTAKE_RECIPIENT, NULL, NULL, NULL);
    p->s->to = answer;
    return true;
}

bool swaks_process_envelope(struct swaks_process *p) {
    struct swaks_settings *s = p->s;
    if (!choose_sender(p) || !choose_local_end(p))
        return false;
    const char *helo = swaks_value(p, SWAKS_OPT_HELO);
    s->plan.helo = helo && *helo ? helo : s->fqdn;
    const char *port = p->exit == SEND_EXIT_OK ? swaks_value(p, SWAKS_OPT_PORT) : NULL;
    s->plan.target.port = port;
    s->to = list_value(p, SWAKS_OPT_TO);
    s->cc = list_value(p, SWAKS_OPT_CC);
    s->bcc = list_value(p, SWAKS_OPT_BCC);
    if (p->exit != SEND_EXIT_OK || !demand_recipient(p))
        return false;
    join_recipients(p);
    return true;
}
