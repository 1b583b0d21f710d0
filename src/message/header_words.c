/* SPDX-License-Identifier: Apache-2.0 */
/* header_words - header fields outside ASCII, for servers without SMTPUTF8
 *
 * Words outside ASCII become encoded words in UTF-8 and base64; neighbours share one, because the
 * blanks between two encoded words do not count. A quoted string loses its quotation marks, inside
 * which no encoded word may stand. What looks like an address stays as it is: it has no such form.
 * The text "\n", which becomes a line end later, parts words like a blank.
 *
 * RFC 2047. */
#include "message/message.h"

#include "base/base64.h"
#include "base/buf.h"
#include "base/text.h"

#include <string.h>

#define FIELD_MAX ((size_t)1 << 20)
#define PIECE_MAX 45u /* bytes; 60 in base64, 72 as encoded word, of the 75 that are allowed */

struct words {
    struct base_buf out;
    struct base_buf run;   /* of words to encode, with the blanks between them */
    struct base_buf space; /* behind the last word, not yet anywhere */
};

static void flush_run(struct words *w) {
    struct base_bytes left = base_buf_view(&w->run);
    for (bool more = false; left.len > 0; more = true) {
        size_t len = left.len < PIECE_MAX ? left.len : PIECE_MAX;
        while (len < left.len && len > 1 && (left.data[len] & 0xc0) == 0x80)
            len--; /* not inside a character */
        base_buf_append_str(&w->out, more ? " =?UTF-8?B?" : "=?UTF-8?B?");
        base_base64_encode(&w->out, base_bytes_slice(left, 0, len));
        base_buf_append_str(&w->out, "?=");
        left = base_bytes_slice(left, len, left.len);
    }
    base_buf_clear(&w->run);
}

static void put_space(struct words *w, struct base_buf *to) {
    base_buf_append_bytes(to, base_buf_view(&w->space));
    base_buf_clear(&w->space);
}

/* The same with the backslashes undone. */
static void append_unquoted(struct base_buf *to, struct base_bytes text) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\\' && i + 1 < text.len)
            i++;
        base_buf_append_byte(to, text.data[i]);
    }
}

static void put_word(struct words *w, struct base_bytes word) {
    bool quoted = word.len > 1 && word.data[0] == '"' && word.data[word.len - 1] == '"';
    bool ascii = true, address = false;
    for (size_t i = 0; i < word.len; i++) {
        ascii = ascii && word.data[i] < 0x80;
        address = address || (!quoted && strchr("@<>\"", word.data[i]));
    }
    if (ascii || address) {
        flush_run(w);
        put_space(w, &w->out);
        base_buf_append_bytes(&w->out, word);
        return;
    }
    put_space(w, w->run.len > 0 ? &w->run : &w->out);
    append_unquoted(&w->run, quoted ? base_bytes_slice(word, 1, word.len - 2) : word);
}

/* Length of the blanks, or the text "\n", at the front. */
static size_t space_len(struct base_bytes in) {
    if (in.len > 1 && in.data[0] == '\\' && in.data[1] == 'n')
        return 2;
    size_t len = 0;
    while (len < in.len && strchr(" \t\r\n", in.data[len]))
        len++;
    return len;
}

static size_t word_len(struct base_bytes in) {
    size_t len = 1;
    if (in.data[0] == '"') {
        while (len < in.len && in.data[len] != '"')
            len += in.data[len] == '\\' ? 2 : 1;
        if (len < in.len)
            return len + 1;
        len = 1; /* never closed: a word like others */
    }
    while (len < in.len && space_len(base_bytes_slice(in, len, in.len)) == 0)
        len++;
    return len;
}

const char *message_header_words(struct base_arena *arena, const char *field) {
    struct base_bytes rest = base_bytes_of_str(field);
    struct words w;
    if (base_text_is_ascii(field) || !base_text_is_utf8(field))
        return field;
    base_buf_init(&w.out, FIELD_MAX);
    base_buf_init(&w.run, FIELD_MAX);
    base_buf_init(&w.space, FIELD_MAX);
    while (rest.len > 0) {
        size_t len = space_len(rest);
        bool line_end = len > 0 && (rest.data[0] == '\\' || rest.data[0] == '\n');
        if (line_end) {
            flush_run(&w);
            put_space(&w, &w.out);
        }
        if (len > 0)
            base_buf_append_bytes(line_end ? &w.out : &w.space, base_bytes_slice(rest, 0, len));
        else
            put_word(&w, base_bytes_slice(rest, 0, len = word_len(rest)));
        rest = base_bytes_slice(rest, len, rest.len);
    }
    flush_run(&w);
    put_space(&w, &w.out);
    const char *text =
        w.out.failed || w.run.failed ? field : base_arena_str_bytes(arena, base_buf_view(&w.out));
    base_buf_release(&w.out);
    base_buf_release(&w.run);
    base_buf_release(&w.space);
    return text;
}
