/* SPDX-License-Identifier: Apache-2.0 */
/* wire/hello_file - a ClientHello from a file
 *
 * People record hellos in many ways: --save-hello, a saved packet, hex from a log or a mail. All
 * are read without asking for the form, and what is something else is named, so that the user knows
 * which file went in. Bytes in, bytes out: no files here.
 *
 * The message is copied to the caller's buffer. Hex text is decoded once. RFC 8446 4 and 5.1. */
#include "wire/hello_file.h"

#include "base/text.h"
#include "wire/handshake.h"
#include "wire/record.h"

#define HEADER 4

/* --- hex text --- */

static bool is_text(struct base_bytes b) {
    for (size_t i = 0; i < b.len; i++)
        if ((b.data[i] < 0x20 && !(b.data[i] >= '\t' && b.data[i] <= '\r')) || b.data[i] == 0x7f)
            return false;
    return true;
}

static int digit_of(uint8_t c) {
    if (base_ascii_is_digit(c))
        return c - '0';
    c = base_ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* How many bytes at the front stand between digits; 0 when a digit, or something else, comes. */
static size_t separator_length(struct base_bytes b) {
    uint8_t next = b.len > 1 ? base_ascii_lower(b.data[1]) : 0;
    uint8_t c = b.data[0];

    if ((c == '0' || c == '\\') && next == 'x')
        return 2;
    if (c == '#')
        return base_bytes_find(b, '\n');
    return c == ' ' || (c >= '\t' && c <= '\r') || c == ':' || c == ',' || c == '"' || c == ';';
}

/* False at the first byte that is no hex, with its offset in *at. */
static bool decode_hex(struct base_bytes text, struct base_buf *out, size_t *at) {
    for (*at = 0; *at < text.len;) {
        struct base_bytes rest = base_bytes_slice(text, *at, text.len);
        size_t skip = separator_length(rest);
        int high = digit_of(rest.data[0]);
        if (skip > 0) {
            *at += skip;
            continue;
        }
        if (high < 0)
            return false;
        int low = rest.len > 1 ? digit_of(rest.data[1]) : -1;
        if (low < 0) {
            *at += 1;
            return false;
        }
        base_buf_append_byte(out, (uint8_t)(high << 4 | low));
        *at += 2;
    }
    return true;
}

/* --- what else it is --- */

/* The bytes by which other files are known. */
static const struct {
    const char *start;
    size_t len;
    const char *words;
} others[] = {
    {"-----BEGIN", 10, "PEM text"},
    {"{", 1, "JSON"},
    {"\xd4\xc3\xb2\xa1", 4, "a packet capture; save the bytes of the ClientHello from it"},
    {"\xa1\xb2\xc3\xd4", 4, "a packet capture; save the bytes of the ClientHello from it"},
    {"\x4d\x3c\xb2\xa1", 4, "a packet capture; save the bytes of the ClientHello from it"},
    {"\x0a\x0d\x0d\x0a", 4, "a packet capture; save the bytes of the ClientHello from it"},
    {"\x16\xfe", 2, "a DTLS record"},
    {"\x30\x82", 2, "DER, a certificate perhaps"},
};

static const char *other_words(struct base_bytes b) {
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (base_bytes_equal(base_bytes_slice(b, 0, others[i].len),
                             base_bytes_view(others[i].start, others[i].len)))
            return others[i].words;
    return wire_record_classify(base_bytes_slice(b, 0, 256)).words;
}

static enum ws_err no_hello(struct base_error *e, const char *words) {
    return base_error_set(e, WS_SYNTAX, "no ClientHello but %s", words);
}

static enum ws_err cut_short(struct base_error *e, size_t whole, size_t there) {
    return base_error_set(e, WS_SYNTAX, "a ClientHello of %zu bytes of which only %zu are there",
                          whole, there);
}

/* --- the message --- */

static size_t announced_length(struct base_bytes message) {
    struct base_reader r;

    base_reader_init(&r, message);
    (void)base_reader_u8(&r, "message type");
    return HEADER + base_reader_u24(&r, "message length");
}

static enum ws_err other_message(struct base_error *e, uint8_t type) {
    return base_error_set(e, WS_SYNTAX, "no ClientHello but another handshake message: %s (%u)",
                          wire_message_name(type), type);
}

static enum ws_err take_message(struct base_bytes b, struct base_buf *hello,
                                struct wire_hello_file *out, struct base_error *e) {
    size_t whole = b.len < HEADER ? HEADER : announced_length(b);

    if (b.len < whole)
        return cut_short(e, whole, b.len);
    base_buf_append_bytes(hello, base_bytes_slice(b, 0, whole));
    out->left = b.len - whole;
    return WS_OK;
}

/* Fragments are joined until the message is whole (RFC 8446 5.1). */
static enum ws_err take_records(struct base_bytes b, struct base_buf *hello,
                                struct wire_hello_file *out, struct base_error *e) {
    struct wire_record record;
    struct base_reader r;
    size_t whole = HEADER;

    base_reader_init(&r, b);
    while (hello->len < whole) {
        enum wire_record_state state = wire_record_next(&r, &record);
        if (state == WIRE_RECORD_MORE && out->records == 0)
            return base_error_set(e, WS_SYNTAX, "a TLS record that is cut short after %zu bytes",
                                  b.len);
        if (state == WIRE_RECORD_MORE)
            return cut_short(e, whole, hello->len);
        if (state == WIRE_RECORD_BAD || record.content != WIRE_CONTENT_HANDSHAKE)
            return base_error_set(
                e, WS_SYNTAX, "a ClientHello that breaks off: behind %zu of its bytes comes %s",
                hello->len,
                state == WIRE_RECORD_BAD ? "no TLS record" : "a record of another kind");
        out->records++;
        base_buf_append_bytes(hello, record.fragment);
        struct base_bytes message = base_buf_view(hello);
        if (message.len > 0 && message.data[0] != WIRE_MESSAGE_CLIENT_HELLO)
            return other_message(e, message.data[0]);
        if (message.len >= HEADER)
            whole = announced_length(message);
    }
    out->left = base_reader_left(&r) + (hello->len - whole);
    base_buf_truncate(hello, whole);
    return WS_OK;
}

/* A handshake message alone, when its length says so: any other byte could begin anything. */
static bool is_other_message(struct base_bytes b) {
    return b.len >= HEADER && b.data[0] != WIRE_MESSAGE_CLIENT_HELLO &&
           wire_message_name(b.data[0])[0] != 'u' && announced_length(b) == b.len;
}

static enum ws_err take_bytes(struct base_bytes b, struct base_buf *hello,
                              struct wire_hello_file *out, struct base_error *e) {
    struct wire_first first = wire_record_classify(base_bytes_slice(b, 0, 256));

    if (first.start == WIRE_START_HANDSHAKE ||
        (first.start == WIRE_START_SHORT && b.data[0] == WIRE_CONTENT_HANDSHAKE))
        return take_records(b, hello, out, e);
    if (b.data[0] == WIRE_MESSAGE_CLIENT_HELLO && (b.len <= HEADER || b.data[HEADER] == 3))
        return take_message(b, hello, out, e);
    if (is_other_message(b))
        return other_message(e, b.data[0]);
    return no_hello(e, other_words(b));
}

static enum ws_err wrong_digit(struct base_error *e, struct base_bytes text, size_t at) {
    struct base_buf shown;

    if (at == text.len)
        return no_hello(e, "hex text with an odd number of digits");
    base_buf_init(&shown, 16);
    base_text_escape_ascii(&shown, base_bytes_slice(text, at, 1));
    (void)base_error_set(e, WS_SYNTAX, "no ClientHello but hex text with '%s' at byte %zu",
                         base_buf_cstr(&shown), at);
    base_buf_release(&shown);
    return WS_SYNTAX;
}

static enum ws_err take_text(struct base_bytes text, struct base_buf *hello,
                             struct wire_hello_file *out, struct base_error *e) {
    struct base_buf bytes;
    enum ws_err err;
    size_t at = 0;

    base_buf_init(&bytes, text.len);
    bool whole = decode_hex(text, &bytes, &at);
    out->text = true;
    if (!whole && bytes.len < HEADER) /* words may begin like digits: "220 mail" */
        err = no_hello(e, other_words(text));
    else if (!whole)
        err = wrong_digit(e, text, at);
    else if (bytes.len == 0)
        err = no_hello(e, "text without hex digits");
    else
        err = take_bytes(base_buf_view(&bytes), hello, out, e);
    base_buf_release(&bytes);
    return err;
}

enum ws_err wire_hello_file_read(struct base_bytes content, struct base_buf *hello,
                                 struct wire_hello_file *out, struct base_error *e) {
    enum ws_err err;

    *out = (struct wire_hello_file){0};
    base_buf_clear(hello);
    if (content.len == 0)
        return no_hello(e, "an empty file");
    err = is_text(content) ? take_text(content, hello, out, e) : take_bytes(content, hello, out, e);
    if (err == WS_OK && hello->failed)
        return base_error_set(e, WS_NOMEM, "a ClientHello that is too large");
    return err;
}
