/* SPDX-License-Identifier: Apache-2.0 */
/* send_process - turns options into a plan.
 *
 * Stage by stage in the order in which swaks looks at its options, because that decides which of
 * two mistakes is reported and in which order the user is asked: output, transport, protocol,
 * envelope, route, content, TLS, port, XCLIENT, PROXY, AUTH, and at last what is ours alone. The
 * first mistake ends it. Nothing is connected here; the route may ask the DNS.
 *
 * Ownership: all texts live in the caller's arena.
 */
#include "send/process.h"

#include "send/process_private.h"

#include "base/text.h"

#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "send/file.h"

#define CONTENT_MAX ((size_t)256 << 20)

/* --- mistakes --- */

/* One line, whatever the value in it holds; in swaks' manner as it comes. */
static void write_error(struct send_process *p, struct base_bytes text) {
    struct base_buf line;
    base_buf_init(&line, 1u << 22);
    if (p->s->manner == SEND_AS_WAXSEAL)
        base_text_escape(&line, text);
    else
        base_buf_append_bytes(&line, text);
    send_transcript_text(&p->transcript, SEND_LINE_ERROR, false, base_buf_view(&line));
    base_buf_release(&line);
}

bool send_fail(struct send_process *p, enum send_exit code, const char *fmt, ...) {
    struct base_buf text;
    va_list ap;
    base_buf_init(&text, 65536);
    va_start(ap, fmt);
    base_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    write_error(p, base_buf_view(&text));
    base_buf_release(&text);
    p->exit = code;
    return false;
}

static void write_mistake(struct send_process *p, enum send_mistake m, const char *a, const char *b,
                          const char *c) {
    struct base_buf text;
    base_buf_init(&text, 1u << 20);
    send_mistake_text(m, p->s->manner, a, b, c, &text);
    write_error(p, base_buf_view(&text));
    base_buf_release(&text);
}

bool send_wrong(struct send_process *p, enum send_mistake m, const char *a, const char *b,
                const char *c) {
    write_mistake(p, m, a, b, c);
    p->exit = send_mistake_exit(m);
    return false;
}

void send_remark(struct send_process *p, enum send_mistake m, const char *a) {
    write_mistake(p, m, a, NULL, NULL);
}

/* --- values --- */

static const char *name_of(struct send_process *p, enum send_option_id id) {
    size_t len;
    const char *name = send_option_name(id, &len);
    return base_arena_str_bytes(p->arena, base_bytes_view(name, len));
}

const char *send_given_value(struct send_process *p, const struct send_given *g) {
    const struct send_option *o = send_option_at(g->option);
    if (*g->value || o->empty == SEND_EMPTY_FINE)
        return g->value;
    if (o->empty == SEND_EMPTY_ERROR) {
        send_wrong(p, SEND_MISTAKE_EMPTY, name_of(p, g->option), NULL, NULL);
        return NULL;
    }
    send_transcript_flush(&p->transcript);
    const char *answer = send_prompt_ask(p->prompt, o->prompt, o->answer, o->secret);
    if (!answer)
        send_wrong(p, SEND_MISTAKE_INPUT_END, name_of(p, g->option), NULL, NULL);
    return answer;
}

const char *send_value(struct send_process *p, enum send_option_id id) {
    struct send_given g = {.option = id, .value = send_args_value(p->args, id)};
    if (!g.value || p->exit != SEND_EXIT_OK)
        return NULL;
    return send_given_value(p, &g);
}

bool send_has(const struct send_process *p, enum send_option_id id) {
    return send_args_given(p->args, id);
}

bool send_content_bytes(struct send_process *p, enum send_option_id id, const char *value,
                        struct base_bytes *out) {
    bool good = true;
    const char *path = value + 1;
    if (strcmp(value, "-") == 0) {
        path = "-";
        good = send_prompt_rest(p->prompt, CONTENT_MAX, out);
    } else if (value[0] == '@' && value[1] != '@') {
        good = send_file_read(p->arena, path, CONTENT_MAX, out);
    } else {
        *out = base_bytes_of_str(value[0] == '@' ? value + 1 : value);
    }
    if (!good)
        return send_wrong(p, SEND_MISTAKE_FILE, path, name_of(p, id), strerror(errno));
    return true;
}

bool send_value_bytes(struct send_process *p, enum send_option_id id, struct base_bytes *out) {
    const char *value = send_value(p, id);
    return value && send_content_bytes(p, id, value, out);
}

/* --- texts --- */

void send_texts_add(struct send_texts *t, struct base_arena *arena, const char *text) {
    const char **slot = base_arena_append(arena, &t->items, &t->count, &t->cap, sizeof *t->items);
    if (slot)
        *slot = text;
}

static bool is_blank(uint8_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

void send_texts_split(struct send_texts *t, struct base_arena *arena, const char *list) {
    struct base_bytes rest = base_bytes_of_str(list);
    size_t first = t->count, filled = t->count;
    while (rest.len > 0) {
        size_t comma = base_bytes_find(rest, ',');
        struct base_bytes one = base_bytes_slice(rest, 0, comma);
        /* white space before a comma and after it belongs to the comma, and no other does */
        while (t->count > first && one.len > 0 && is_blank(one.data[0]))
            one = base_bytes_slice(one, 1, one.len);
        while (comma < rest.len && one.len > 0 && is_blank(one.data[one.len - 1]))
            one.len--;
        send_texts_add(t, arena, base_arena_str_bytes(arena, one));
        if (one.len > 0)
            filled = t->count;
        rest = base_bytes_slice(rest, comma + 1, rest.len);
    }
    t->count = filled;
}

const char *send_texts_join(const struct send_texts *t, struct base_arena *arena,
                            const char *between) {
    struct base_buf all;
    base_buf_init(&all, CONTENT_MAX);
    for (size_t i = 0; i < t->count; i++) {
        base_buf_append_str(&all, i ? between : "");
        base_buf_append_str(&all, t->items[i]);
    }
    const char *text = base_arena_str(arena, base_buf_cstr(&all));
    base_buf_release(&all);
    return text;
}

static const char *change_case(struct base_arena *arena, const char *s,
                               uint8_t (*change)(uint8_t)) {
    size_t len = strlen(s);
    char *copy = base_arena_alloc(arena, len + 1);
    for (size_t i = 0; copy && i < len; i++)
        copy[i] = (char)change((uint8_t)s[i]);
    return copy ? copy : "";
}

const char *send_text_lower(struct base_arena *arena, const char *s) {
    return change_case(arena, s, base_ascii_lower);
}

const char *send_text_upper(struct base_arena *arena, const char *s) {
    return change_case(arena, s, base_ascii_upper);
}

const char *send_process_own_name(struct base_arena *arena) {
    char name[256] = "";
    struct addrinfo *list = NULL;
    const struct addrinfo hints = {.ai_family = AF_INET, .ai_flags = AI_CANONNAME};
    if (gethostname(name, sizeof name - 1) != 0)
        return "localhost";
    const char *found = name;
    if (getaddrinfo(name, NULL, &hints, &list) == 0 && list && list->ai_canonname)
        found = list->ai_canonname;
    found = base_arena_str(arena, found);
    if (list)
        freeaddrinfo(list);
    return found;
}

/* --- the whole --- */

enum send_exit send_process(struct send_settings *s, struct send_prompt *prompt) {
    static bool (*const stages[])(struct send_process *) = {
        send_process_check,    send_process_output,   send_process_transport_kind,
        send_process_protocol, send_process_envelope, send_process_route,
        send_process_content,  send_process_tls,      send_process_port,
        send_process_xclient,  send_process_proxy,    send_process_auth,
        send_process_beyond,
    };
    struct send_process p = {.s = s, .arena = s->arena, .args = s->args, .prompt = prompt};
    send_plan_init(&s->plan);
    s->plan.output.out_fd = s->own_out;
    s->plan.output.err_fd = s->own_err;
    s->plan.beyond = &s->beyond;
    s->plan.program = s->program;
    s->plan.as_swaks = s->manner == SEND_AS_SWAKS;
    s->plan.quit_counts = s->plan.output.escape = !s->plan.as_swaks;
    s->fqdn = send_process_own_name(s->arena);
    send_transcript_init(&p.transcript, &s->plan.output);
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
        if (!stages[i](&p) || p.exit != SEND_EXIT_OK)
            break;
    s->error_seen = p.transcript.error_seen;
    send_transcript_release(&p.transcript);
    if (s->arena->failed && p.exit == SEND_EXIT_OK)
        p.exit = SEND_EXIT_OPTION;
    return p.exit;
}
