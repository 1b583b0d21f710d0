/* SPDX-License-Identifier: Apache-2.0 */
/* process - turns options into a plan.
 *
 * Stage by stage in the order in which swaks looks at its options, because that decides which of
 * two mistakes is reported and in which order the user is asked: output, transport, protocol,
 * envelope, route, content, TLS, port, XCLIENT, PROXY, AUTH, and at last what is ours alone. The
 * first mistake ends it. Nothing is connected here; the route may ask the DNS.
 *
 * Ownership: all texts live in the caller's arena.
 */
#include "swaks/process.h"

#include "swaks/process_private.h"

#include "base/text.h"

#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

/* --- mistakes --- */

/* One line, whatever the value in it holds; in swaks' manner as it comes. */
static void write_error(struct swaks_process *p, struct base_bytes text) {
    struct base_buf line;
    base_buf_init(&line, 1u << 22);
    if (p->s->manner == SWAKS_MANNER_WAXSEAL)
        base_text_escape(&line, text);
    else
        base_buf_append_bytes(&line, text);
    send_transcript_text(&p->transcript, SEND_LINE_ERROR, false, base_buf_view(&line));
    base_buf_release(&line);
}

bool swaks_fail(struct swaks_process *p, enum send_exit code, const char *fmt, ...) {
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

static void write_mistake(struct swaks_process *p, enum swaks_mistake m, const char *a,
                          const char *b, const char *c) {
    struct base_buf text;
    base_buf_init(&text, 1u << 20);
    swaks_mistake_text(m, p->s->manner, a, b, c, &text);
    write_error(p, base_buf_view(&text));
    base_buf_release(&text);
}

bool swaks_wrong(struct swaks_process *p, enum swaks_mistake m, const char *a, const char *b,
                 const char *c) {
    write_mistake(p, m, a, b, c);
    p->exit = swaks_mistake_exit(m);
    return false;
}

void swaks_remark(struct swaks_process *p, enum swaks_mistake m, const char *a) {
    write_mistake(p, m, a, NULL, NULL);
}

/* --- values --- */

static const char *name_of(struct swaks_process *p, enum swaks_option_id id) {
    size_t len;
    const char *name = swaks_option_name(id, &len);
    return base_arena_str_bytes(p->arena, base_bytes_view(name, len));
}

const char *swaks_given_value(struct swaks_process *p, const struct swaks_given *g) {
    const struct swaks_option *o = swaks_option_at(g->option);
    if (*g->value || o->empty == SWAKS_EMPTY_FINE)
        return g->value;
    if (o->empty == SWAKS_EMPTY_ERROR) {
        swaks_wrong(p, SWAKS_MISTAKE_EMPTY, name_of(p, g->option), NULL, NULL);
        return NULL;
    }
    send_transcript_flush(&p->transcript);
    const char *answer = swaks_prompt_ask(p->prompt, o->prompt, o->answer, o->secret);
    if (!answer)
        swaks_wrong(p, SWAKS_MISTAKE_INPUT_END, name_of(p, g->option), NULL, NULL);
    return answer;
}

const char *swaks_value(struct swaks_process *p, enum swaks_option_id id) {
    struct swaks_given g = {.option = id, .value = swaks_args_value(p->args, id)};
    if (!g.value || p->exit != SEND_EXIT_OK)
        return NULL;
    return swaks_given_value(p, &g);
}

bool swaks_has(const struct swaks_process *p, enum swaks_option_id id) {
    return swaks_args_given(p->args, id);
}

bool swaks_content_bytes(struct swaks_process *p, enum swaks_option_id id, const char *value,
                         struct base_bytes *out) {
    bool good = true;
    const char *path = value + 1;
    if (strcmp(value, "-") == 0) {
        path = "-";
        good = swaks_prompt_rest(p->prompt, SWAKS_CONTENT_MAX, out);
    } else if (value[0] == '@' && value[1] != '@') {
        good = base_file_read(p->arena, path, SWAKS_CONTENT_MAX, out);
    } else {
        *out = base_bytes_of_str(value[0] == '@' ? value + 1 : value);
    }
    if (!good)
        return swaks_wrong(p, SWAKS_MISTAKE_FILE, path, name_of(p, id), strerror(errno));
    return true;
}

/* --- texts --- */

void swaks_texts_add(struct swaks_texts *t, struct base_arena *arena, const char *text) {
    const char **slot = base_arena_append(arena, &t->items, &t->count, &t->cap, sizeof *t->items);
    if (slot)
        *slot = text;
}

static bool is_blank(uint8_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

void swaks_texts_split(struct swaks_texts *t, struct base_arena *arena, const char *list) {
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
        swaks_texts_add(t, arena, base_arena_str_bytes(arena, one));
        if (one.len > 0)
            filled = t->count;
        rest = base_bytes_slice(rest, comma + 1, rest.len);
    }
    t->count = filled;
}

const char *swaks_texts_join(const struct swaks_texts *t, struct base_arena *arena,
                             const char *between) {
    struct base_buf all;
    base_buf_init(&all, SWAKS_CONTENT_MAX);
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

const char *swaks_text_lower(struct base_arena *arena, const char *s) {
    return change_case(arena, s, base_ascii_lower);
}

const char *swaks_text_upper(struct base_arena *arena, const char *s) {
    return change_case(arena, s, base_ascii_upper);
}

/* This machine's name as a mail client gives it: the canonical one that the system knows. */
static const char *own_name(struct base_arena *arena) {
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

enum send_exit swaks_process(struct swaks_settings *s, struct swaks_prompt *prompt) {
    static bool (*const stages[])(struct swaks_process *) = {
        swaks_process_check,    swaks_process_output,   swaks_process_transport_kind,
        swaks_process_protocol, swaks_process_envelope, swaks_process_route,
        swaks_process_content,  swaks_process_tls,      swaks_process_port,
        swaks_process_xclient,  swaks_process_proxy,    swaks_process_auth,
        swaks_process_beyond,
    };
    struct swaks_process p = {.s = s, .arena = s->arena, .args = s->args, .prompt = prompt};
    send_plan_init(&s->plan);
    s->plan.output.out_fd = s->own_out;
    s->plan.output.err_fd = s->own_err;
    s->plan.beyond = &s->beyond;
    s->plan.program = s->program;
    s->plan.as_swaks = s->manner == SWAKS_MANNER_SWAKS;
    s->plan.quit_counts = s->plan.output.escape = !s->plan.as_swaks;
    s->fqdn = own_name(s->arena);
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
