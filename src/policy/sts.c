/* SPDX-License-Identifier: Apache-2.0 */
/* sts - reading MTA-STS records and policies
 *
 * Both are written by strangers. Lines end with CRLF or LF; fields may stand in any order; of a
 * field that may stand once the first counts; what is not known is passed over (RFC 8461 sections
 * 3.1, 3.2). A policy without version, mode or max_age, or without mx where the mode asks for them,
 * is none.
 *
 * Ownership: texts are the arena's. Limits: 256 mx patterns, max_age of one year. */
#include "policy/find_private.h"
#include "policy/ruling.h"

#include "base/buf.h"
#include "base/text.h"
#include "facts/names.h"

#include <string.h>

#define MAX_AGE 31557600u
#define ID_MAX 32u
#define NAME_MAX_LEN 253u
#define SHOWN_MAX 80u

static bool is_white(uint8_t c) {
    return base_ascii_is_space(c) || c == '\r';
}

static struct base_bytes trim(struct base_bytes b) {
    while (b.len > 0 && is_white(b.data[0]))
        b = base_bytes_slice(b, 1, b.len);
    while (b.len > 0 && is_white(b.data[b.len - 1]))
        b.len--;
    return b;
}

/* Hostile text for a message: printable, short. */
static const char *shown(struct base_arena *arena, struct base_bytes text) {
    struct base_buf line;
    base_buf_init(&line, 1024);
    base_text_escape_ascii(&line, base_bytes_slice(text, 0, SHOWN_MAX));
    const char *out = base_arena_str(arena, base_buf_cstr(&line));
    base_buf_release(&line);
    return out;
}

/* --- the record in the DNS --- */

/* The part before the next ";", out of the rest. */
static struct base_bytes take_part(struct base_bytes *rest) {
    size_t end = base_bytes_find(*rest, ';');
    struct base_bytes part = trim(base_bytes_slice(*rest, 0, end));
    *rest = base_bytes_slice(*rest, end + 1, rest->len);
    return part;
}

/* "v=STSv1" comes first and is followed by ";" or nothing. */
bool policy_sts_is_record(struct base_bytes text) {
    return base_bytes_equal_str(take_part(&text), "v=STSv1");
}

static bool is_id(struct base_bytes id) {
    for (size_t i = 0; i < id.len; i++)
        if (!base_ascii_is_alnum(id.data[i]))
            return false;
    return id.len > 0 && id.len <= ID_MAX;
}

const char *policy_sts_record_id(struct base_bytes text, struct base_arena *arena,
                                 const char **why) {
    *why = "the record has no id";
    (void)take_part(&text);
    while (text.len > 0) {
        struct base_bytes part = take_part(&text);
        if (!base_bytes_starts_with_nocase(part, "id="))
            continue;
        struct base_bytes id = base_bytes_slice(part, 3, part.len);
        if (is_id(id)) {
            *why = "";
            return base_arena_str_bytes(arena, id);
        }
        *why = base_arena_printf(arena, "the record's id '%s' is not 1 to 32 letters and digits",
                                 shown(arena, id));
        return "";
    }
    return "";
}

/* --- the policy --- */

struct parse {
    struct base_arena *arena;
    struct facts_sts *out;
    bool version, mode, max_age;
};

static bool refuse(struct parse *p, const char *what, struct base_bytes value) {
    p->out->why = base_arena_printf(p->arena, "%s '%s'", what, shown(p->arena, value));
    return false;
}

static bool take_version(struct parse *p, struct base_bytes value) {
    if (p->version)
        return true;
    p->version = base_bytes_equal_str(value, "STSv1");
    return p->version || refuse(p, "the policy is of another version,", value);
}

static bool take_mode(struct parse *p, struct base_bytes value) {
    if (p->mode)
        return true;
    for (enum facts_sts_mode m = FACTS_STS_MODE_NONE; m <= FACTS_STS_MODE_ENFORCE; m++)
        if (base_bytes_equal_str(value, facts_sts_mode_name(m))) {
            p->out->mode = m;
            p->mode = true;
        }
    return p->mode || refuse(p, "the policy has an unknown mode,", value);
}

static bool take_max_age(struct parse *p, struct base_bytes value) {
    uint64_t seconds = 0;
    if (p->max_age)
        return true;
    if (value.len > 10 || !base_bytes_to_uint(value, UINT64_MAX, &seconds))
        return refuse(p, "the policy's max_age is no number of seconds,", value);
    p->out->max_age = seconds > MAX_AGE ? MAX_AGE : (unsigned)seconds;
    p->max_age = true;
    return true;
}

/* Letters, digits, hyphens and underscores between dots; "*." may stand in front. */
static bool is_pattern(struct base_bytes name) {
    bool in_label = false;
    if (base_bytes_starts_with_nocase(name, "*."))
        name = base_bytes_slice(name, 2, name.len);
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.data[i];
        if (c == '.' ? !in_label : !base_ascii_is_alnum(c) && c != '-' && c != '_')
            return false;
        in_label = c != '.';
    }
    return in_label && name.len <= NAME_MAX_LEN;
}

static bool take_mx(struct parse *p, struct base_bytes value) {
    struct facts_sts *out = p->out;
    struct base_buf name;
    if (value.len > 0 && value.data[value.len - 1] == '.')
        value.len--;
    if (!is_pattern(value))
        return refuse(p, "the policy's mx is no host name or *.DOMAIN,", value);
    if (out->mx_count == POLICY_STS_MX_MAX)
        return true;
    const char **slot =
        base_arena_append(p->arena, &out->mx, &out->mx_count, &out->mx_cap, sizeof *slot);
    if (!slot)
        return false;
    base_buf_init(&name, NAME_MAX_LEN + 3);
    for (size_t i = 0; i < value.len; i++)
        base_buf_append_byte(&name, base_ascii_lower(value.data[i]));
    *slot = base_arena_str_bytes(p->arena, base_buf_view(&name));
    base_buf_release(&name);
    return true;
}

static bool take_line(struct parse *p, struct base_bytes line) {
    static const struct {
        const char *key;
        bool (*take)(struct parse *, struct base_bytes);
    } rows[] = {
        {"version", take_version}, {"mode", take_mode}, {"max_age", take_max_age}, {"mx", take_mx}};
    size_t colon = base_bytes_find(line, ':');
    struct base_bytes key = trim(base_bytes_slice(line, 0, colon));
    if (colon == line.len)
        return line.len == 0 || refuse(p, "the policy has a line without a colon,", line);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (base_bytes_equal_str(key, rows[i].key))
            return rows[i].take(p, trim(base_bytes_slice(line, colon + 1, line.len)));
    return true; /* an extension */
}

static const char *missing(const struct parse *p) {
    if (!p->version)
        return "the policy has no line 'version: STSv1'";
    if (!p->mode)
        return "the policy has no mode";
    if (!p->max_age)
        return "the policy has no max_age";
    if (p->out->mode != FACTS_STS_MODE_NONE && p->out->mx_count == 0)
        return "the policy names no mx";
    return NULL;
}

bool policy_sts_parse(struct base_bytes text, struct base_arena *arena, struct facts_sts *out) {
    struct parse p = {.arena = arena, .out = out};
    out->why = "";
    if (text.len > POLICY_STS_BYTES_MAX) {
        out->why = "the policy is longer than 64 KiB";
        return false;
    }
    while (text.len > 0) {
        size_t end = base_bytes_find(text, '\n');
        if (!take_line(&p, trim(base_bytes_slice(text, 0, end))))
            return false;
        text = base_bytes_slice(text, end + 1, text.len);
    }
    const char *lack = missing(&p);
    if (lack)
        out->why = lack;
    return !lack && !arena->failed;
}

/* --- hosts --- */

static bool matches(const char *pattern, const char *host) {
    size_t len = strlen(host);
    struct base_bytes name = base_bytes_view(host, len);
    if (len > 0 && host[len - 1] == '.')
        name.len--;
    if (pattern[0] != '*')
        return base_bytes_equal_nocase(name, pattern);
    size_t dot = base_bytes_find(name, '.');
    return dot > 0 && base_bytes_equal_nocase(base_bytes_slice(name, dot, name.len), pattern + 1);
}

bool policy_sts_allows(const struct facts_sts *policy, const char *host) {
    for (size_t i = 0; i < policy->mx_count; i++)
        if (matches(policy->mx[i], host))
            return true;
    return false;
}
