/* SPDX-License-Identifier: Apache-2.0 */
/* process_message - what the message is made of.
 *
 * Attached files are only looked at here, not read: the message reads them while it is sent.
 */
#include "swaks/process_private.h"

#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* --- time --- */

static bool choose_timeout(struct swaks_process *p) {
    const char *typed = swaks_value(p, SWAKS_OPT_TIMEOUT);
    if (p->exit != SEND_EXIT_OK)
        return false;
    if (!typed)
        typed = "30";
    if (!swaks_prompt_accepts(SWAKS_ANSWER_TIME, typed))
        return swaks_wrong(p, SWAKS_MISTAKE_TIMEOUT, typed, NULL, NULL);
    size_t digits = strspn(typed, "0123456789");
    uint64_t n = 0;
    if (!base_bytes_to_uint(base_bytes_view(typed, digits), 1000000000, &n))
        n = 1000000000;
    char unit = (char)base_ascii_lower((uint8_t)typed[digits]);
    n *= unit == 'h' ? 3600 : unit == 'm' ? 60 : 1;
    p->s->plan.timeout = (base_usec)n * 1000000;
    p->s->timeout = unit ? base_arena_printf(p->arena, "%llu", (unsigned long long)n) : typed;
    return true;
}

/* --- parts --- */

/* What --attach-type and --attach-name have said for the parts that follow. */
struct part_state {
    const char *type;
    const char *name;
    struct message_part *parts;
    size_t count;
    size_t cap;
};

static struct message_part *add_part(struct swaks_process *p, struct part_state *state,
                                     enum message_part_kind kind) {
    struct message_part *part =
        base_arena_append(p->arena, &state->parts, &state->count, &state->cap, sizeof *part);
    if (part)
        *part = (struct message_part){.kind = kind, .type = state->type, .name = state->name};
    state->name = NULL;
    if (kind == MESSAGE_PART_BODY) /* a type is for attachments from then on, but for one body */
        state->type = NULL;
    return part;
}

static bool is_readable(struct swaks_process *p, enum swaks_option_id id, const char *path) {
    struct stat st;
    bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    if (folder && p->s->manner == SWAKS_MANNER_WAXSEAL)
        return swaks_fail(p, SEND_EXIT_OPTION, "--%s %s: a folder; name one file in it",
                          swaks_option_at(id)->names, path);
    if (access(path, R_OK) == 0)
        return true;
    return swaks_wrong(p, SWAKS_MISTAKE_FILE, path, swaks_option_at(id)->names, strerror(errno));
}

static bool add_content(struct swaks_process *p, struct part_state *state, enum swaks_option_id id,
                        const char *value) {
    enum message_part_kind kind =
        id == SWAKS_OPT_ATTACH_BODY ? MESSAGE_PART_BODY : MESSAGE_PART_ATTACHED;
    struct message_part *part = add_part(p, state, kind);
    if (!part)
        return false;
    if (value[0] != '@' || value[1] == '@')
        return swaks_content_bytes(p, id, value, &part->bytes);
    part->path = value + 1;
    return is_readable(p, id, part->path);
}

/* --attach-file PATH, --attach-inline PATH[,CONTENT-ID]. */
static bool add_file(struct swaks_process *p, struct part_state *state, enum swaks_option_id id,
                     const char *value) {
    bool is_inline = id == SWAKS_OPT_ATTACH_INLINE;
    struct message_part *part =
        add_part(p, state, is_inline ? MESSAGE_PART_INLINE : MESSAGE_PART_ATTACHED);
    if (!part)
        return false;
    part->guess_type = true;
    part->path = value;
    const char *comma = is_inline ? strrchr(value, ',') : NULL;
    if (comma) {
        part->path =
            base_arena_str_bytes(p->arena, base_bytes_view(value, (size_t)(comma - value)));
        part->content_id = comma + 1;
    } else if (is_inline) {
        const char *slash = strrchr(value, '/');
        part->content_id = slash ? slash + 1 : value;
    }
    return is_readable(p, id, part->path);
}

static bool add_given_part(struct swaks_process *p, struct part_state *state,
                           const struct swaks_given *g) {
    const char *value = swaks_given_value(p, g);
    if (!value)
        return false;
    switch (g->option) {
    case SWAKS_OPT_ATTACH_TYPE:
        state->type = value;
        return true;
    case SWAKS_OPT_ATTACH_NAME:
        state->name = value;
        return true;
    case SWAKS_OPT_ATTACH_FILE:
    case SWAKS_OPT_ATTACH_INLINE:
        return add_file(p, state, g->option, value);
    default:
        return add_content(p, state, g->option, value);
    }
}

static bool choose_parts(struct swaks_process *p) {
    struct part_state state = {0};
    for (size_t i = 0; i < p->args->count; i++) {
        const struct swaks_given *g = &p->args->given[i];
        if (swaks_option_at(g->option)->group != SWAKS_GROUP_ATTACH)
            continue;
        p->s->message.always_mime = p->s->manner == SWAKS_MANNER_SWAKS;
        if (!add_given_part(p, &state, g))
            return false;
    }
    p->s->message.parts = state.parts;
    p->s->message.part_count = state.count;
    return true;
}

/* --- header fields --- */

static bool envelope_is_ascii(const struct send_plan *plan) {
    for (size_t i = 0; i < plan->recipient_count; i++)
        if (!base_text_is_ascii(plan->recipients[i]))
            return false;
    return base_text_is_ascii(plan->from);
}

/* Where the envelope needs SMTPUTF8 anyway, the header may be in UTF-8 as well (RFC 6532). */
static void encode_fields(struct swaks_process *p, const char *const *items, size_t count) {
    bool raw = p->s->manner == SWAKS_MANNER_SWAKS || swaks_has(p, SWAKS_OPT_SMTPUTF8) ||
               !envelope_is_ascii(&p->s->plan);
    const char **fields = (const char **)(uintptr_t)items; /* ours, made a moment ago */
    for (size_t i = 0; !raw && i < count; i++)
        fields[i] = message_header_words(p->arena, items[i]);
}

/* --- texts --- */

static bool choose_list(struct swaks_process *p, enum swaks_option_id id, const char *const **items,
                        size_t *count) {
    struct swaks_texts list = {0};
    for (size_t i = 0; i < p->args->count; i++) {
        const struct swaks_given *g = &p->args->given[i];
        const char *value = g->option == id ? swaks_given_value(p, g) : NULL;
        if (value)
            swaks_texts_add(&list, p->arena, value);
        else if (p->exit != SEND_EXIT_OK)
            return false;
    }
    *items = list.items;
    *count = list.count;
    return true;
}

/* "@FILE" of a file that can be read again: it is read when the message is made, right into its
 * text, so that a large one is held once. */
static const char *path_of(const char *value) {
    struct stat st;
    const char *path = value + 1;
    bool good = value[0] == '@' && value[1] != '@' && strcmp(path, "-") != 0 &&
                access(path, R_OK) == 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
                st.st_size > 0 && (size_t)st.st_size <= SWAKS_CONTENT_MAX;
    return good ? path : NULL;
}

static bool choose_text(struct swaks_process *p, enum swaks_option_id id, struct base_bytes *bytes,
                        const char **path) {
    const char *value = swaks_value(p, id);
    *path = value ? path_of(value) : NULL;
    return *path || (value && swaks_content_bytes(p, id, value, bytes));
}

static bool choose_body(struct swaks_process *p) {
    struct message_input *m = &p->s->message;
    m->body = base_bytes_of_str("This is a test mailing");
    if (choose_text(p, SWAKS_OPT_BODY, &m->body, &m->body_path))
        return true;
    m->body_is_dump =
        !swaks_has(p, SWAKS_OPT_BODY) && (swaks_has(p, SWAKS_OPT_DUMP_AS_BODY) ||
                                          swaks_has(p, SWAKS_OPT_DUMP_AS_BODY_SHOWS_PASSWORD));
    return p->exit == SEND_EXIT_OK;
}

static bool choose_data(struct swaks_process *p) {
    struct message_input *m = &p->s->message;
    if (choose_text(p, SWAKS_OPT_DATA, &m->data, &m->data_path))
        m->data_given = m->data_path || m->data.len > 0;
    return p->exit == SEND_EXIT_OK;
}

bool swaks_process_content(struct swaks_process *p) {
    struct swaks_settings *s = p->s;
    struct message_input *m = &s->message;
    *m = (struct message_input){
        .from = s->plan.from,
        .to = s->to,
        .cc = s->cc,
        .bcc = s->bcc,
        .fqdn = s->fqdn,
        .pid = (unsigned)getpid(),
        .now = time(NULL),
        .version = s->version,
        .no_data_fixup = swaks_has(p, SWAKS_OPT_NO_DATA_FIXUP),
        .no_strip_from = swaks_has(p, SWAKS_OPT_NO_STRIP_FROM),
        .as_swaks = s->manner == SWAKS_MANNER_SWAKS,
    };
    if (!choose_timeout(p) || !choose_body(p) || !choose_parts(p) || !choose_data(p))
        return false;
    if (m->no_data_fixup) /* nothing is replaced or added then */
        return true;
    if (!choose_list(p, SWAKS_OPT_ADD_HEADER, &m->add_headers, &m->add_header_count) ||
        !choose_list(p, SWAKS_OPT_HEADER, &m->headers, &m->header_count))
        return false;
    encode_fields(p, m->add_headers, m->add_header_count);
    encode_fields(p, m->headers, m->header_count);
    return true;
}
