/* SPDX-License-Identifier: Apache-2.0 */
/* Handshake messages of a server. */
#include "wire/handshake.h"

#include "base/writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(text) base_bytes_view(text, sizeof(text) - 1)

/* A ServerHello with these extensions; `retry` puts the random of a HelloRetryRequest in. */
static void write_hello(struct base_buf *b, uint16_t version, bool retry, struct base_bytes tail,
                        struct base_bytes extensions, bool with_extensions) {
    static const uint8_t retry_random[32] = {0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11,
                                             0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
                                             0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E,
                                             0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C};

    base_writer_u16(b, version);
    for (size_t i = 0; i < 32 - tail.len; i++)
        base_writer_u8(b, retry ? retry_random[i] : (uint8_t)i);
    base_buf_append_bytes(b, tail);
    base_writer_u8(b, 4);
    base_buf_append_str(b, "sess");
    base_writer_u16(b, 0xc02f);
    base_writer_u8(b, 0);
    if (with_extensions) {
        base_writer_u16(b, (uint16_t)extensions.len);
        base_buf_append_bytes(b, extensions);
    }
}

static bool parse(uint16_t version, bool retry, struct base_bytes tail, struct base_bytes ext,
                  bool with_ext, struct base_buf *b, struct wire_server_hello *out) {
    base_buf_clear(b);
    write_hello(b, version, retry, tail, ext, with_ext);
    return wire_server_hello_parse(base_buf_view(b), out);
}

static int setup(void **state) {
    static struct base_buf b;

    base_buf_init(&b, 1 << 20);
    *state = &b;
    return 0;
}

static int teardown(void **state) {
    base_buf_release(*state);
    return 0;
}

static void a_plain_hello_of_tls12(void **state) {
    struct wire_server_hello h;

    assert_true(parse(0x0303, false, BASE_BYTES_EMPTY, BASE_BYTES_EMPTY, false, *state, &h));
    assert_int_equal(h.version, 0x0303);
    assert_int_equal(h.selected_version, 0x0303);
    assert_int_equal(h.suite, 0xc02f);
    assert_true(base_bytes_equal_str(h.session_id, "sess"));
    assert_false(h.retry_request);
    assert_false(h.renegotiation_info);
    assert_int_equal(h.extension_count, 0);
    assert_string_equal(h.error, "");
}

static void all_extensions_of_tls12(void **state) {
    const char ext[] = "\xff\x01\x00\x01\x00" /* renegotiation_info */
                       "\x00\x17\x00\x00"     /* extended_master_secret */
                       "\x00\x16\x00\x00"     /* encrypt_then_mac */
                       "\x00\x23\x00\x00"     /* session_ticket */
                       "\x00\x05\x00\x00"     /* status_request */
                       "\x00\x00\x00\x00"     /* server_name */
                       "\x00\x0b\x00\x02\x01\x00"
                       "\x00\x12\x00\x03\x00\x01x" /* timestamps, not looked into here */
                       "\x00\x10\x00\x07\x00\x05\x04smtp";
    struct wire_server_hello h;

    assert_true(parse(0x0303, false, BASE_BYTES_EMPTY, BYTES(ext), true, *state, &h));
    assert_true(h.renegotiation_info && h.extended_master_secret && h.encrypt_then_mac);
    assert_true(h.session_ticket && h.status_request && h.server_name && h.scts);
    assert_true(base_bytes_equal_str(h.alpn, "smtp"));
    assert_int_equal(h.extension_count, 9);
    assert_int_equal(h.extensions[0], 0xff01);
    assert_int_equal(h.extensions[8], 16);
}

static void the_version_of_tls13_is_in_an_extension(void **state) {
    const char ext[] = "\x00\x2b\x00\x02\x03\x04\x00\x33\x00\x06\x00\x1d\x00\x02xy";
    const char retry[] = "\x00\x2b\x00\x02\x03\x04\x00\x33\x00\x02\x00\x18\x00\x2c\x00\x03\x00\x01"
                         "c";
    struct wire_server_hello h;

    assert_true(parse(0x0303, false, BASE_BYTES_EMPTY, BYTES(ext), true, *state, &h));
    assert_int_equal(h.version, 0x0303);
    assert_int_equal(h.selected_version, 0x0304);
    assert_true(h.key_share);
    assert_int_equal(h.group, 0x001d);

    assert_true(parse(0x0303, true, BASE_BYTES_EMPTY, BYTES(retry), true, *state, &h));
    assert_true(h.retry_request && h.cookie);
    assert_int_equal(h.group, 0x0018);
    /* A HelloRetryRequest names a group and no share; a ServerHello carries the share. */
    assert_false(parse(0x0303, true, BASE_BYTES_EMPTY, BYTES(ext), true, *state, &h));
    assert_false(parse(0x0303, false, BASE_BYTES_EMPTY, BYTES(retry), true, *state, &h));
}

static void a_downgrade_is_seen(void **state) {
    struct wire_server_hello h;

    assert_true(parse(0x0303, false, BYTES("DOWNGRD\x01"), BASE_BYTES_EMPTY, false, *state, &h));
    assert_int_equal(h.downgrade, 0x0303);
    assert_true(parse(0x0302, false, BYTES("DOWNGRD\x00"), BASE_BYTES_EMPTY, false, *state, &h));
    assert_int_equal(h.downgrade, 0x0302);
    assert_true(parse(0x0303, false, BYTES("DOWNGRD\x02"), BASE_BYTES_EMPTY, false, *state, &h));
    assert_int_equal(h.downgrade, 0);
}

static void malformed_extensions_are_refused(void **state) {
    static const struct {
        const char *bytes;
        size_t len;
    } rows[] = {
        {"\x00", 1},
        {"\x00\x17", 2},
        {"\x00\x17\x00", 3},
        {"\x00\x17\x00\x01", 4},
        {"\x00\x17\x00\x01x", 5},                /* must be empty */
        {"\x00\x17\x00\x00\x00\x17\x00\x00", 8}, /* twice */
        {"\xff\x01\x00\x00", 4},                 /* no inner length */
        {"\xff\x01\x00\x02\x05x", 6},            /* inner length too long */
        {"\x00\x2b\x00\x01\x03", 5},             /* half a version */
        {"\x00\x2b\x00\x03\x03\x04x", 7},        /* one byte too many */
        {"\x00\x33\x00\x04\x00\x1d\x00\x00", 8}, /* empty share */
        {"\x00\x10\x00\x02\x00\x00", 6},         /* no protocol name */
        {"\x00\x10\x00\x03\x00\x01\x00", 7},     /* empty name */
        {"\x00\x10\x00\x06\x00\x04\x01"
         "a\x01"
         "b",
         10}, /* two names */
    };
    struct wire_server_hello h;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool ok = parse(0x0303, false, BASE_BYTES_EMPTY,
                        base_bytes_view(rows[i].bytes, rows[i].len), true, *state, &h);
        if (ok)
            print_error("row %zu was accepted\n", i);
        assert_false(ok);
        assert_string_not_equal(h.error, "");
        assert_true(h.error_at > 0);
        assert_int_equal(h.suite, 0xc02f); /* what came before is kept */
    }
}

static void each_truncation_is_refused(void **state) {
    const char ext[] = "\x00\x2b\x00\x02\x03\x04\x00\x33\x00\x06\x00\x1d\x00\x02xy\x00\x17\x00\x00";
    struct base_buf *b = *state;
    struct wire_server_hello h;

    base_buf_clear(b);
    write_hello(b, 0x0303, false, BASE_BYTES_EMPTY, BYTES(ext), true);
    for (size_t n = 0; n < base_buf_view(b).len; n++) {
        size_t end_of_fixed = 2 + 32 + 5 + 2 + 1;
        uint8_t *exact = malloc(n + 1); /* so that the sanitizer sees one byte too far */
        memcpy(exact, base_buf_view(b).data, n);
        assert_int_equal(wire_server_hello_parse(base_bytes_view(exact, n), &h), n == end_of_fixed);
        free(exact);
    }
    base_buf_append_byte(b, 0);
    assert_false(wire_server_hello_parse(base_buf_view(b), &h));
}

static void an_oversized_session_id_is_refused(void **state) {
    struct base_buf *b = *state;
    struct wire_server_hello h;

    base_buf_clear(b);
    base_writer_u16(b, 0x0303);
    for (int i = 0; i < 32; i++)
        base_writer_u8(b, 1);
    base_writer_u8(b, 33);
    for (int i = 0; i < 40; i++)
        base_writer_u8(b, 1);
    assert_false(wire_server_hello_parse(base_buf_view(b), &h));
}

static void more_extensions_than_are_kept(void **state) {
    struct base_buf ext;
    struct wire_server_hello h;

    base_buf_init(&ext, 4096);
    for (unsigned i = 0; i < 100; i++) {
        base_writer_u16(&ext, (uint16_t)(0x4000 + i));
        base_writer_u16(&ext, 0);
    }
    assert_true(parse(0x0303, false, BASE_BYTES_EMPTY, base_buf_view(&ext), true, *state, &h));
    assert_int_equal(h.extension_count, 100);
    assert_int_equal(h.extensions[WIRE_EXTENSIONS_MAX - 1], 0x4000 + WIRE_EXTENSIONS_MAX - 1);
    base_buf_release(&ext);
}

static void messages_are_taken_from_a_stream(void **state) {
    const char raw[] = "\x0e\x00\x00\x00\x14\x00\x00\x02xy\x02\x00\x00\x09z";
    struct base_bytes body;
    struct base_reader r;
    uint8_t type;

    (void)state;
    base_reader_init(&r, BYTES(raw));
    assert_true(wire_handshake_next(&r, &type, &body));
    assert_int_equal(type, WIRE_MESSAGE_SERVER_HELLO_DONE);
    assert_int_equal(body.len, 0);
    assert_true(wire_handshake_next(&r, &type, &body));
    assert_true(base_bytes_equal_str(body, "xy"));
    assert_false(wire_handshake_next(&r, &type, &body));
    assert_int_equal(base_reader_left(&r), 5);
    assert_string_equal(wire_message_name(2), "ServerHello");
    assert_string_equal(wire_message_name(77), "unknown message");
}

static void key_exchange_with_a_curve(void **state) {
    struct wire_key_exchange k;

    (void)state;
    assert_true(wire_key_exchange_parse(BYTES("\x03\x00\x17\x02xy\x04\x03\x00\x01s"),
                                        WIRE_EXCHANGE_ECDHE, 0x0303, &k));
    assert_int_equal(k.group, 23);
    assert_int_equal(k.scheme, 0x0403);
    assert_true(k.is_signed);
    /* TLS 1.1: the signature has no scheme */
    assert_true(wire_key_exchange_parse(BYTES("\x03\x00\x17\x02xy\x00\x01s"), WIRE_EXCHANGE_ECDHE,
                                        0x0302, &k));
    assert_true(k.is_signed);
    assert_int_equal(k.scheme, 0);
    /* anonymous: no signature at all */
    assert_true(
        wire_key_exchange_parse(BYTES("\x03\x00\x17\x02xy"), WIRE_EXCHANGE_ECDHE, 0x0303, &k));
    assert_false(k.is_signed);
    /* explicit curves are not read */
    assert_false(
        wire_key_exchange_parse(BYTES("\x01\x00\x17\x02xy"), WIRE_EXCHANGE_ECDHE, 0x0303, &k));
    assert_string_not_equal(k.error, "");
}

static void key_exchange_with_a_prime(void **state) {
    struct wire_key_exchange k;
    const char raw[] = "\x00\x04\x00\x00\x05\xff" /* leading zeros do not count */
                       "\x00\x01\x02"
                       "\x00\x02xy"
                       "\x08\x04\x00\x03sig";

    (void)state;
    assert_true(wire_key_exchange_parse(BYTES(raw), WIRE_EXCHANGE_DHE, 0x0303, &k));
    assert_int_equal(k.prime_bits, 11);
    assert_int_equal(k.prime.len, 2);
    assert_int_equal(k.scheme, 0x0804);
    for (size_t n = 0; n < sizeof(raw) - 1; n++) {
        size_t unsigned_end = 6 + 3 + 4;
        assert_int_equal(
            wire_key_exchange_parse(base_bytes_view(raw, n), WIRE_EXCHANGE_DHE, 0x0303, &k),
            n == unsigned_end);
    }
    assert_true(wire_key_exchange_parse(BYTES("\x00\x02\x00\x00\x00\x00\x00\x00"),
                                        WIRE_EXCHANGE_DHE, 0x0303, &k));
    assert_int_equal(k.prime_bits, 0);
}

static void tickets_of_both_shapes(void **state) {
    struct wire_ticket t;

    (void)state;
    assert_true(wire_ticket_parse(BYTES("\x00\x00\x1c\x20\x00\x03xyz"), 0x0303, &t));
    assert_int_equal(t.lifetime, 7200);
    assert_int_equal(t.length, 3);
    assert_true(wire_ticket_parse(BYTES("\x00\x00\x00\x00\x00\x00"), 0x0303, &t));
    assert_int_equal(t.length, 0);
    assert_true(wire_ticket_parse(BYTES("\x00\x00\x1c\x20"
                                        "aaaa"
                                        "\x01n\x00\x02xy\x00\x00"),
                                  0x0304, &t));
    assert_int_equal(t.length, 2);
    assert_false(wire_ticket_parse(BYTES("\x00\x00\x1c\x20\x00\x03xy"), 0x0303, &t));
    assert_false(wire_ticket_parse(BYTES("\x00\x00\x1c\x20\x00\x01xy"), 0x0303, &t));
}

static void a_verify_names_its_scheme(void **state) {
    (void)state;
    assert_int_equal(wire_certificate_verify_scheme(BYTES("\x08\x04\x00\x01s")), 0x0804);
    assert_int_equal(wire_certificate_verify_scheme(BYTES("\x08")), 0);
    assert_int_equal(wire_certificate_verify_scheme(BASE_BYTES_EMPTY), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_hello_of_tls12),
        cmocka_unit_test(all_extensions_of_tls12),
        cmocka_unit_test(the_version_of_tls13_is_in_an_extension),
        cmocka_unit_test(a_downgrade_is_seen),
        cmocka_unit_test(malformed_extensions_are_refused),
        cmocka_unit_test(each_truncation_is_refused),
        cmocka_unit_test(an_oversized_session_id_is_refused),
        cmocka_unit_test(more_extensions_than_are_kept),
        cmocka_unit_test(messages_are_taken_from_a_stream),
        cmocka_unit_test(key_exchange_with_a_curve),
        cmocka_unit_test(key_exchange_with_a_prime),
        cmocka_unit_test(tickets_of_both_shapes),
        cmocka_unit_test(a_verify_names_its_scheme),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
