/* SPDX-License-Identifier: Apache-2.0 */
/* A ClientHello: broken in every place first, then what real ones offer. */
#include "wire/client_hello.h"

#include "base/writer.h"
#include "recorded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(text) base_bytes_view(text, sizeof(text) - 1)

static bool inside(struct base_bytes part, struct base_bytes whole) {
    return part.len == 0 ||
           (part.data >= whole.data && part.data + part.len <= whole.data + whole.len);
}

/* What holds whatever the bytes are. */
static void check_views(const struct wire_client_hello *h, struct base_bytes body) {
    const struct base_bytes views[] = {
        h->random,   h->session_id, h->suites,      h->compression,         h->extension_block,
        h->versions, h->groups,     h->schemes,     h->certificate_schemes, h->key_shares,
        h->alpn,     h->psk_modes,  h->server_name, h->point_formats,       h->session_ticket,
    };

    for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
        assert_true(inside(views[i], body));
    assert_true(h->suites.len % 2 == 0 && h->groups.len % 2 == 0 && h->schemes.len % 2 == 0);
    assert_true(h->versions.len % 2 == 0 && h->certificate_schemes.len % 2 == 0);
    assert_true(h->error_at <= body.len);
    assert_non_null(h->error);
}

static bool parse(struct base_bytes body, struct wire_client_hello *h) {
    struct base_bytes copy = recorded_copy(body);
    bool ok = wire_client_hello_parse(copy, h);

    assert_true(ok == (h->error[0] == '\0'));
    check_views(h, copy);
    free((void *)copy.data);
    return ok;
}

/* Offset behind the compression methods: a hello may end there (RFC 5246 7.4.1.2). */
static size_t fixed_length(struct base_bytes body) {
    size_t at = 34;

    at += 1u + body.data[at];
    at += 2u + (size_t)(body.data[at] << 8 | body.data[at + 1]);
    return at + 1u + body.data[at];
}

static void every_cut_is_seen(void **state) {
    (void)state;
    for (size_t i = 0; recorded_names[i] != NULL; i++) {
        struct recorded r;
        struct wire_client_hello h;
        recorded_read(recorded_names[i], &r);
        struct base_bytes body = recorded_body(&r, 1);
        assert_true(parse(body, &h));
        for (size_t cut = 0; cut < body.len; cut++)
            assert_int_equal(parse(base_bytes_slice(body, 0, cut), &h), cut == fixed_length(body));
        recorded_release(&r);
    }
}

/* The body with the two or one bytes at `at` raised by `by`. */
static bool parse_with(struct base_bytes body, size_t at, size_t width, int by) {
    struct base_bytes copy = recorded_copy(body);
    uint8_t *p = (uint8_t *)copy.data + at;
    int value = width == 2 ? p[0] << 8 | p[1] : p[0];
    struct wire_client_hello h;
    bool ok;

    value += by;
    if (width == 2)
        p[0] = (uint8_t)(value >> 8);
    p[width - 1] = (uint8_t)value;
    ok = parse(copy, &h);
    free((void *)copy.data);
    return ok;
}

static void check_length(struct base_bytes body, size_t at, size_t width) {
    int value = width == 2 ? body.data[at] << 8 | body.data[at + 1] : body.data[at];

    assert_false(parse_with(body, at, width, 1));
    if (value > 0)
        assert_false(parse_with(body, at, width, -1));
    if (at + 1 + 255 != body.len) /* a list may reach the end: then no extensions follow */
        assert_false(parse_with(body, at, width, (width == 2 ? 0xffff : 0xff) - value));
}

/* Lengths of the lists and of every extension. */
static void every_wrong_length_is_seen(void **state) {
    (void)state;
    for (size_t i = 0; recorded_names[i] != NULL; i++) {
        struct recorded r;
        recorded_read(recorded_names[i], &r);
        struct base_bytes body = recorded_body(&r, 1);
        size_t at = 34, end = fixed_length(body);
        check_length(body, at, 1);
        at += 1u + body.data[at];
        check_length(body, at, 2);
        at += 2u + (size_t)(body.data[at] << 8 | body.data[at + 1]);
        check_length(body, at, 1);
        check_length(body, end, 2);
        for (at = end + 2; at < body.len;) {
            check_length(body, at + 2, 2);
            at += 4u + (size_t)(body.data[at + 2] << 8 | body.data[at + 3]);
        }
        assert_int_equal(at, body.len);
        recorded_release(&r);
    }
}

static void no_changed_byte_leads_outside(void **state) {
    (void)state;
    struct recorded r;
    struct wire_client_hello h;
    recorded_read("tls13-early", &r);
    struct base_bytes body = recorded_body(&r, 1);
    for (size_t at = 0; at < body.len; at++) {
        uint8_t *p = (uint8_t *)body.data + at, before = *p;
        for (unsigned value = 0; value < 256; value += 15) {
            *p = (uint8_t)value;
            (void)parse(body, &h);
        }
        *p = before;
    }
    assert_true(parse(body, &h));
    recorded_release(&r);
}

/* --- hellos made by hand --- */

struct parts {
    struct base_bytes session_id, suites, compression, extensions;
    bool with_extensions;
};

static struct parts plain(void) {
    return (struct parts){.suites = BYTES("\xc0\x2f\x00\x2f"), .compression = BYTES("\0")};
}

static struct parts with(struct base_bytes extensions) {
    struct parts p = plain();

    p.extensions = extensions;
    p.with_extensions = true;
    return p;
}

/* The views of *h stay valid until the next call. */
static bool make(struct parts p, struct wire_client_hello *h) {
    static struct base_buf b;
    static struct base_bytes copy;

    free((void *)copy.data);
    base_buf_init(&b, 1 << 20);
    base_writer_u16(&b, 0x0303);
    for (unsigned i = 0; i < 32; i++)
        base_writer_u8(&b, (uint8_t)i);
    base_writer_u8(&b, (uint8_t)p.session_id.len);
    base_buf_append_bytes(&b, p.session_id);
    base_writer_u16(&b, (uint16_t)p.suites.len);
    base_buf_append_bytes(&b, p.suites);
    base_writer_u8(&b, (uint8_t)p.compression.len);
    base_buf_append_bytes(&b, p.compression);
    if (p.with_extensions) {
        base_writer_u16(&b, (uint16_t)p.extensions.len);
        base_buf_append_bytes(&b, p.extensions);
    }
    copy = recorded_copy(base_buf_view(&b));
    base_buf_release(&b);
    bool ok = wire_client_hello_parse(copy, h);
    check_views(h, copy);
    return ok;
}

static void refused(struct parts p, const char *error, size_t at) {
    struct wire_client_hello h;

    assert_false(make(p, &h));
    assert_string_equal(h.error, error);
    assert_int_equal(h.error_at, at);
}

static void the_fixed_part_keeps_its_rules(void **state) {
    struct parts p = plain();
    struct wire_client_hello h;

    (void)state;
    assert_true(make(p, &h));
    p.session_id = BYTES("012345678901234567890123456789012");
    refused(p, "session id", 35 + 33);
    p = plain();
    p.suites = BASE_BYTES_EMPTY;
    refused(p, "cipher suites", 37);
    p.suites = BYTES("\xc0\x2f\x00");
    refused(p, "cipher suites", 39);
    assert_false(make(p, &h)); /* the suite before the odd byte is kept */
    assert_int_equal(wire_list_count(h.suites), 1);
    assert_int_equal(wire_list_at(h.suites, 0), 0xc02f);
    assert_int_equal(wire_list_at(h.suites, 1), 0);
    p = plain();
    p.compression = BASE_BYTES_EMPTY;
    refused(p, "compression methods", 42);
}

/* An extension that is wrong inside does not hide the one behind it. Bodies begin at 49. */
static void a_wrong_extension_hides_no_other(void **state) {
    const struct {
        struct base_bytes first;
        const char *error;
        size_t at;
    } rows[] = {
        {BYTES("\x00\x0a\x00\x05\x00\x03\x00\x17\x00"), "supported_groups", 53},
        {BYTES("\x00\x0a\x00\x04\x00\x04\x00\x17"), "supported_groups", 51},
        {BYTES("\x00\x0a\x00\x05\x00\x02\x00\x17\x99"), "supported_groups", 53},
        {BYTES("\x00\x0a\x00\x01\x00"), "supported_groups", 49},
        {BYTES("\x00\x0a\x00\x00"), "supported_groups", 49},
        {BYTES("\x00\x2b\x00\x04\x03\x03\x04\x03"), "supported_versions", 52},
        {BYTES("\x00\x00\x00\x00"), "server_name list", 49},
        {BYTES("\x00\x00\x00\x02\x00\x00"), "server_name", 51},
        {BYTES("\x00\x00\x00\x05\x00\x03\x00\x00\x00"), "server_name", 54},
        {BYTES("\x00\x00\x00\x06\x00\x04\x00\x00\x09m"), "server_name", 54},
        {BYTES("\x00\x10\x00\x03\x00\x01\x00"), "ALPN name", 52},
        {BYTES("\x00\x10\x00\x04\x00\x02\x05s"), "ALPN name", 52},
        {BYTES("\x00\x33\x00\x06\x00\x04\x00\x1d\x00\x00"), "key_share", 55},
        {BYTES("\x00\x33\x00\x05\x00\x03\x00\x1d\x00"), "key_share", 53},
        {BYTES("\x00\x17\x00\x01\x00"), "extended_master_secret", 49},
        {BYTES("\x00\x01\x00\x00"), "max_fragment_length", 49},
        {BYTES("\xff\x01\x00\x02\x00\x00"), "renegotiation_info", 50},
        {BYTES("\x00\x2d\x00\x01\x02"), "psk_key_exchange_modes", 50},
    };
    struct wire_client_hello h;
    char text[64];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct base_bytes second = BYTES("\x00\x0d\x00\x04\x00\x02\x04\x03");
        size_t len = base_bytes_copy(text, sizeof(text), rows[i].first);
        len += base_bytes_copy(text + len, sizeof(text) - len, second);
        refused(with(base_bytes_view(text, len)), rows[i].error, rows[i].at);
        assert_false(make(with(base_bytes_view(text, len)), &h));
        assert_true(wire_client_hello_has_scheme(&h, 0x0403));
        assert_int_equal(h.extension_count, 2);
    }
}

static void order_and_number_of_extensions(void **state) {
    struct wire_client_hello h;

    (void)state;
    refused(with(BYTES("\x00\x17\x00\x00\x00\x17\x00\x00")), "extension sent twice", 53);
    /* the first one counts */
    assert_false(
        make(with(BYTES("\x00\x0a\x00\x04\x00\x02\x00\x17\x00\x0a\x00\x04\x00\x02\x00\x18")), &h));
    assert_true(wire_client_hello_has_group(&h, 0x17) && !wire_client_hello_has_group(&h, 0x18));
    refused(with(BYTES("\x00\x29\x00\x00\x00\x17\x00\x00")), "extension behind pre_shared_key", 53);
    refused(with(BYTES("\x00\x17\x00")), "extension length", 47);
    refused(with(BYTES("\x00")), "extension type", 45);
}

static void very_many_extensions_are_counted(void **state) {
    struct wire_client_hello h;
    struct base_buf b;

    (void)state;
    base_buf_init(&b, 1 << 16);
    for (unsigned i = 0; i < 16000; i++) {
        base_writer_u16(&b, (uint16_t)(i + 1000));
        base_writer_u16(&b, 0);
    }
    assert_true(make(with(base_buf_view(&b)), &h));
    assert_int_equal(h.extension_count, 16000);
    assert_int_equal(h.extensions[WIRE_HELLO_EXTENSIONS_MAX - 1], 1063);
    base_buf_release(&b);
}

static void what_stands_for_nothing_is_left_out(void **state) {
    struct parts p = with(BYTES("\x00\x2b\x00\x09\x08\x9a\x9a\x7f\x1c\x03\x03\x03\x04"
                                "\x1a\x1a\x00\x00"));
    struct wire_client_hello h;

    (void)state;
    assert_true(make(p, &h));
    assert_true(h.grease);
    assert_int_equal(h.max_version, 0x0304);
    assert_true(wire_client_hello_has_version(&h, 0x0303));
    assert_false(wire_client_hello_has_version(&h, 0x0302));
    p = plain();
    assert_true(make(p, &h));
    assert_false(h.grease);
    p.suites = BYTES("\x2a\x2a\x13\x01");
    assert_true(make(p, &h));
    assert_true(h.grease);
}

static void without_the_extension_all_older_versions_are_offered(void **state) {
    struct wire_client_hello h;

    (void)state;
    assert_true(make(plain(), &h));
    assert_int_equal(h.max_version, 0x0303);
    assert_true(wire_client_hello_has_version(&h, 0x0303));
    assert_true(wire_client_hello_has_version(&h, 0x0301));
    assert_true(wire_client_hello_has_version(&h, 0x0300));
    assert_false(wire_client_hello_has_version(&h, 0x0304));
    assert_false(wire_client_hello_has_version(&h, 0x0002));
}

static void marks_among_the_suites(void **state) {
    struct parts p = plain();
    struct wire_client_hello h;

    (void)state;
    assert_true(make(p, &h));
    assert_false(h.renegotiation_info || h.fallback);
    p.suites = BYTES("\x00\x2f\x00\xff\x56\x00");
    assert_true(make(p, &h));
    assert_true(h.renegotiation_info && h.fallback);
    assert_true(make(with(BYTES("\xff\x01\x00\x01\x00")), &h));
    assert_true(h.renegotiation_info && !h.fallback);
}

static void a_name_of_another_kind_is_passed_over(void **state) {
    struct wire_client_hello h;

    (void)state;
    assert_true(make(with(BYTES("\x00\x00\x00\x0d\x00\x0b\x07\x00\x01z\x00\x00\x04"
                                "a\0\x1b.")),
                     &h));
    assert_int_equal(h.server_name.len, 4);
    assert_memory_equal(h.server_name.data, "a\0\x1b.", 4);
}

/* --- real ones --- */

static void what_openssl_offers(void **state) {
    struct base_bytes names, name, shares, key, body;
    struct wire_client_hello h;
    struct recorded r;
    uint16_t group;

    (void)state;
    recorded_read("tls13-client", &r);
    assert_true(wire_client_hello_parse(recorded_body(&r, 1), &h));
    assert_int_equal(h.version, 0x0303);
    assert_int_equal(h.max_version, 0x0304);
    assert_int_equal(h.random.len, 32);
    assert_int_equal(h.session_id.len, 32);
    assert_true(wire_client_hello_has_suite(&h, 0x1302) && wire_client_hello_has_suite(&h, 0xc02f));
    assert_false(wire_client_hello_has_suite(&h, 0x0005));
    assert_true(wire_client_hello_has_group(&h, 0x001d) && wire_client_hello_has_group(&h, 0x0100));
    assert_false(wire_client_hello_has_group(&h, 0x11ec));
    assert_true(wire_client_hello_has_scheme(&h, 0x0804));
    assert_false(wire_client_hello_has_scheme(&h, 0x0201));
    assert_true(base_bytes_equal_str(h.server_name, "mx.example.org"));
    assert_true(base_bytes_equal(h.psk_modes, BYTES("\x01")));
    assert_true(base_bytes_equal(h.point_formats, BYTES("\0\x01\x02")));
    assert_true(base_bytes_equal(h.compression, BYTES("\0")));
    assert_true(h.extended_master_secret && h.encrypt_then_mac && h.renegotiation_info);
    assert_true(h.status_request && h.has_session_ticket && h.has_alpn && h.has_versions);
    assert_false(h.scts || h.early_data || h.pre_shared_key || h.padding || h.grease || h.fallback);
    assert_int_equal(h.session_ticket.len, 0);
    names = h.alpn;
    assert_true(wire_alpn_next(&names, &name) && base_bytes_equal_str(name, "smtp"));
    assert_false(wire_alpn_next(&names, &name));
    shares = h.key_shares;
    assert_true(wire_key_share_next(&shares, &group, &key));
    assert_int_equal(group, 0x001d);
    assert_int_equal(key.len, 32);
    assert_false(wire_key_share_next(&shares, &group, &key));
    assert_true(wire_extension_find(h.extension_block, 5, &body));
    assert_int_equal(body.len, 5);
    assert_false(wire_extension_find(h.extension_block, 21, &body));
    assert_int_equal(body.len, 0);
    recorded_release(&r);
}

static void resumption_and_early_data(void **state) {
    struct wire_client_hello h;
    struct recorded r;

    (void)state;
    recorded_read("tls13-early", &r);
    assert_true(wire_client_hello_parse(recorded_body(&r, 1), &h));
    assert_true(h.pre_shared_key && h.early_data);
    assert_int_equal(h.extensions[h.extension_count - 1], 41);
    recorded_release(&r);
    recorded_read("tls12-resumed", &r);
    assert_true(wire_client_hello_parse(recorded_body(&r, 1), &h));
    assert_true(h.session_ticket.len > 100);
    recorded_release(&r);
}

static void what_gnutls_offers(void **state) {
    struct wire_client_hello h;
    struct base_bytes shares, key;
    struct recorded r;
    uint16_t group;

    (void)state;
    recorded_read("gnutls-client-padded", &r);
    assert_true(wire_client_hello_parse(recorded_body(&r, 1), &h));
    assert_true(h.padding && h.has_key_share);
    shares = h.key_shares;
    assert_true(wire_key_share_next(&shares, &group, &key) && group == 0x0017);
    assert_true(wire_key_share_next(&shares, &group, &key) && group == 0x001d);
    recorded_release(&r);
    recorded_read("gnutls-client-legacy", &r);
    assert_true(wire_client_hello_parse(recorded_body(&r, 1), &h));
    assert_int_equal(h.max_version, 0x0301);
    assert_false(h.has_versions || h.has_key_share);
    recorded_release(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cut_is_seen),
        cmocka_unit_test(every_wrong_length_is_seen),
        cmocka_unit_test(no_changed_byte_leads_outside),
        cmocka_unit_test(the_fixed_part_keeps_its_rules),
        cmocka_unit_test(a_wrong_extension_hides_no_other),
        cmocka_unit_test(order_and_number_of_extensions),
        cmocka_unit_test(very_many_extensions_are_counted),
        cmocka_unit_test(what_stands_for_nothing_is_left_out),
        cmocka_unit_test(without_the_extension_all_older_versions_are_offered),
        cmocka_unit_test(marks_among_the_suites),
        cmocka_unit_test(a_name_of_another_kind_is_passed_over),
        cmocka_unit_test(what_openssl_offers),
        cmocka_unit_test(resumption_and_early_data),
        cmocka_unit_test(what_gnutls_offers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
