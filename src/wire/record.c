/* SPDX-License-Identifier: Apache-2.0 */
/* wire/record - TLS records and the first bytes of an answer
 *
 * Reads record headers without I/O and without keys, and tells from the first bytes of a peer
 * whether it speaks TLS, an older SSL, or something else: mail servers answer a ClientHello with a
 * stale SMTP reply, a proxy's HTTP error or plain garbage often enough that the report must name
 * it.
 *
 * Nothing is copied: fragments borrow from the caller's bytes. RFC 8446 5.1 and 6, RFC 5246 6.2,
 * and the SSL 2.0 record header as RFC 5246 appendix E.2 still describes it. */
#include "wire/record.h"

static bool record_type_known(uint8_t content) {
    return content >= WIRE_CONTENT_CHANGE_CIPHER_SPEC && content <= WIRE_CONTENT_HEARTBEAT;
}

enum wire_record_state wire_record_next(struct base_reader *r, struct wire_record *out) {
    struct base_reader look = *r;
    uint16_t length;

    *out = (struct wire_record){0};
    if (r->failed)
        return WIRE_RECORD_BAD;
    if (base_reader_left(r) < WIRE_RECORD_HEADER)
        return WIRE_RECORD_MORE;
    out->content = base_reader_u8(&look, "record type");
    out->version = base_reader_u16(&look, "record version");
    length = base_reader_u16(&look, "record length");
    if (!record_type_known(out->content) || out->version >> 8 != 3 || length > WIRE_RECORD_MAX) {
        base_reader_fail(r, "record header");
        return WIRE_RECORD_BAD;
    }
    if (base_reader_left(&look) < length)
        return WIRE_RECORD_MORE;
    out->fragment = base_reader_bytes(&look, length, "record fragment");
    *r = look;
    return WIRE_RECORD_OK;
}

bool wire_record_alert(const struct wire_record *record, uint8_t *level, uint8_t *description) {
    struct base_reader r;

    if (record->content != WIRE_CONTENT_ALERT || record->fragment.len != 2)
        return false;
    base_reader_init(&r, record->fragment);
    *level = base_reader_u8(&r, "alert level");
    *description = base_reader_u8(&r, "alert description");
    return *level == 1 || *level == 2;
}

static bool looks_like_sslv2(struct base_bytes b) {
    struct base_reader r;
    uint16_t length;
    uint8_t type;

    base_reader_init(&r, b);
    length = base_reader_u16(&r, "length");
    type = base_reader_u8(&r, "type");
    if (r.failed || (length & 0x8000u) == 0)
        return false;
    length &= 0x7fffu;
    if (type == 0) /* ERROR: one code of two bytes */
        return length == 3;
    if (type == 4) /* SERVER-HELLO: at least its fixed part */
        return length >= 11;
    if (type == 1) { /* CLIENT-HELLO: the version follows */
        uint16_t version = base_reader_u16(&r, "version");
        return !r.failed && length >= 9 && (version == 0x0002 || version >> 8 == 3);
    }
    return false;
}

static bool looks_like_smtp(struct base_bytes b) {
    return b.len >= 4 && b.data[0] >= '1' && b.data[0] <= '5' && base_ascii_is_digit(b.data[1]) &&
           base_ascii_is_digit(b.data[2]) &&
           (b.data[3] == ' ' || b.data[3] == '-' || b.data[3] == '\r' || b.data[3] == '\n');
}

static bool is_printable(struct base_bytes b) {
    for (size_t i = 0; i < b.len; i++) {
        uint8_t c = b.data[i];
        if ((c < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7f)
            return false;
    }
    return true;
}

/* The words that open a line of a text protocol. */
static const struct {
    const char *prefix;
    enum wire_start start;
} openings[] = {
    {"* OK", WIRE_START_IMAP},
    {"* PREAUTH", WIRE_START_IMAP},
    {"* BYE", WIRE_START_IMAP},
    {"* NO", WIRE_START_IMAP},
    {"* BAD", WIRE_START_IMAP},
    {"* CAPABILITY", WIRE_START_IMAP},
    {"+OK", WIRE_START_POP3},
    {"-ERR", WIRE_START_POP3},
    {"HTTP/", WIRE_START_HTTP},
    {"GET ", WIRE_START_HTTP},
    {"POST ", WIRE_START_HTTP},
    {"<!DOCTYPE", WIRE_START_HTTP},
    {"<html", WIRE_START_HTTP},
    {"SSH-", WIRE_START_SSH},
    {"OK\r\n", WIRE_START_SIEVE},
    {"OK ", WIRE_START_SIEVE},
    {"NO ", WIRE_START_SIEVE},
    {"BYE", WIRE_START_SIEVE},
    {"\"IMPLEMENTATION\"", WIRE_START_SIEVE},
};

static enum wire_start classify_text(struct base_bytes b) {
    if (looks_like_smtp(b))
        return WIRE_START_SMTP;
    for (size_t i = 0; i < sizeof(openings) / sizeof(openings[0]); i++)
        if (base_bytes_starts_with_nocase(b, openings[i].prefix))
            return openings[i].start;
    return is_printable(b) ? WIRE_START_TEXT : WIRE_START_BINARY;
}

static enum wire_start classify_record(struct base_bytes b, struct wire_first *out) {
    struct wire_record record;
    struct base_reader r;

    if (b.len > 1 && b.data[1] != 3)
        return WIRE_START_BINARY;
    if (b.len < WIRE_RECORD_HEADER)
        return WIRE_START_SHORT;
    base_reader_init(&r, b);
    if (wire_record_next(&r, &record) == WIRE_RECORD_BAD)
        return WIRE_START_BINARY;
    out->version = record.version;
    if (record.content == WIRE_CONTENT_ALERT) {
        uint8_t level = 0, description = 0;
        if (wire_record_alert(&record, &level, &description)) {
            out->level = level;
            out->alert = description;
        }
        return WIRE_START_ALERT;
    }
    return record.content == WIRE_CONTENT_HANDSHAKE ? WIRE_START_HANDSHAKE : WIRE_START_OTHER;
}

static const char *start_words(enum wire_start start) {
    static const char *const words[] = {
        [WIRE_START_EMPTY] = "nothing",
        [WIRE_START_SHORT] = "too few bytes to tell",
        [WIRE_START_HANDSHAKE] = "a TLS handshake record",
        [WIRE_START_ALERT] = "a TLS alert",
        [WIRE_START_OTHER] = "a TLS record that is neither handshake nor alert",
        [WIRE_START_SSLV2] = "an SSL 2.0 record",
        [WIRE_START_SMTP] = "SMTP text",
        [WIRE_START_IMAP] = "IMAP text",
        [WIRE_START_POP3] = "POP3 text",
        [WIRE_START_SIEVE] = "ManageSieve text",
        [WIRE_START_HTTP] = "HTTP",
        [WIRE_START_SSH] = "SSH",
        [WIRE_START_TEXT] = "text",
        [WIRE_START_BINARY] = "bytes of no protocol known here",
    };
    return words[start];
}

struct wire_first wire_record_classify(struct base_bytes first) {
    struct wire_first out = {0};

    if (first.len == 0)
        out.start = WIRE_START_EMPTY;
    else if (record_type_known(first.data[0]))
        out.start = classify_record(first, &out);
    else if (looks_like_sslv2(first))
        out.start = WIRE_START_SSLV2;
    else if (first.len < 3 && (first.data[0] & 0x80u) != 0)
        out.start = WIRE_START_SHORT;
    else
        out.start = classify_text(first);
    if (out.start == WIRE_START_SSLV2)
        out.version = 0x0002;
    out.words = start_words(out.start);
    return out;
}

bool wire_start_is_foreign(enum wire_start start) {
    return start >= WIRE_START_SMTP;
}
