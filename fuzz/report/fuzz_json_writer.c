/* SPDX-License-Identifier: Apache-2.0 */
/* Random calls of the JSON writer: when it says that all is done, an independent reader must be
 * able to parse what it wrote. */
#include "base/json.h"
#include "base/text.h"

#include <assert.h>
#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- a small reader of RFC 8259, written for this test ------------------------------------------
 */

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

/* --- the calls
 * ------------------------------------------------------------------------------------- */

static void call(struct base_json *j, uint8_t what, struct base_bytes arg) {
    char key[32] = {0};
    (void)base_bytes_copy(key, sizeof key - 1, arg);
    const char *k = what & 0x80 ? key : NULL;
    double ms = 0;
    (void)base_bytes_copy(&ms, sizeof ms, arg);
    switch (what & 7) {
    case 0:
        base_json_object(j, k);
        break;
    case 1:
        base_json_array(j, k);
        break;
    case 2:
    case 3:
        base_json_end(j);
        break;
    case 4:
        base_json_bytes(j, k, arg);
        break;
    case 5:
        base_json_ms(j, k, ms);
        break;
    case 6:
        base_json_bool(j, k, (what & 8) != 0);
        break;
    default:
        base_json_int(j, k, (int64_t)ms % 1000);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct base_buf out;
    struct base_json j;
    base_buf_init(&out, 1 << 20);
    base_json_init(&j, &out, size > 0 && (data[0] & 1));
    for (size_t at = 1; at + 1 < size;) {
        uint8_t what = data[at], len = data[at + 1];
        struct base_bytes arg = base_bytes_slice(base_bytes_view(data, size), at + 2, len & 31);
        if ((what & 7) == 5 || (what & 7) == 7) {
            double d = 0;
            (void)base_bytes_copy(&d, sizeof d, arg);
            if ((what & 7) == 7 && !(fabs(d) < 9e15))
                what = 6;
        }
        call(&j, what, arg);
        at += 2 + arg.len;
    }
    if (base_json_done(&j)) {
        struct text t = {out.data + out.start, out.data + out.start + out.len};
        assert(value(&t, 0));
        blanks(&t);
        assert(t.p == t.end);
    }
    base_buf_release(&out);
    return 0;
}
