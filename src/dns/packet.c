/* SPDX-License-Identifier: Apache-2.0 */
/* packet - what a DNS answer says to one question
 *
 * libunbound hands out the whole answer message. Its own parser has been over it, but the record
 * data in it come from whoever runs the zone, so everything is read again with bounds: names by a
 * decompressor that only ever goes backwards, data by length.
 *
 * The CNAME chain is walked by name and not by order of records. Names are kept in presentation
 * form: lower case, bytes other than letters, digits, "-" and "_" as \DDD, so that they can be
 * asked for again and shown anywhere.
 *
 * Ownership: results are the arena's. Limits: 1024 records, 16 links of a chain, 255 bytes and 128
 * pointers of a name. RFC 1035 4.1, 3.3, 3.4.1; 2181 10.3; 3596 2.2; 4343. */
#include "dns/packet.h"

#include "base/buf.h"
#include "base/reader.h"

#include <arpa/inet.h>
#include <string.h>

#define CHAIN_MAX 16u
#define NAME_WIRE_MAX 255u
#define JUMPS_MAX 128u
#define CLASS_IN 1u
#define TLSA_HEAD 3u /* usage, selector, matching type */

/* A resource record in place. */
struct record {
    char owner[DNS_NAME_TEXT];
    unsigned type;
    unsigned klass;
    uint32_t ttl;
    size_t data; /* offset in the message */
    size_t data_len;
};

/* --- names --- */

struct name_out {
    char *text;
    size_t len;
    size_t wire; /* bytes the name takes uncompressed */
};

static void put_byte(struct name_out *o, uint8_t c) {
    if (base_ascii_is_alnum(c) || c == '-' || c == '_') {
        o->text[o->len++] = (char)base_ascii_lower(c);
        return;
    }
    o->text[o->len++] = '\\';
    o->text[o->len++] = (char)('0' + c / 100);
    o->text[o->len++] = (char)('0' + c / 10 % 10);
    o->text[o->len++] = (char)('0' + c % 10);
}

/* 255 wire bytes make at most 4 * 253 + dots of text, so DNS_NAME_TEXT always suffices. */
static bool put_label(struct name_out *o, struct base_bytes label) {
    o->wire += label.len + 1;
    if (o->wire + 1 > NAME_WIRE_MAX)
        return false;
    if (o->len > 0)
        o->text[o->len++] = '.';
    for (size_t i = 0; i < label.len; i++)
        put_byte(o, label.data[i]);
    return true;
}

const char *dns_packet_name(struct base_bytes message, size_t *at, char out[DNS_NAME_TEXT]) {
    struct name_out o = {.text = out};
    size_t pos = *at;
    size_t lowest = *at; /* pointers must lead before all that was read: no loops */
    unsigned jumps = 0;
    for (;;) {
        if (pos >= message.len)
            return NULL;
        uint8_t n = message.data[pos];
        if (n >= 0xc0) {
            if (pos + 1 >= message.len)
                return NULL;
            size_t to = ((size_t)(n & 0x3f) << 8) | message.data[pos + 1];
            if (jumps == 0)
                *at = pos + 2;
            if (to >= lowest || ++jumps > JUMPS_MAX)
                return NULL;
            pos = lowest = to;
            continue;
        }
        struct base_bytes label = base_bytes_slice(message, pos + 1, n);
        if (n > 63 || label.len != n)
            return NULL;
        pos += n + 1u;
        if (n == 0)
            break;
        if (!put_label(&o, label))
            return NULL;
    }
    if (jumps == 0)
        *at = pos;
    if (o.len == 0)
        out[o.len++] = '.';
    out[o.len] = '\0';
    return out;
}

/* --- records --- */

static bool read_record(struct base_bytes message, size_t *at, struct record *r) {
    if (!dns_packet_name(message, at, r->owner))
        return false;
    struct base_reader reader;
    base_reader_init(&reader, base_bytes_slice(message, *at, message.len));
    r->type = base_reader_u16(&reader, "type");
    r->klass = base_reader_u16(&reader, "class");
    r->ttl = base_reader_u32(&reader, "ttl");
    r->data_len = base_reader_u16(&reader, "length of data");
    r->data = *at + 10;
    base_reader_skip(&reader, r->data_len, "data");
    if (reader.failed)
        return false;
    *at = r->data + r->data_len;
    if (r->ttl > INT32_MAX)
        r->ttl = 0; /* RFC 2181 section 8 */
    return true;
}

static const char *read_address(struct base_bytes data, unsigned type, struct base_arena *arena) {
    char text[INET6_ADDRSTRLEN];
    bool v6 = type == DNS_TYPE_AAAA;
    if (data.len != (v6 ? 16u : 4u) ||
        !inet_ntop(v6 ? AF_INET6 : AF_INET, data.data, text, sizeof text))
        return NULL;
    return base_arena_str(arena, text);
}

/* A name that fills the rest of the record's data. */
static const char *read_data_name(struct base_bytes message, const struct record *r, size_t skip,
                                  char text[DNS_NAME_TEXT]) {
    size_t at = r->data + skip;
    size_t end = r->data + r->data_len;
    struct base_bytes up_to_end = base_bytes_slice(message, 0, end);
    if (skip > r->data_len || !dns_packet_name(up_to_end, &at, text) || at != end)
        return NULL;
    return text;
}

/* One or more strings, each with its length in front; what they say is their concatenation. */
static bool read_strings(struct base_bytes data, struct base_arena *arena, struct base_bytes *out) {
    struct base_buf whole;
    struct base_reader r;
    base_buf_init(&whole, UINT16_MAX);
    base_reader_init(&r, data);
    do {
        uint8_t len = base_reader_u8(&r, "length of string");
        base_buf_append_bytes(&whole, base_reader_bytes(&r, len, "string"));
    } while (!r.failed && base_reader_left(&r) > 0);
    *out = base_arena_bytes(arena, base_buf_view(&whole));
    base_buf_release(&whole);
    return !r.failed;
}

static bool read_data(struct base_bytes message, const struct record *r, struct base_arena *arena,
                      struct dns_record *out) {
    char text[DNS_NAME_TEXT];
    const char *name = NULL;
    struct base_bytes data = base_bytes_slice(message, r->data, r->data_len);
    struct base_reader reader;
    *out = (struct dns_record){.text = ""};
    switch (r->type) {
    case DNS_TYPE_A:
    case DNS_TYPE_AAAA:
        out->text = read_address(data, r->type, arena);
        return out->text != NULL;
    case DNS_TYPE_MX:
        base_reader_init(&reader, data);
        out->preference = base_reader_u16(&reader, "preference");
        name = read_data_name(message, r, 2, text);
        break;
    case DNS_TYPE_PTR:
        name = read_data_name(message, r, 0, text);
        break;
    case DNS_TYPE_TXT:
        return read_strings(data, arena, &out->data);
    case DNS_TYPE_TLSA:
        out->data = base_arena_bytes(arena, data);
        return data.len > TLSA_HEAD; /* RFC 6698 section 2.1 */
    default:
        return true;
    }
    if (name)
        out->text = base_arena_str(arena, name);
    return name != NULL;
}

/* --- the message --- */

struct answers {
    struct base_bytes message;
    size_t start; /* of the answer section */
    unsigned count;
    unsigned rcode;
};

static bool read_header(struct base_bytes message, struct answers *a) {
    struct base_reader reader;
    char name[DNS_NAME_TEXT];
    base_reader_init(&reader, message);
    base_reader_skip(&reader, 2, "id");
    unsigned flags = base_reader_u16(&reader, "flags");
    unsigned questions = base_reader_u16(&reader, "questions");
    a->count = base_reader_u16(&reader, "answers");
    base_reader_skip(&reader, 4, "other counts");
    if (reader.failed || questions > 1)
        return false;
    a->message = message;
    a->rcode = flags & 0x0f;
    a->start = 12;
    if (questions == 1 && !dns_packet_name(message, &a->start, name))
        return false;
    a->start += questions * 4u;
    return a->start <= message.len;
}

/* The target of `name`'s CNAME, into `to`; false when it has none. */
static bool find_cname(const struct answers *a, const char *name, char to[DNS_NAME_TEXT],
                       uint32_t *ttl) {
    struct record r;
    size_t at = a->start;
    for (unsigned i = 0; i < a->count && read_record(a->message, &at, &r); i++) {
        if (r.type != DNS_TYPE_CNAME || r.klass != CLASS_IN || strcmp(r.owner, name) != 0)
            continue;
        *ttl = r.ttl;
        return read_data_name(a->message, &r, 0, to) != NULL;
    }
    return false;
}

static void use_ttl(struct dns_packet *out, uint32_t ttl) {
    if (ttl < out->ttl)
        out->ttl = ttl;
}

static void follow_chain(const struct answers *a, const char *start, char name[2][DNS_NAME_TEXT],
                         struct dns_packet *out, struct base_arena *arena, const char **end) {
    uint32_t ttl = 0;
    const char *now = start;
    for (unsigned i = 0; i < CHAIN_MAX && find_cname(a, now, name[i % 2], &ttl); i++) {
        now = name[i % 2];
        use_ttl(out, ttl);
    }
    out->canonical = strcmp(now, start) == 0 ? "" : base_arena_str(arena, now);
    *end = now;
}

static unsigned covered_type(const struct answers *a, const struct record *r) {
    struct base_reader reader;
    base_reader_init(&reader, base_bytes_slice(a->message, r->data, r->data_len));
    return base_reader_u16(&reader, "type covered");
}

static void take_record(const struct answers *a, const struct record *r, struct base_arena *arena,
                        struct dns_packet *out) {
    struct dns_record one;
    if (out->count == DNS_RECORDS_MAX) {
        out->truncated = true;
        return;
    }
    if (!read_data(a->message, r, arena, &one)) {
        out->malformed++;
        return;
    }
    struct dns_record *kept =
        base_arena_append(arena, &out->records, &out->count, &out->cap, sizeof *kept);
    if (kept)
        *kept = one;
    use_ttl(out, r->ttl);
}

static void take_records(const struct answers *a, const char *owner, unsigned type,
                         struct base_arena *arena, struct dns_packet *out) {
    struct record r;
    size_t at = a->start;
    for (unsigned i = 0; i < a->count && read_record(a->message, &at, &r); i++) {
        if (r.klass != CLASS_IN || strcmp(r.owner, owner) != 0)
            continue;
        if (r.type == type)
            take_record(a, &r, arena, out);
        else if (r.type == DNS_TYPE_RRSIG && covered_type(a, &r) == type)
            out->is_signed = true;
    }
}

bool dns_packet_read(struct base_bytes message, const char *name, unsigned type,
                     struct base_arena *arena, struct dns_packet *out) {
    struct answers a = {0};
    char names[2][DNS_NAME_TEXT];
    const char *end = name;
    *out = (struct dns_packet){.canonical = "", .ttl = UINT32_MAX};
    if (!read_header(message, &a))
        return false;
    out->rcode = a.rcode;
    follow_chain(&a, name, names, out, arena, &end);
    take_records(&a, end, type, arena, out);
    if (out->ttl == UINT32_MAX)
        out->ttl = 0;
    return true;
}
