/* SPDX-License-Identifier: Apache-2.0 */
/* Records and the first bytes of a peer. */
#include "wire/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(text) base_bytes_view(text, sizeof(text) - 1)

static void a_record_is_taken_whole_or_not_at_all(void **state) {
    const char raw[] = "\x16\x03\x03\x00\x03"
                       "abc"
                       "\x15\x03\x01\x00\x02\x02\x28";
    struct wire_record record;
    struct base_reader r;

    (void)state;
    base_reader_init(&r, BYTES(raw));
    assert_int_equal(wire_record_next(&r, &record), WIRE_RECORD_OK);
    assert_int_equal(record.content, 22);
    assert_int_equal(record.version, 0x0303);
    assert_true(base_bytes_equal_str(record.fragment, "abc"));
    assert_int_equal(wire_record_next(&r, &record), WIRE_RECORD_OK);
    assert_int_equal(record.content, 21);
    assert_int_equal(wire_record_next(&r, &record), WIRE_RECORD_MORE);
    assert_false(r.failed);

    for (size_t n = 0; n < 8; n++) {
        base_reader_init(&r, base_bytes_slice(BYTES(raw), 0, n));
        assert_int_equal(wire_record_next(&r, &record), WIRE_RECORD_MORE);
        assert_int_equal(base_reader_left(&r), n);
    }
}

static void what_is_no_record_is_refused(void **state) {
    static const char *const bad[] = {
        "\x13\x03\x03\x00\x01x", /* type 19 */
        "\x19\x03\x03\x00\x01x", /* type 25 */
        "\x16\x04\x03\x00\x01x", /* version 4.3 */
        "\x16\x02\x00\x00\x01x", /* version 2.0 */
        "\x16\x03\x03\x48\x01x", /* length 18433 */
        "\x16\x03\x03\xff\xffx", /* length 65535 */
    };
    struct wire_record record;
    struct base_reader r;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        base_reader_init(&r, base_bytes_view(bad[i], 6));
        assert_int_equal(wire_record_next(&r, &record), WIRE_RECORD_BAD);
        assert_true(r.failed);
        assert_int_equal(wire_record_next(&r, &record), WIRE_RECORD_BAD);
    }
}

static void an_alert_is_two_bytes(void **state) {
    struct wire_record record = {.content = 21, .version = 0x0301, .fragment = BYTES("\x02\x46")};
    uint8_t level = 0, description = 0;

    (void)state;
    assert_true(wire_record_alert(&record, &level, &description));
    assert_int_equal(level, 2);
    assert_int_equal(description, 70);
    record.fragment = BYTES("\x02");
    assert_false(wire_record_alert(&record, &level, &description));
    record.fragment = BYTES("\x02\x46\x00");
    assert_false(wire_record_alert(&record, &level, &description));
    record.fragment = BYTES("\x07\x46"); /* encrypted, or rubbish */
    assert_false(wire_record_alert(&record, &level, &description));
    record.fragment = BYTES("\x02\x46");
    record.content = 22;
    assert_false(wire_record_alert(&record, &level, &description));
}

static void first_bytes_are_told_apart(void **state) {
    static const struct {
        struct base_bytes bytes;
        enum wire_start start;
        bool foreign;
    } rows[] = {
        {{NULL, 0}, WIRE_START_EMPTY, false},
        {{(const uint8_t *)"\x16", 1}, WIRE_START_SHORT, false},
        {{(const uint8_t *)"\x16\x03\x03\x00", 4}, WIRE_START_SHORT, false},
        {{(const uint8_t *)"\x16\x03\x03\x00\x7a\x02", 6}, WIRE_START_HANDSHAKE, false},
        {{(const uint8_t *)"\x15\x03\x01\x00\x02\x02\x28", 7}, WIRE_START_ALERT, false},
        {{(const uint8_t *)"\x14\x03\x03\x00\x01\x01", 6}, WIRE_START_OTHER, false},
        {{(const uint8_t *)"\x17\x03\x03\x00\x10", 5}, WIRE_START_OTHER, false},
        {{(const uint8_t *)"\x16\x05", 2}, WIRE_START_BINARY, true},
        {{(const uint8_t *)"\x16\x03\x03\xff\xff", 5}, WIRE_START_BINARY, true},
        {{(const uint8_t *)"\x80", 1}, WIRE_START_SHORT, false},
        {{(const uint8_t *)"\x80\x03\x00\x00\x01", 5}, WIRE_START_SSLV2, false},
        {{(const uint8_t *)"\x80\x2e\x04\x00\x00\x00\x02", 7}, WIRE_START_SSLV2, false},
        {{(const uint8_t *)"\x80\x2e\x01\x00\x02\x00\x15", 7}, WIRE_START_SSLV2, false},
        {{(const uint8_t *)"\x80\x2e\x01\x99\x99\x00\x15", 7}, WIRE_START_BINARY, true},
        {{(const uint8_t *)"220 mx ESMTP\r\n", 14}, WIRE_START_SMTP, true},
        {{(const uint8_t *)"454 TLS not available\r\n", 23}, WIRE_START_SMTP, true},
        {{(const uint8_t *)"250-x", 5}, WIRE_START_SMTP, true},
        {{(const uint8_t *)"22", 2}, WIRE_START_TEXT, true},
        {{(const uint8_t *)"999 x", 5}, WIRE_START_TEXT, true},
        {{(const uint8_t *)"* OK [CAPABILITY", 16}, WIRE_START_IMAP, true},
        {{(const uint8_t *)"* bye", 5}, WIRE_START_IMAP, true},
        {{(const uint8_t *)"+OK ready", 9}, WIRE_START_POP3, true},
        {{(const uint8_t *)"-ERR no", 7}, WIRE_START_POP3, true},
        {{(const uint8_t *)"HTTP/1.1 400", 12}, WIRE_START_HTTP, true},
        {{(const uint8_t *)"<html>", 6}, WIRE_START_HTTP, true},
        {{(const uint8_t *)"SSH-2.0-x", 9}, WIRE_START_SSH, true},
        {{(const uint8_t *)"\"IMPLEMENTATION\" \"x\"", 20}, WIRE_START_SIEVE, true},
        {{(const uint8_t *)"OK \"x\"\r\n", 8}, WIRE_START_SIEVE, true},
        {{(const uint8_t *)"hello", 5}, WIRE_START_TEXT, true},
        {{(const uint8_t *)"hi\0", 3}, WIRE_START_BINARY, true},
        {{(const uint8_t *)"\0\0\0\0", 4}, WIRE_START_BINARY, true},
        {{(const uint8_t *)"\x1b[31m", 5}, WIRE_START_BINARY, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wire_first first = wire_record_classify(rows[i].bytes);
        if (first.start != rows[i].start)
            print_error("row %zu: %s\n", i, first.words);
        assert_int_equal(first.start, rows[i].start);
        assert_int_equal(wire_start_is_foreign(first.start), rows[i].foreign);
        assert_true(first.words != NULL && first.words[0] != '\0');
    }
}

static void an_alert_at_the_start_is_read(void **state) {
    struct wire_first first = wire_record_classify(BYTES("\x15\x03\x00\x00\x02\x02\x28"));

    (void)state;
    assert_int_equal(first.version, 0x0300);
    assert_int_equal(first.level, 2);
    assert_int_equal(first.alert, 40);
    first = wire_record_classify(BYTES("\x15\x03\x00\x00\x02\x02"));
    assert_int_equal(first.start, WIRE_START_ALERT);
    assert_int_equal(first.level, 0);
}

/* Every pair of first bytes, alone and with a tail, gets an answer. */
static void any_bytes_get_an_answer(void **state) {
    uint8_t bytes[8] = {0};

    (void)state;
    for (unsigned a = 0; a < 256; a++)
        for (unsigned b = 0; b < 256; b++) {
            bytes[0] = (uint8_t)a;
            bytes[1] = (uint8_t)b;
            for (size_t n = 1; n <= sizeof(bytes); n++)
                assert_non_null(wire_record_classify(base_bytes_view(bytes, n)).words);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_taken_whole_or_not_at_all),
        cmocka_unit_test(what_is_no_record_is_refused),
        cmocka_unit_test(an_alert_is_two_bytes),
        cmocka_unit_test(first_bytes_are_told_apart),
        cmocka_unit_test(an_alert_at_the_start_is_read),
        cmocka_unit_test(any_bytes_get_an_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
