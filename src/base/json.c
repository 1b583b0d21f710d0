/* SPDX-License-Identifier: Apache-2.0 */
/* base_json - a streaming writer whose output always parses (RFC 8259).
 *
 * Misuse (a key in an array, an end too many, nesting too deep) fails writer and buffer, so that a
 * half-right document is never mistaken for a whole one. */
#include "base/json.h"

#include "base/text.h"

#include <inttypes.h>
#include <math.h>

void base_json_init(struct base_json *j, struct base_buf *out, bool pretty) {
    *j = (struct base_json){.out = out, .pretty = pretty};
}

void base_json_resume(struct base_json *j, struct base_buf *out, bool pretty, unsigned depth,
                      bool first) {
    base_json_init(j, out, pretty);
    for (unsigned i = 0; i < depth; i++)
        j->has_members[i] = true;
    j->depth = depth;
    j->in_array[depth] = true;
    j->has_members[depth] = !first;
}

static void misuse(struct base_json *j) {
    j->failed = true;
    j->out->failed = true;
}

/* Printable ASCII at the front that needs no escape: most of every text. */
static size_t plain_length(struct base_bytes b) {
    size_t n = 0;
    while (n < b.len && b.data[n] >= 0x20 && b.data[n] < 0x7f && b.data[n] != '"' &&
           b.data[n] != '\\')
        n++;
    return n;
}

static void append_character(struct base_buf *out, struct base_bytes one, uint32_t cp) {
    if (one.len == 0)
        base_buf_append_str(out, "\\ufffd");
    else if (cp == '"' || cp == '\\')
        base_buf_printf(out, "\\%c", (int)cp);
    else if (cp < 0x20 || (cp >= 0x7f && cp <= 0x9f) || cp == 0x2028 || cp == 0x2029)
        base_buf_printf(out, "\\u%04" PRIx32, cp);
    else
        base_buf_append_bytes(out, one);
}

static void append_quoted(struct base_buf *out, struct base_bytes b) {
    base_buf_append_byte(out, '"');
    while (b.len > 0) {
        uint32_t cp = 0;
        size_t plain = plain_length(b);
        base_buf_append_bytes(out, base_bytes_slice(b, 0, plain));
        b = base_bytes_slice(b, plain, b.len);
        if (b.len == 0)
            break;
        size_t len = base_text_utf8_next(b, &cp);
        append_character(out, base_bytes_slice(b, 0, len), cp);
        b = base_bytes_slice(b, len ? len : 1, b.len);
    }
    base_buf_append_byte(out, '"');
}

static void new_line(struct base_json *j) {
    if (!j->pretty)
        return;
    base_buf_append_byte(j->out, '\n');
    for (unsigned i = 0; i < j->depth; i++)
        base_buf_append_str(j->out, "  ");
}

/* Comma, line and key before a value; false on misuse. */
static bool begin_value(struct base_json *j, const char *key) {
    if (j->failed)
        return false;
    if (j->depth == 0) {
        if (key || j->has_members[0]) {
            misuse(j);
            return false;
        }
        j->has_members[0] = true;
        return true;
    }
    if (j->in_array[j->depth] == (key != NULL)) {
        misuse(j);
        return false;
    }
    if (j->has_members[j->depth])
        base_buf_append_byte(j->out, ',');
    j->has_members[j->depth] = true;
    new_line(j);
    if (key) {
        append_quoted(j->out, base_bytes_of_str(key));
        base_buf_append_str(j->out, j->pretty ? ": " : ":");
    }
    return true;
}

static void open_container(struct base_json *j, const char *key, bool array) {
    if (!begin_value(j, key))
        return;
    if (j->depth + 1 >= BASE_JSON_DEPTH) {
        misuse(j);
        return;
    }
    j->depth++;
    j->in_array[j->depth] = array;
    j->has_members[j->depth] = false;
    base_buf_append_byte(j->out, array ? '[' : '{');
}

void base_json_object(struct base_json *j, const char *key) {
    open_container(j, key, false);
}

void base_json_array(struct base_json *j, const char *key) {
    open_container(j, key, true);
}

void base_json_end(struct base_json *j) {
    if (j->failed)
        return;
    if (j->depth == 0) {
        misuse(j);
        return;
    }
    bool array = j->in_array[j->depth], members = j->has_members[j->depth];
    j->depth--;
    if (members)
        new_line(j);
    base_buf_append_byte(j->out, array ? ']' : '}');
}

void base_json_bytes(struct base_json *j, const char *key, struct base_bytes b) {
    if (begin_value(j, key))
        append_quoted(j->out, b);
}

void base_json_str(struct base_json *j, const char *key, const char *s) {
    if (!s)
        base_json_null(j, key);
    else
        base_json_bytes(j, key, base_bytes_of_str(s));
}

void base_json_int(struct base_json *j, const char *key, int64_t v) {
    if (begin_value(j, key))
        base_buf_printf(j->out, "%" PRId64, v);
}

void base_json_uint(struct base_json *j, const char *key, uint64_t v) {
    if (begin_value(j, key))
        base_buf_printf(j->out, "%" PRIu64, v);
}

/* Integers only inside, so that no locale can put a comma where the point belongs. */
void base_json_ms(struct base_json *j, const char *key, double ms) {
    if (!isfinite(ms) || ms < -9e15 || ms > 9e15) {
        base_json_null(j, key);
        return;
    }
    if (!begin_value(j, key))
        return;
    int64_t thousandths = (int64_t)(ms * 1000.0 + (ms < 0 ? -0.5 : 0.5));
    uint64_t magnitude = thousandths < 0 ? (uint64_t)-thousandths : (uint64_t)thousandths;
    unsigned fraction = (unsigned)(magnitude % 1000);
    base_buf_printf(j->out, "%s%" PRIu64, thousandths < 0 ? "-" : "", magnitude / 1000);
    if (fraction == 0)
        return;
    base_buf_printf(j->out, ".%03u", fraction);
    while (fraction % 10 == 0) {
        base_buf_truncate(j->out, j->out->len - 1);
        fraction /= 10;
    }
}

void base_json_bool(struct base_json *j, const char *key, bool v) {
    if (begin_value(j, key))
        base_buf_append_str(j->out, v ? "true" : "false");
}

void base_json_null(struct base_json *j, const char *key) {
    if (begin_value(j, key))
        base_buf_append_str(j->out, "null");
}

bool base_json_done(const struct base_json *j) {
    return !j->failed && !j->out->failed && j->depth == 0 && j->has_members[0];
}
