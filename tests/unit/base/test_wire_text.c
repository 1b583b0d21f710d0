/* SPDX-License-Identifier: Apache-2.0 */
/* Reader, writer, text, JSON, log and clock with hostile input. */
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/reader.h"
#include "base/text.h"
#include "base/writer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void a_reader_fails_once_and_stays_failed(void **state) {
    static const uint8_t data[] = {1, 2, 3};
    struct base_reader r;
    (void)state;
    base_reader_init(&r, base_bytes_view(data, sizeof data));
    assert_int_equal(base_reader_u16(&r, "first"), 0x0102);
    assert_int_equal(base_reader_u32(&r, "second"), 0);
    assert_true(r.failed);
    assert_int_equal(r.fail_at, 2);
    assert_string_equal(r.fail_what, "second");
    assert_int_equal(base_reader_u8(&r, "third"), 0); /* a byte is there, but the reader failed */
    assert_string_equal(r.fail_what, "second");
    assert_int_equal(base_reader_left(&r), 0);
    assert_false(base_reader_done(&r, "end"));
}

static void vectors_that_lie_about_their_length(void **state) {
    static const uint8_t inner[] = {0,    4, 2,
                                    0xaa, 9, 9}; /* outer says 4, inner vector says 2 of 3 */
    static const uint8_t lies[] = {0, 9, 1};
    struct base_reader r, s, t;
    (void)state;
    base_reader_init(&r, base_bytes_view(inner, sizeof inner));
    s = base_reader_sub16(&r, "outer");
    assert_int_equal(base_reader_left(&s), 4);
    t = base_reader_sub8(&s, "inner");
    assert_int_equal(base_reader_left(&t), 2);
    (void)base_reader_u24(&t, "past the end of inner");
    assert_true(t.failed);
    assert_int_equal(t.fail_at, 3); /* counted from the outermost byte */
    assert_false(base_reader_done(&s, "trailing bytes"));
    assert_true(base_reader_done(&r, "end"));
    base_reader_init(&r, base_bytes_view(lies, sizeof lies));
    s = base_reader_sub16(&r, "lie");
    assert_true(s.failed && r.failed);
    assert_int_equal(base_reader_bytes(&s, 0, "x").len, 0);
    base_reader_init(&r, BASE_BYTES_EMPTY);
    s = base_reader_sub24(&r, "nothing");
    assert_true(s.failed);
}

static void length_prefixes_that_do_not_fit(void **state) {
    struct base_buf b;
    (void)state;
    base_buf_init(&b, 1 << 20);
    size_t mark = base_writer_open(&b, 2);
    base_writer_u24(&b, 0x010203);
    base_writer_u8(&b, 0xff);
    base_writer_close(&b, mark, 2);
    base_writer_u32(&b, 0xdeadbeef);
    assert_memory_equal(base_buf_view(&b).data, "\x00\x04\x01\x02\x03\xff\xde\xad\xbe\xef", 10);
    mark = base_writer_open(&b, 1);
    for (int i = 0; i < 256; i++)
        base_writer_u8(&b, 0);
    base_writer_close(&b, mark, 1);
    assert_true(b.failed);
    base_buf_release(&b);
}

/* Whatever goes in, what comes out drives no terminal. */
static void all_bytes_are_safe_after_escaping(void **state) {
    (void)state;
    for (unsigned i = 0; i < 65536; i++) {
        uint8_t two[2] = {(uint8_t)(i >> 8), (uint8_t)i};
        struct base_buf out;
        base_buf_init(&out, 100);
        base_text_escape(&out, base_bytes_view(two, 2));
        struct base_bytes v = base_buf_view(&out);
        for (size_t at = 0; at < v.len;) {
            uint32_t cp = 0;
            size_t n = base_text_utf8_next(base_bytes_slice(v, at, v.len), &cp);
            assert_true(n > 0 && cp >= 0x20 && !(cp >= 0x7f && cp <= 0x9f));
            at += n;
        }
        base_buf_clear(&out);
        base_text_escape_ascii(&out, base_bytes_view(two, 2));
        v = base_buf_view(&out);
        for (size_t at = 0; at < v.len; at++)
            assert_true(v.data[at] >= 0x20 && v.data[at] < 0x7f);
        base_buf_release(&out);
    }
}

static void escaping_shows_what_was_there(void **state) {
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"plain", "plain"},
        {"\x1b[2J", "\\x1B[2J"},
        {"a\r\n\tb", "a\\r\\n\\tb"},
        {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
        {"\xe2\x80\xae", "\\xE2\\x80\\xAE"}, /* right-to-left override */
        {"\xc2\x9b", "\\xC2\\x9B"},          /* CSI as one character */
        {"\xff\xfe", "\\xFF\\xFE"},
        {"\xed\xa0\x80", "\\xED\\xA0\\x80"}, /* a surrogate */
        {"\xc0\x80", "\\xC0\\x80"},          /* overlong NUL */
        {"\xf4\x90\x80\x80", "\\xF4\\x90\\x80\\x80"},
        {"\xe2\x82", "\\xE2\\x82"}, /* cut short */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct base_buf out;
        base_buf_init(&out, 1000);
        base_text_escape(&out, base_bytes_of_str(rows[i].in));
        assert_string_equal(base_buf_cstr(&out), rows[i].out);
        base_buf_release(&out);
    }
}

static void json_of_all_bytes(void **state) {
    uint8_t all[256];
    struct base_buf out;
    struct base_json j;
    (void)state;
    for (unsigned i = 0; i < 256; i++)
        all[i] = (uint8_t)i;
    base_buf_init(&out, 1 << 16);
    base_json_init(&j, &out, false);
    base_json_bytes(&j, NULL, base_bytes_view(all, 256));
    assert_true(base_json_done(&j));
    const char *s = base_buf_cstr(&out);
    assert_int_equal(strlen(s), out.len); /* no NUL inside */
    for (const char *p = s; *p; p++)
        assert_true((unsigned char)*p >= 0x20 && (unsigned char)*p < 0x7f);
    assert_non_null(strstr(s, "\\u0000\\u0001"));
    assert_non_null(strstr(s, "\\\""));
    assert_non_null(strstr(s, "\\ufffd"));
    base_buf_release(&out);
}

static void json_misuse_spoils_the_document(void **state) {
    (void)state;
    for (int misuse = 0; misuse < 6; misuse++) {
        struct base_buf out;
        struct base_json j;
        base_buf_init(&out, 1 << 16);
        base_json_init(&j, &out, misuse & 1);
        switch (misuse) {
        case 0: /* a key in an array */
            base_json_array(&j, NULL);
            base_json_int(&j, "key", 1);
            base_json_end(&j);
            break;
        case 1: /* no key in an object */
            base_json_object(&j, NULL);
            base_json_int(&j, NULL, 1);
            base_json_end(&j);
            break;
        case 2: /* one end too many */
            base_json_object(&j, NULL);
            base_json_end(&j);
            base_json_end(&j);
            break;
        case 3: /* one end too few */
            base_json_object(&j, NULL);
            break;
        case 4: /* two documents */
            base_json_int(&j, NULL, 1);
            base_json_int(&j, NULL, 2);
            break;
        default: /* too deep */
            for (int i = 0; i < BASE_JSON_DEPTH + 1; i++)
                base_json_array(&j, NULL);
            for (int i = 0; i < BASE_JSON_DEPTH + 1; i++)
                base_json_end(&j);
            break;
        }
        assert_false(base_json_done(&j));
        base_buf_release(&out);
    }
}

static void json_numbers_round(void **state) {
    static const struct {
        double ms;
        const char *text;
    } rows[] = {
        {0, "0"},     {12.3456, "12.346"}, {0.0004, "0"},  {-1.5, "-1.5"}, {1e9, "1000000000"},
        {0.1, "0.1"}, {99.9996, "100"},    {2.05, "2.05"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct base_buf out;
        struct base_json j;
        base_buf_init(&out, 100);
        base_json_init(&j, &out, false);
        base_json_ms(&j, NULL, rows[i].ms);
        assert_string_equal(base_buf_cstr(&out), rows[i].text);
        base_buf_release(&out);
    }
    struct base_buf out;
    struct base_json j;
    base_buf_init(&out, 100);
    base_json_init(&j, &out, false);
    base_json_array(&j, NULL);
    base_json_ms(&j, NULL, NAN);
    base_json_ms(&j, NULL, INFINITY);
    base_json_ms(&j, NULL, -1e300);
    base_json_int(&j, NULL, INT64_MIN);
    base_json_uint(&j, NULL, UINT64_MAX);
    base_json_end(&j);
    assert_string_equal(base_buf_cstr(&out),
                        "[null,null,null,-9223372036854775808,18446744073709551615]");
    base_buf_release(&out);
}

static char logged[4096];
static unsigned log_count;

static void keep_line(void *arg, enum base_log_level level, const char *line) {
    (void)arg;
    (void)level;
    log_count++;
    strncpy(logged, line, sizeof logged - 1);
}

static void logs_are_escaped_and_silent_by_default(void **state) {
    struct base_log log = {BASE_LOG_DEBUG, keep_line, NULL};
    struct base_log silent = {0};
    (void)state;
    log_count = 0;
    base_log_line(NULL, BASE_LOG_ERROR, "who", "nobody listens");
    base_log_line(&silent, BASE_LOG_ERROR, "who", "nobody listens");
    base_log_hex(&log, "who", "", base_bytes_of_str("bytes are not wanted"));
    assert_int_equal(log_count, 0);
    base_log_line(&log, BASE_LOG_INFO, "mx", "said %s", "\x1b[31m");
    assert_string_equal(logged, "mx: said \\x1B[31m");
    base_log_bytes(&log, BASE_LOG_DEBUG, "mx", "< ", base_bytes_of_str("220 \x07\r\n"));
    assert_string_equal(logged, "mx: < 220 \\x07\\r\\n");
    log.level = BASE_LOG_BYTES;
    base_log_hex(&log, "mx", "> ", base_bytes_of_str("A\x1b"));
    assert_non_null(strstr(logged, "0000  41 1b"));
    assert_null(strchr(logged, 0x1b));
    assert_int_equal(log_count, 3);
}

static void a_long_log_line_is_cut_not_lost(void **state) {
    static char text[100000];
    struct base_log log = {BASE_LOG_DEBUG, keep_line, NULL};
    (void)state;
    for (size_t i = 0; i + 1 < sizeof text; i++)
        text[i] = '\x01';
    log_count = 0;
    base_log_line(&log, BASE_LOG_INFO, "mx", "%s", text);
    base_log_line(&log, BASE_LOG_INFO, text, "x");
    base_log_bytes(&log, BASE_LOG_INFO, text, "< ", base_bytes_of_str(text));
    assert_int_equal(log_count, 3);
    assert_non_null(strstr(logged, "\\x01"));
}

static void dates_at_the_edges(void **state) {
    static const struct {
        int y, m, d, h;
        int64_t t;
    } rows[] = {
        {1970, 1, 1, 0, 0},
        {2000, 2, 29, 0, 951782400},
        {2000, 3, 1, 0, 951868800},
        {1900, 3, 1, 0, -2203891200},
        {2038, 1, 19, 3, 2147482800},
        {1969, 12, 31, 23, -3600},
        {9999, 12, 31, 0, 253402214400},
    };
    char text[BASE_CLOCK_RFC3339];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_true(base_clock_from_utc(rows[i].y, rows[i].m, rows[i].d, rows[i].h, 0, 0) ==
                    rows[i].t);
    base_clock_rfc3339(951782400, text);
    assert_string_equal(text, "2000-02-29T00:00:00Z");
    base_clock_rfc3339(-1, text);
    assert_string_equal(text, "1969-12-31T23:59:59Z");
    base_clock_rfc3339((time_t)INT64_MAX, text);
    assert_string_equal(text, "9999-12-31T23:59:59Z");
    base_clock_rfc3339((time_t)INT64_MIN, text);
    assert_string_equal(text, "1000-01-01T00:00:00Z");
}

static void the_first_error_is_kept(void **state) {
    struct base_error e = {0};
    (void)state;
    assert_int_equal(base_error_set(&e, WS_SYNTAX, "line %d", 3), WS_SYNTAX);
    assert_int_equal(base_error_set(&e, WS_NOMEM, "later"), WS_SYNTAX);
    assert_string_equal(base_error_message(&e), "line 3");
    base_error_clear(&e);
    assert_int_equal(base_error_set(&e, WS_LIMIT, "%s", ""), WS_LIMIT);
    assert_string_equal(base_error_message(&e), base_error_text(WS_LIMIT));
    assert_int_equal(base_error_set(NULL, WS_IO, "x"), WS_IO);
    assert_string_equal(base_error_text((enum ws_err)999), "unknown error");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reader_fails_once_and_stays_failed),
        cmocka_unit_test(vectors_that_lie_about_their_length),
        cmocka_unit_test(length_prefixes_that_do_not_fit),
        cmocka_unit_test(all_bytes_are_safe_after_escaping),
        cmocka_unit_test(escaping_shows_what_was_there),
        cmocka_unit_test(json_of_all_bytes),
        cmocka_unit_test(json_misuse_spoils_the_document),
        cmocka_unit_test(json_numbers_round),
        cmocka_unit_test(logs_are_escaped_and_silent_by_default),
        cmocka_unit_test(a_long_log_line_is_cut_not_lost),
        cmocka_unit_test(dates_at_the_edges),
        cmocka_unit_test(the_first_error_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
