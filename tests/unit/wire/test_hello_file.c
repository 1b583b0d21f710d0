/* SPDX-License-Identifier: Apache-2.0 */
/* A ClientHello from a file: what is none first, then every form it may come in. */
#include "wire/hello_file.h"

#include "base/text.h"
#include "base/writer.h"
#include "recorded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(text) base_bytes_view(text, sizeof(text) - 1)

static struct recorded flight;
static struct base_bytes hello; /* with its header */

static int setup(void **state) {
    (void)state;
    recorded_read("tls13-client", &flight);
    hello = flight.messages[0].bytes;
    return 0;
}

static int teardown(void **state) {
    (void)state;
    recorded_release(&flight);
    return 0;
}

static void refuses(struct base_bytes content, const char *message) {
    struct base_bytes copy = recorded_copy(content);
    struct wire_hello_file found;
    struct base_error e = {0};
    struct base_buf out;

    base_buf_init(&out, 1 << 20);
    assert_int_equal(wire_hello_file_read(copy, &out, &found, &e), WS_SYNTAX);
    assert_string_equal(base_error_message(&e), message);
    base_buf_release(&out);
    free((void *)copy.data);
}

/* `records` 0: the bare message. */
static void accepts(struct base_bytes content, bool text, size_t records, size_t left) {
    struct base_bytes copy = recorded_copy(content);
    struct wire_hello_file found;
    struct base_error e = {0};
    struct base_buf out;

    base_buf_init(&out, content.len);
    if (wire_hello_file_read(copy, &out, &found, &e) != WS_OK)
        fail_msg("%s", base_error_message(&e));
    assert_true(base_bytes_equal(base_buf_view(&out), hello));
    assert_int_equal(found.text, text);
    assert_int_equal(found.records, records);
    assert_int_equal(found.left, left);
    base_buf_release(&out);
    free((void *)copy.data);
}

static void what_is_no_hello_is_named(void **state) {
    (void)state;
    refuses(BASE_BYTES_EMPTY, "no ClientHello but an empty file");
    refuses(BYTES("220 mx.example.org ESMTP\r\n"), "no ClientHello but SMTP text");
    refuses(BYTES("* OK IMAP4rev1 ready\r\n"), "no ClientHello but IMAP text");
    refuses(BYTES("hello\n"), "no ClientHello but text");
    refuses(BYTES("-----BEGIN CERTIFICATE-----\n"), "no ClientHello but PEM text");
    refuses(BYTES("{\"a\": 1}"), "no ClientHello but JSON");
    refuses(BYTES("\x15\x03\x03\x00\x02\x02\x28"), "no ClientHello but a TLS alert");
    refuses(BYTES("\x17\x03\x03\x00\x01z"),
            "no ClientHello but a TLS record that is neither handshake nor alert");
    refuses(BYTES("\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10"),
            "no ClientHello but an SSL 2.0 record");
    refuses(BYTES("\xd4\xc3\xb2\xa1\x02\x00\x04\x00"),
            "no ClientHello but a packet capture; save the bytes of the ClientHello from it");
    refuses(BYTES("\x0a\x0d\x0d\x0a\x1c\x00\x00\x00"),
            "no ClientHello but a packet capture; save the bytes of the ClientHello from it");
    refuses(BYTES("\x16\xfe\xfd\x00\x00\x00\x00"), "no ClientHello but a DTLS record");
    refuses(BYTES("\x30\x82\x01\x02\x30"), "no ClientHello but DER, a certificate perhaps");
    refuses(BYTES("\x01\x02\x03\x04\x05\x06"),
            "no ClientHello but bytes of no protocol known here");
    refuses(BYTES("\0"), "no ClientHello but bytes of no protocol known here");
}

static void another_message_is_named(void **state) {
    (void)state;
    refuses(flight.messages[1].bytes,
            "no ClientHello but another handshake message: ServerHello (2)");
    refuses(BYTES("\x16\x03\x03\x00\x04\x0e\x00\x00\x00"),
            "no ClientHello but another handshake message: ServerHelloDone (14)");
    refuses(BYTES("16 03 03 00 04 0b 00 00 00"),
            "no ClientHello but another handshake message: Certificate (11)");
}

static void broken_hex_is_told(void **state) {
    (void)state;
    refuses(BYTES("16 03 01 00 7g"), "no ClientHello but hex text with 'g' at byte 13");
    refuses(BYTES("16 03 01 00 7"), "no ClientHello but hex text with an odd number of digits");
    refuses(BYTES("16 03 01 00 00 \xc3\xbc"),
            "no ClientHello but hex text with '\\xC3' at byte 15");
    refuses(BYTES("# only a remark\n"), "no ClientHello but text without hex digits");
    refuses(BYTES(" \n"), "no ClientHello but text without hex digits");
}

/* Records of `size` bytes each, the last one what is left. */
static void write_records(struct base_buf *b, size_t size) {
    for (size_t at = 0; at < hello.len; at += size) {
        struct base_bytes part = base_bytes_slice(hello, at, size);
        base_writer_u8(b, 22);
        base_writer_u16(b, 0x0301);
        base_writer_u16(b, (uint16_t)part.len);
        base_buf_append_bytes(b, part);
    }
}

static void every_cut_is_told(void **state) {
    struct base_buf b;

    (void)state;
    base_buf_init(&b, 1 << 20);
    write_records(&b, 100);
    for (size_t with_records = 0; with_records < 2; with_records++) {
        struct base_bytes whole = with_records ? base_buf_view(&b) : hello;
        for (size_t cut = 1; cut < whole.len; cut++) {
            struct base_bytes copy = recorded_copy(base_bytes_slice(whole, 0, cut));
            struct wire_hello_file found;
            struct base_error e = {0};
            struct base_buf out;
            base_buf_init(&out, 1 << 16);
            assert_int_equal(wire_hello_file_read(copy, &out, &found, &e), WS_SYNTAX);
            assert_true(strstr(base_error_message(&e), "only") != NULL ||
                        strstr(base_error_message(&e), "cut short") != NULL);
            base_buf_release(&out);
            free((void *)copy.data);
        }
    }
    base_buf_release(&b);
    char message[128];
    snprintf(message, sizeof(message), "a ClientHello of %zu bytes of which only 100 are there",
             hello.len);
    refuses(base_bytes_slice(hello, 0, 100), message);
}

static void a_stream_that_breaks_off(void **state) {
    struct base_buf b;

    (void)state;
    base_buf_init(&b, 1 << 20);
    write_records(&b, 100);
    struct base_buf broken;
    base_buf_init(&broken, 1 << 20);
    base_buf_append_bytes(&broken, base_bytes_slice(base_buf_view(&b), 0, 210));
    base_buf_append_str(&broken, "\x15\x03\x03");
    base_buf_append(&broken, "\0\x02\x02\x28", 4);
    refuses(base_buf_view(&broken),
            "a ClientHello that breaks off: behind 200 of its bytes comes a "
            "record of another kind");
    base_buf_truncate(&broken, 210);
    base_buf_append_str(&broken, "220 mx ESMTP");
    refuses(base_buf_view(&broken),
            "a ClientHello that breaks off: behind 200 of its bytes comes no TLS record");
    base_buf_release(&broken);
    base_buf_release(&b);
}

static void as_bytes(void **state) {
    struct base_buf b;

    (void)state;
    base_buf_init(&b, 1 << 20);
    accepts(hello, false, 0, 0);
    base_buf_append_bytes(&b, hello);
    base_buf_append_str(&b, "more");
    accepts(base_buf_view(&b), false, 0, 4);
    base_buf_clear(&b);
    write_records(&b, 4000);
    accepts(base_buf_view(&b), false, 1, 0);
    base_buf_append(&b, "\x14\x03\x03\0\x01\x01", 6);
    accepts(base_buf_view(&b), false, 1, 6);
    base_buf_release(&b);
}

static void in_records_of_every_size(void **state) {
    (void)state;
    for (size_t size = 1; size < hello.len; size += 7) {
        struct base_buf b;
        base_buf_init(&b, 1 << 20);
        write_records(&b, size);
        accepts(base_buf_view(&b), false, (hello.len + size - 1) / size, 0);
        base_buf_release(&b);
    }
}

/* Each byte as `format` says, a line end after every sixteenth. */
static void write_text(struct base_buf *b, const char *before, const char *after) {
    for (size_t i = 0; i < hello.len; i++) {
        base_buf_append_str(b, before);
        base_text_hex(b, base_bytes_slice(hello, i, 1));
        base_buf_append_str(b, i % 16 == 15 ? "\n" : after);
    }
}

static void as_hex_text(void **state) {
    static const char *const forms[][2] = {
        {"", ""}, {"", " "}, {"", ":"}, {"0x", ", "}, {"\\x", ""}, {"  ", "\r\n"}, {"", "# why\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct base_buf b;
        base_buf_init(&b, 1 << 20);
        write_text(&b, forms[i][0], forms[i][1]);
        accepts(base_buf_view(&b), true, 0, 0);
        base_buf_release(&b);
    }
}

static void as_hex_text_of_records(void **state) {
    struct base_buf b, text;

    (void)state;
    base_buf_init(&b, 1 << 20);
    base_buf_init(&text, 1 << 20);
    write_records(&b, 200);
    base_buf_append_str(&text, "# from the log\n");
    base_text_hex(&text, base_buf_view(&b));
    base_buf_append_str(&text, "\n");
    accepts(base_buf_view(&text), true, 2, 0);
    base_buf_release(&text);
    base_buf_release(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_hello_is_named), cmocka_unit_test(another_message_is_named),
        cmocka_unit_test(broken_hex_is_told),        cmocka_unit_test(every_cut_is_told),
        cmocka_unit_test(a_stream_that_breaks_off),  cmocka_unit_test(as_bytes),
        cmocka_unit_test(in_records_of_every_size),  cmocka_unit_test(as_hex_text),
        cmocka_unit_test(as_hex_text_of_records),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
