/* SPDX-License-Identifier: Apache-2.0 */
/* record - a transaction as facts, and as JSON
 *
 * Kept only when somebody wants it (--json, --expect). With PIPELINING answers come later than
 * their commands: each answer belongs to the oldest command that has none.
 *
 * Ownership: the arena. The JSON is schema waxseal-send/1 (docs/json.md). */
#include "send/record.h"

#include "client/client.h"
#include "know/mail.h"
#include "report/json_parts.h"

#define ARENA_MAX ((size_t)64 << 20)
#define TEXT_MAX ((size_t)8 << 20)

void send_record_init(struct send_record *r, bool on) {
    *r = (struct send_record){.on = on, .connected_to = "", .verify_error = ""};
    base_arena_init(&r->arena, ARENA_MAX);
}

void send_record_release(struct send_record *r) {
    base_arena_release(&r->arena);
}

static struct send_record_step *add(struct send_record *r, const char *step, bool in_tls) {
    struct send_record_step *s =
        base_arena_append(&r->arena, &r->steps, &r->count, &r->cap, sizeof *s);
    if (s)
        *s = (struct send_record_step){
            .step = step, .said = "", .in_tls = in_tls, .enhanced = "", .text = ""};
    return s;
}

void send_record_said(struct send_record *r, const char *step, struct base_bytes said,
                      bool in_tls) {
    struct send_record_step *s = r->on ? add(r, step, in_tls) : NULL;
    if (s)
        s->said = base_arena_str_bytes(&r->arena, said);
}

static const char *text_of(struct send_record *r, const struct facts_reply *reply) {
    struct base_buf b;
    base_buf_init(&b, TEXT_MAX);
    for (size_t i = 0; i < reply->line_count; i++) {
        if (i > 0)
            base_buf_append_byte(&b, '\n');
        base_buf_append_bytes(&b, reply->lines[i]);
    }
    const char *s = base_arena_str_bytes(&r->arena, base_buf_view(&b));
    base_buf_release(&b);
    return s;
}

/* Greetings, and verdicts on the message, answer no command. */
static struct send_record_step *step_for(struct send_record *r, const char *step, bool in_tls) {
    while (r->next < r->count && r->steps[r->next].answered)
        r->next++;
    return r->next < r->count ? &r->steps[r->next] : add(r, step, in_tls);
}

void send_record_heard(struct send_record *r, const char *step, const struct facts_reply *reply,
                       bool as_expected, bool in_tls, double ms) {
    struct send_record_step *s = r->on ? step_for(r, step, in_tls) : NULL;
    if (!s)
        return;
    s->step = step; /* with PIPELINING the command did not know */
    s->answered = true;
    s->timed_out = reply == NULL;
    s->as_expected = as_expected;
    s->ms = ms;
    if (reply) {
        s->code = reply->code;
        s->enhanced = base_arena_str(&r->arena, reply->enhanced);
        s->text = text_of(r, reply);
    }
}

void send_record_tls(struct send_record *r, const struct tls_session *s, const char *verify_name) {
    if (!r->on)
        return;
    r->tls_up = true;
    tls_session_read_facts(s, &r->arena, &r->tls);
    r->verify_error = base_arena_str(&r->arena, client_verify_error(s));
    r->name_matches = verify_name && verify_name[0] && client_names_host(s, verify_name);
}

/* --- JSON --- */

static void write_target(struct base_json *j, const struct send_plan *plan) {
    static const char *const transports[] = {
        [SEND_TCP] = "tcp", [SEND_UNIX] = "unix", [SEND_PIPE] = "pipe"};
    const struct send_target *t = &plan->target;
    base_json_object(j, "target");
    base_json_str(j, "transport", transports[t->transport]);
    if (t->transport == SEND_TCP) {
        report_json_text(j, "server", t->server);
        report_json_text(j, "port", t->port);
    }
    if (t->transport == SEND_UNIX)
        report_json_text(j, "socket", t->socket_path);
    if (t->transport == SEND_PIPE)
        report_json_text(j, "command", t->command);
    base_json_end(j);
}

static void write_tls(struct base_json *j, const struct send_record *r) {
    if (!r->tls_up) {
        base_json_null(j, "tls");
        return;
    }
    base_json_object(j, "tls");
    report_json_text(j, "protocol", r->tls.protocol);
    report_json_text(j, "cipher_suite", r->tls.cipher_suite);
    base_json_int(j, "cipher_bits", r->tls.cipher_bits);
    report_json_text(j, "group", r->tls.group);
    report_json_text(j, "signature_scheme", r->tls.signature_scheme);
    report_json_text(j, "sni", r->tls.sni);
    base_json_bool(j, "resumed", r->tls.resumed);
    base_json_bool(j, "chain_ok", r->verify_error[0] == '\0');
    report_json_text(j, "chain_error", r->verify_error);
    base_json_bool(j, "name_ok", r->name_matches);
    base_json_ms(j, "ms", r->tls.ms);
    base_json_end(j);
}

static void write_step(struct base_json *j, const struct send_record_step *s) {
    base_json_object(j, NULL);
    base_json_str(j, "step", s->step);
    report_json_text(j, "said", s->said);
    base_json_bool(j, "in_tls", s->in_tls);
    base_json_bool(j, "answered", s->answered && !s->timed_out);
    base_json_bool(j, "timed_out", s->timed_out);
    if (s->answered && !s->timed_out) {
        base_json_int(j, "code", s->code);
        report_json_text(j, "enhanced", s->enhanced);
        const struct know_mail_status *known = know_mail_status_find(s->enhanced);
        report_json_text(j, "enhanced_meaning", known ? known->meaning : NULL);
        base_json_str(j, "text", s->text);
    }
    base_json_bool(j, "as_expected", s->as_expected);
    base_json_ms(j, "ms", s->ms);
    base_json_end(j);
}

static void write_policy(struct base_json *j, const struct send_policy_facts *p) {
    static const char *const names[] = {[SEND_POLICY_NONE] = "none",
                                        [SEND_POLICY_DANE] = "dane",
                                        [SEND_POLICY_MTA_STS] = "mta-sts",
                                        [SEND_POLICY_PKIX] = "pkix"};
    if (!p || p->policy == SEND_POLICY_NONE) {
        base_json_null(j, "policy");
        return;
    }
    base_json_object(j, "policy");
    base_json_str(j, "name", names[p->policy]);
    base_json_bool(j, "held", p->held);
    report_json_text(j, "why", p->why);
    if (p->tlsa)
        report_json_tlsa(j, p->tlsa);
    if (p->sts)
        report_json_sts(j, p->sts);
    base_json_end(j);
}

static void write_errors(struct base_json *j, struct base_bytes errors) {
    base_json_array(j, "errors");
    while (errors.len > 0) {
        size_t end = base_bytes_find(errors, '\n');
        base_json_bytes(j, NULL, base_bytes_slice(errors, 0, end));
        errors = base_bytes_slice(errors, end + 1, errors.len);
    }
    base_json_end(j);
}

void send_record_json(const struct send_record *r, const struct send_plan *plan,
                      const struct send_policy_facts *policy, enum send_exit code,
                      struct base_bytes errors, struct base_json *j) {
    base_json_object(j, NULL);
    base_json_str(j, "schema", "waxseal-send/1");
    write_target(j, plan);
    base_json_int(j, "exit", code);
    report_json_text(j, "exit_meaning", send_exit_meaning(code));
    write_policy(j, policy);
    write_tls(j, r);
    base_json_array(j, "steps");
    for (size_t i = 0; i < r->count; i++)
        write_step(j, &r->steps[i]);
    base_json_end(j);
    base_json_array(j, "findings");
    for (size_t i = 0; i < r->finding_count; i++)
        report_json_reason(j, &r->findings[i]);
    base_json_end(j);
    write_errors(j, errors);
    base_json_end(j);
}
