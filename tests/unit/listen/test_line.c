/* SPDX-License-Identifier: Apache-2.0 */
#include "listen/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect(const struct listen_line *line, const char *text, bool crlf, bool overlong) {
    assert_true(base_bytes_equal_str(line->text, text));
    assert_int_equal(line->crlf, crlf);
    assert_int_equal(line->overlong, overlong);
}

static void lines_of_all_kinds(void **state) {
    static const char input[] = "\n\r\n\r\r\na\nb\r\nc\rd\r\n\0\x1b[2J\r\nrest";
    struct base_bytes in = base_bytes_view(input, sizeof input - 1);
    struct listen_line_reader r;
    struct listen_line line;
    (void)state;
    listen_line_reader_init(&r);
    static const struct {
        const char *text;
        bool crlf;
    } rows[] = {{"", false}, {"", true}, {"\r", true}, {"a", false}, {"b", true}, {"c\rd", true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(listen_line_next(&r, &in, &line));
        expect(&line, rows[i].text, rows[i].crlf, false);
    }
    assert_true(listen_line_next(&r, &in, &line));
    assert_int_equal(line.text.len, 5);
    assert_memory_equal(line.text.data, "\0\x1b[2J", 5);
    assert_false(listen_line_next(&r, &in, &line));
    assert_int_equal(in.len, 0);
    listen_line_reader_reset(&r);
    in = base_bytes_of_str("new\r\n");
    assert_true(listen_line_next(&r, &in, &line));
    expect(&line, "new", true, false);
    listen_line_reader_release(&r);
}

static void byte_by_byte(void **state) {
    static const char input[] = "EHLO a\r\nQUIT\r\n";
    struct listen_line_reader r;
    struct listen_line line;
    size_t n = 0;
    (void)state;
    listen_line_reader_init(&r);
    for (size_t i = 0; i < sizeof input - 1; i++) {
        char *one = malloc(1); /* its own allocation: a byte too many would be seen */
        *one = input[i];
        struct base_bytes in = base_bytes_view(one, 1);
        bool ended = listen_line_next(&r, &in, &line);
        free(one);
        assert_int_equal(ended, input[i] == '\n');
        if (ended)
            expect(&line, n++ ? "QUIT" : "EHLO a", true, false);
    }
    assert_int_equal(n, 2);
    listen_line_reader_release(&r);
}

static void nothing_behind_the_line_is_taken(void **state) {
    struct base_bytes in = base_bytes_of_str("STARTTLS\r\nMAIL FROM:<evil>\r\n");
    struct listen_line_reader r;
    struct listen_line line;
    (void)state;
    listen_line_reader_init(&r);
    assert_true(listen_line_next(&r, &in, &line));
    expect(&line, "STARTTLS", true, false);
    assert_true(base_bytes_equal_str(in, "MAIL FROM:<evil>\r\n"));
    listen_line_reader_release(&r);
}

static void too_long(void **state) {
    enum { LONG = 1 << 20 };
    char *text = malloc(LONG + 16);
    struct listen_line_reader r;
    struct listen_line line;
    (void)state;
    assert_non_null(text);
    memset(text, 'x', LONG);
    listen_line_reader_init(&r);
    static const struct {
        size_t len;
        bool overlong;
    } rows[] = {{LISTEN_LINE_MAX - 1, false}, {LISTEN_LINE_MAX, true}, {LONG, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        memset(text, 'x', LONG);
        memcpy(text + rows[i].len, "\r\nnext\r\n", 8);
        struct base_bytes in = base_bytes_view(text, rows[i].len + 8);
        assert_true(listen_line_next(&r, &in, &line));
        assert_int_equal(line.overlong, rows[i].overlong);
        assert_int_equal(line.size, rows[i].len + 2);
        assert_true(line.text.len <= LISTEN_LINE_MAX);
        assert_true(line.crlf);
        assert_true(listen_line_next(&r, &in, &line));
        expect(&line, "next", true, false);
    }
    free(text);
    listen_line_reader_release(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_all_kinds),
        cmocka_unit_test(byte_by_byte),
        cmocka_unit_test(nothing_behind_the_line_is_taken),
        cmocka_unit_test(too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
