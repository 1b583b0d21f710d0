/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_FUZZ_REPORT_JSON_READER_H
#define WAXSEAL_FUZZ_REPORT_JSON_READER_H

/* A small reader of RFC 8259 that shares nothing with the writer but the UTF-8 decoder: it only
 * tells whether a text is one JSON value. */
#include "base/bytes.h"
#include "base/text.h"

struct text {
    const uint8_t *p, *end;
};

static bool value(struct text *t, int depth);

static void blanks(struct text *t) {
    while (t->p < t->end && (*t->p == ' ' || *t->p == '\n'))
        t->p++;
}

static bool take(struct text *t, const char *word) {
    const uint8_t *p = t->p;
    for (; *word; word++, p++)
        if (p == t->end || *p != (uint8_t)*word)
            return false;
    t->p = p;
    return true;
}

static bool escape(struct text *t) {
    static const char plain[] = "\"\\/bfnrt";
    if (t->p == t->end)
        return false;
    uint8_t c = *t->p++;
    for (const char *e = plain; *e; e++)
        if (c == (uint8_t)*e)
            return true;
    if (c != 'u' || t->end - t->p < 4)
        return false;
    for (int i = 0; i < 4; i++, t->p++)
        if (!(*t->p >= '0' && *t->p <= '9') && !(*t->p >= 'a' && *t->p <= 'f'))
            return false;
    return true;
}

static bool string(struct text *t) {
    if (!take(t, "\""))
        return false;
    while (t->p < t->end && *t->p != '"') {
        uint32_t cp = 0;
        if (*t->p == '\\') {
            t->p++;
            if (!escape(t))
                return false;
            continue;
        }
        size_t n = base_text_utf8_next(base_bytes_view(t->p, (size_t)(t->end - t->p)), &cp);
        if (n == 0 || cp < 0x20)
            return false;
        t->p += n;
    }
    return take(t, "\"");
}

static bool digits(struct text *t) {
    const uint8_t *from = t->p;
    while (t->p < t->end && base_ascii_is_digit(*t->p))
        t->p++;
    return t->p > from;
}

static bool number(struct text *t) {
    (void)take(t, "-");
    const uint8_t *from = t->p;
    if (!digits(t) || (*from == '0' && t->p - from > 1))
        return false;
    return !take(t, ".") || digits(t);
}

static bool members(struct text *t, const char *close, bool keys, int depth) {
    blanks(t);
    if (take(t, close))
        return true;
    do {
        blanks(t);
        if (keys && !(string(t) && take(t, ":")))
            return false;
        blanks(t);
        if (!value(t, depth + 1))
            return false;
        blanks(t);
    } while (take(t, ","));
    return take(t, close);
}

static bool value(struct text *t, int depth) {
    if (depth > 64 || t->p == t->end)
        return false;
    if (take(t, "{"))
        return members(t, "}", true, depth);
    if (take(t, "["))
        return members(t, "]", false, depth);
    if (*t->p == '"')
        return string(t);
    return take(t, "true") || take(t, "false") || take(t, "null") || number(t);
}

static bool json_is_whole(struct base_bytes b) {
    struct text t = {b.data, b.data + b.len};
    if (!value(&t, 0))
        return false;
    blanks(&t);
    return t.p == t.end;
}

#endif
