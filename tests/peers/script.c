/* SPDX-License-Identifier: Apache-2.0 */
/* Reads scripted peers, and names the facts that they may expect. */
#include "script.h"

#include "base/clock.h"
#include "base/text.h"
#include "facts/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX ((size_t)8 << 20)

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* \r \n \t \\ and \xNN (lower case). */
static void unescape(struct base_buf *out, const char *s) {
    for (; *s; s++) {
        if (*s != '\\') {
            base_buf_append_byte(out, (uint8_t)*s);
            continue;
        }
        s++;
        if (*s == 'x' && hex_digit(s[1]) >= 0 && hex_digit(s[2]) >= 0) {
            base_buf_append_byte(out, (uint8_t)(hex_digit(s[1]) * 16 + hex_digit(s[2])));
            s += 2;
        } else {
            base_buf_append_byte(out, *s == 'r'   ? '\r'
                                      : *s == 'n' ? '\n'
                                      : *s == 't' ? '\t'
                                                  : (uint8_t)*s);
        }
    }
}

static struct step *add_step(struct script *s, enum step_kind kind, unsigned line) {
    static struct step spare;
    if (s->count == SCRIPT_STEPS) {
        snprintf(s->error, sizeof s->error, "line %u: more than %d steps", line, SCRIPT_STEPS);
        return &spare;
    }
    struct step *p = &s->steps[s->count++];
    *p = (struct step){.kind = kind, .line = line};
    base_buf_init(&p->text, TEXT_MAX);
    return p;
}

/* "5s", "300ms" in microseconds. */
static uint64_t duration(const char *text) {
    char *end;
    uint64_t n = strtoull(text, &end, 10);
    return strcmp(end, "ms") == 0 ? n * BASE_MSEC : n * BASE_SECOND;
}

static void read_repeated(struct script *s, const char *rest, unsigned line) {
    char *text;
    unsigned long n = strtoul(rest, &text, 10);
    struct step *p = add_step(s, STEP_SAY, line);
    if (*text == ' ')
        text++;
    for (unsigned long i = 0; i < n; i++)
        unescape(&p->text, text);
}

static void read_expectation(struct script *s, const char *rest, unsigned line) {
    struct step *p = add_step(s, STEP_EXPECT, line);
    const char *equals = strstr(rest, " = ");
    if (!equals) {
        snprintf(s->error, sizeof s->error, "line %u: EXPECT field = value", line);
        return;
    }
    snprintf(p->field, sizeof p->field, "%.*s", (int)(equals - rest), rest);
    base_buf_append_str(&p->text, equals + 3);
}

static bool read_leave(const char *how, enum mail_leave *out) {
    *out = strcmp(how, "quit") == 0 ? MAIL_LEAVE_QUIT : MAIL_LEAVE_CLOSE;
    return *out == MAIL_LEAVE_QUIT || strcmp(how, "close") == 0;
}

static bool read_protocol(const char *name, enum facts_protocol *out) {
    for (*out = FACTS_PROTOCOL_SMTP; *out <= FACTS_PROTOCOL_SIEVE; (*out)++)
        if (strcmp(facts_protocol_name(*out), name) == 0)
            return true;
    return false;
}

static bool read_header(struct script *s, const char *word, const char *rest) {
    struct mail_config *c = &s->config;
    if (strcmp(word, "protocol") == 0)
        return read_protocol(rest, &c->protocol);
    if (strcmp(word, "implicit-tls") == 0)
        return c->implicit_tls = true;
    if (strcmp(word, "plain-only") == 0)
        return c->plain_only = true;
    if (strcmp(word, "skip-hello") == 0)
        return c->skip_hello = true;
    if (strcmp(word, "leave") == 0)
        return read_leave(rest, &c->leave);
    if (strcmp(word, "pause") == 0)
        return (c->pace.first_word = duration(rest)) > 0;
    return strcmp(word, "one-segment") == 0 ? (s->joined_only = true) : false;
}

static bool read_event(struct script *s, const char *word, const char *rest, unsigned line) {
    if (strcmp(word, "WAIT") == 0)
        add_step(s, STEP_WAIT, line)->number = duration(rest);
    else if (strcmp(word, "TIMEOUT") == 0)
        add_step(s, STEP_TIMEOUT, line);
    else if (strcmp(word, "TLS") == 0)
        add_step(s, strcmp(rest, "up") == 0 ? STEP_TLS_UP : STEP_TLS_FAILED, line);
    else if (strcmp(word, "CLOSE") == 0)
        add_step(s, STEP_CLOSE, line);
    else if (strcmp(word, "RESET") == 0)
        add_step(s, STEP_RESET, line);
    else
        return false;
    return true;
}

static void read_line(struct script *s, char *line, unsigned number) {
    line[strcspn(line, "\n")] = 0;
    if (line[0] == 0 || line[0] == '#')
        return;
    char *rest = strchr(line, ' ');
    if (rest)
        *rest++ = 0;
    else
        rest = line + strlen(line);
    if (strcmp(line, "S") == 0) {
        struct step *p = add_step(s, STEP_SAY, number);
        unescape(&p->text, rest);
        base_buf_append_str(&p->text, "\r\n");
    } else if (strcmp(line, "RAW") == 0) {
        unescape(&add_step(s, STEP_SAY, number)->text, rest);
    } else if (strcmp(line, "REPEAT") == 0) {
        read_repeated(s, rest, number);
    } else if (strcmp(line, "C") == 0) {
        struct step *p = add_step(s, STEP_HEAR, number);
        unescape(&p->text, rest);
        if (rest[0])
            base_buf_append_str(&p->text, "\r\n");
    } else if (strcmp(line, "EXPECT") == 0) {
        read_expectation(s, rest, number);
    } else if (!read_header(s, line, rest) && !read_event(s, line, rest, number)) {
        snprintf(s->error, sizeof s->error, "line %u: what is '%.40s'?", number, line);
    }
}

void script_read(struct script *s, const char *path) {
    char *line = NULL;
    size_t size = 0;
    unsigned number = 0;
    const char *base = strrchr(path, '/');
    memset(s, 0, sizeof *s);
    snprintf(s->name, sizeof s->name, "%s", base ? base + 1 : path);
    FILE *f = fopen(path, "r");
    if (!f) {
        snprintf(s->error, sizeof s->error, "can't be opened");
        return;
    }
    while (getline(&line, &size, f) >= 0)
        read_line(s, line, ++number);
    free(line);
    fclose(f);
    if (s->count == 0 && !s->error[0])
        snprintf(s->error, sizeof s->error, "no step inside");
}

void script_release(struct script *s) {
    for (size_t i = 0; i < s->count; i++)
        base_buf_release(&s->steps[i].text);
}

/* --- facts by name
 * -------------------------------------------------------------------------------- */

static void reply_field(const struct facts_reply *r, const char *field, struct base_buf *out) {
    size_t first = 0;
    if (strcmp(field, "code") == 0)
        base_buf_printf(out, "%d", r->code);
    else if (strcmp(field, "received") == 0)
        base_buf_append_str(out, r->received ? "yes" : "no");
    else if (strcmp(field, "status") == 0)
        base_buf_append_str(out, r->status);
    else if (strcmp(field, "enhanced") == 0)
        base_buf_append_str(out, r->enhanced);
    else if (strcmp(field, "lines") == 0)
        base_buf_printf(out, "%zu", r->line_count);
    else if (strcmp(field, "lines_dropped") == 0)
        base_buf_printf(out, "%zu", r->lines_dropped);
    else if (strcmp(field, "text") == 0 && r->line_count > first)
        base_text_escape(out, r->lines[first]);
    else if (strcmp(field, "flags") == 0)
        base_buf_printf(out, "%s%s%s%s%s", r->bare_lf ? "bare_lf " : "",
                        r->bare_cr ? "bare_cr " : "", r->control_bytes ? "control_bytes " : "",
                        r->mixed_codes ? "mixed_codes " : "",
                        r->truncated_line ? "truncated_line " : "");
    else if (strcmp(field, "ms") == 0)
        base_buf_printf(out, "%.0f", r->ms);
    else
        base_buf_printf(out, "no such field");
}

static void ehlo_field(const struct facts_ehlo *e, const char *field, struct base_buf *out) {
    if (strcmp(field, "verb") == 0)
        base_buf_append_str(out, e->verb ? e->verb : "");
    else if (strcmp(field, "domain") == 0)
        base_buf_append_str(out, e->domain ? e->domain : "");
    else if (strcmp(field, "rejected") == 0)
        base_buf_append_str(out, e->ehlo_rejected ? "yes" : "no");
    else if (strcmp(field, "keywords") == 0) {
        for (size_t i = 0; i < e->keyword_count; i++)
            base_buf_printf(out, "%s%s", i ? " " : "", e->keywords[i].name);
    } else if (strncmp(field, "keyword.", 8) == 0) {
        for (size_t i = 0; i < e->keyword_count; i++)
            if (strcmp(e->keywords[i].name, field + 8) == 0)
                base_buf_printf(out, "<%s>", e->keywords[i].params);
    } else if (strncmp(field, "rejection.", 10) == 0) {
        reply_field(&e->rejection, field + 10, out);
    } else {
        reply_field(&e->reply, field, out);
    }
}

static void starttls_field(const struct facts_starttls *s, const char *field,
                           struct base_buf *out) {
    if (strcmp(field, "offered") == 0)
        base_buf_append_str(out, s->offered ? "yes" : "no");
    else if (strcmp(field, "masked") == 0)
        base_buf_append_str(out, s->offered_masked ? "yes" : "no");
    else if (strcmp(field, "as") == 0)
        base_buf_printf(out, "<%s>", s->offered_as ? s->offered_as : "");
    else if (strcmp(field, "asked") == 0)
        base_buf_append_str(out, s->asked ? "yes" : "no");
    else if (strcmp(field, "early_bytes") == 0)
        base_buf_printf(out, "%zu", s->early_bytes);
    else if (strcmp(field, "early") == 0)
        base_text_escape(out, s->early);
    else if (strcmp(field, "without_hello") == 0)
        base_buf_append_str(out, s->without_hello ? "yes" : "no");
    else if (strncmp(field, "rejection.", 10) == 0)
        reply_field(&s->rejection, field + 10, out);
    else
        reply_field(&s->reply, field, out);
}

void script_field(const struct facts_endpoint *e, const char *field, struct base_buf *out) {
    if (strcmp(field, "step") == 0)
        base_buf_append_str(out, facts_step_name(e->step));
    else if (strcmp(field, "stop") == 0)
        base_buf_append_str(out, facts_stop_name(e->stop));
    else if (strcmp(field, "error") == 0)
        base_buf_append_str(out, e->error);
    else if (strcmp(field, "unread") == 0)
        base_text_escape(out, e->unread);
    else if (strcmp(field, "unsolicited_bytes") == 0)
        base_buf_printf(out, "%zu", e->unsolicited_bytes);
    else if (strncmp(field, "greeting.", 9) == 0)
        reply_field(&e->greeting, field + 9, out);
    else if (strncmp(field, "ehlo.", 5) == 0)
        ehlo_field(&e->ehlo, field + 5, out);
    else if (strncmp(field, "starttls.", 9) == 0)
        starttls_field(&e->starttls, field + 9, out);
    else if (strncmp(field, "ehlo_tls.", 9) == 0)
        ehlo_field(&e->ehlo_tls, field + 9, out);
    else if (strncmp(field, "quit.", 5) == 0)
        reply_field(&e->quit, field + 5, out);
    else
        base_buf_append_str(out, "no such field");
}
