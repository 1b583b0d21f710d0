/* SPDX-License-Identifier: Apache-2.0 */
/* Targets from words, files and slow pipes; hostile lines first. */
#include "check/source.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void not_ready(void *arg) {
    (void)arg;
    fail_msg("a file is never waited for");
}

/* What a file with these bytes gives, one line each: the text, or "!" and the reason. */
static char *read_all(const void *bytes, size_t len) {
    char path[] = "/tmp/waxseal-source-XXXXXX";
    struct check_source *s = NULL;
    struct check_source_target t;
    struct base_error e = {0};
    struct base_buf out;
    struct net_loop *loop = NULL;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);
    close(fd);
    base_buf_init(&out, 1 << 24);
    assert_int_equal(net_loop_new(&loop, &e), WS_OK);
    assert_int_equal(check_source_new(loop, NULL, 0, path, not_ready, NULL, &s, &e), WS_OK);
    enum check_source_state state;
    while ((state = check_source_next(s, &t, &e)) == CHECK_SOURCE_TARGET) {
        assert_non_null(t.where);
        base_buf_printf(&out, "%s|%s|%s\n", t.text, strrchr(t.where, ':') + 1,
                        t.wrong ? t.wrong : "");
    }
    if (state == CHECK_SOURCE_FAILED)
        base_buf_printf(&out, "failed: %s\n", strrchr(base_error_message(&e), ':') + 2);
    check_source_free(s);
    net_loop_free(loop);
    unlink(path);
    char *text = strdup(base_buf_cstr(&out));
    base_buf_release(&out);
    return text;
}

static void lines_are_read_as_people_write_them(void **state) {
    static const struct {
        const char *bytes;
        const char *want;
    } cases[] = {
        {"", ""},
        {"\n\r\n  \n# all of it\n", ""},
        {"a.example\nb.example\r\n", "a.example|1|\nb.example|2|\n"},
        {"  a.example\t# the first\n\n#x\nb.example", "a.example|1|\nb.example|4|\n"},
        {"/run/a#b\n", "/run/a#b|1|\n"},
        {"\xef\xbb\xbf"
         "a.example\n",
         "a.example|1|\n"},
        {"a b\n[::1]:25\n",
         "a b|1|there is more than one word in the line; give one target a line\n[::1]:25|2|\n"},
        {"a\x01"
         "b\nc\x7f\n",
         "a\\x01b|1|there is a control character in the line\n"
         "c\\x7F|2|there is a control character in the line\n"},
        {"a\rb\n", "a\\rb|1|there is more than one word in the line; give one target a line\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *got = read_all(cases[i].bytes, strlen(cases[i].bytes));
        assert_string_equal(got, cases[i].want);
        free(got);
    }
}

static void a_nul_does_not_end_a_target(void **state) {
    (void)state;
    char *got = read_all("good.example\0.evil\nb\n", 21);
    assert_string_equal(got, "good.example\\x00.evil|1|there is a control character in the line\n"
                             "b|2|\n");
    free(got);
}

static void long_lines_are_told_and_passed_over(void **state) {
    static const size_t sizes[] = {4095, 4096, 4097, 65535, 65536, 65537, 200000};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char *text = malloc(sizes[i] + 32);
        assert_non_null(text);
        memset(text, 'x', sizes[i]);
        strcpy(text + sizes[i], "\nb.example\n");
        char *got = read_all(text, strlen(text));
        assert_non_null(strstr(got, "b.example|2|\n"));
        assert_int_equal(strstr(got, "|1|the line is longer than 4096 bytes\n") != NULL,
                         sizes[i] > 4096);
        free(got);
        free(text);
    }
}

static void a_line_without_end_ends_the_list(void **state) {
    enum { SIZE = 70 << 20 };
    char *zeros = calloc(1, SIZE);
    (void)state;
    assert_non_null(zeros);
    char *got = read_all(zeros, SIZE);
    assert_non_null(strstr(got, "|1|the line is longer than 4096 bytes\n"));
    assert_non_null(strstr(got, "is longer than 64 MiB, so this is no list of targets\n"));
    free(got);
    free(zeros);
}

static void words_come_before_the_file(void **state) {
    static const char *const words[] = {"one", "two"};
    struct check_source *s = NULL;
    struct check_source_target t;
    struct base_error e = {0};
    (void)state;
    assert_int_equal(check_source_new(NULL, words, 2, NULL, not_ready, NULL, &s, &e), WS_OK);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(check_source_next(s, &t, &e), CHECK_SOURCE_TARGET);
        assert_string_equal(t.text, words[i]);
        assert_null(t.where);
    }
    assert_int_equal(check_source_next(s, &t, &e), CHECK_SOURCE_END);
    check_source_free(s);
    check_source_free(NULL);
}

static void a_file_that_is_none_is_named(void **state) {
    static const char *const files[] = {"/nonexistent/list", "/tmp"};
    struct check_source *s = NULL;
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct base_error e = {0};
        assert_int_equal(check_source_new(NULL, NULL, 0, files[i], not_ready, NULL, &s, &e),
                         WS_USAGE);
        assert_non_null(strstr(base_error_message(&e), files[i]));
        assert_null(s);
    }
}

/* --- a pipe that delivers in its own time --- */

struct slow {
    struct net_loop *loop;
    struct check_source *source;
    int feeder;
    unsigned ready, ticks;
    struct base_buf got;
};

static void take_all(void *arg) {
    struct slow *p = arg;
    struct check_source_target t;
    struct base_error e = {0};
    enum check_source_state state;
    p->ready++;
    while ((state = check_source_next(p->source, &t, &e)) == CHECK_SOURCE_TARGET)
        base_buf_printf(&p->got, "%s,", t.text);
    if (state == CHECK_SOURCE_END)
        net_loop_stop(p->loop);
}

/* The loop is alive while the pipe is silent: it is this timer that writes. */
static void deliver(void *arg) {
    static const char *const parts[] = {"a.exa", "mple\nb.example\nc", ".example", NULL};
    struct slow *p = arg;
    const char *part = parts[p->ticks++];
    if (!part) {
        close(p->feeder);
        return;
    }
    assert_int_equal(write(p->feeder, part, strlen(part)), strlen(part));
    assert_non_null(net_timer_start(p->loop, 20 * BASE_MSEC, deliver, p));
}

static void a_slow_pipe_does_not_stop_the_loop(void **state) {
    char path[64];
    int ends[2];
    struct base_error e = {0};
    struct slow p = {0};
    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
    p.feeder = ends[1];
    base_buf_init(&p.got, 4096);
    assert_int_equal(net_loop_new(&p.loop, &e), WS_OK);
    assert_int_equal(check_source_new(p.loop, NULL, 0, path, take_all, &p, &p.source, &e), WS_OK);
    close(ends[0]);
    take_all(&p);
    assert_int_equal(p.got.len, 0);
    deliver(&p);
    assert_int_equal(net_loop_run(p.loop, &e), WS_OK);
    assert_string_equal(base_buf_cstr(&p.got), "a.example,b.example,c.example,");
    assert_true(p.ready >= 4);
    check_source_free(p.source);
    net_loop_free(p.loop);
    base_buf_release(&p.got);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read_as_people_write_them),
        cmocka_unit_test(a_nul_does_not_end_a_target),
        cmocka_unit_test(long_lines_are_told_and_passed_over),
        cmocka_unit_test(a_line_without_end_ends_the_list),
        cmocka_unit_test(words_come_before_the_file),
        cmocka_unit_test(a_file_that_is_none_is_named),
        cmocka_unit_test(a_slow_pipe_does_not_stop_the_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
