/* SPDX-License-Identifier: Apache-2.0 */
/* The transcript's lines, mail routes that need no DNS, a child in place of a server. */
#include "send/pipe.h"
#include "send/route.h"
#include "send/transcript.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* --- transcript --- */

struct sheet {
    struct send_output output;
    struct send_transcript t;
    char text[8192];
};

static void open_sheet(struct sheet *s) {
    int fd = memfd_create("sheet", 0);
    *s = (struct sheet){.output = {.out_fd = fd, .err_fd = fd}};
    send_transcript_init(&s->t, &s->output);
}

static const char *close_sheet(struct sheet *s) {
    send_transcript_release(&s->t);
    ssize_t n = pread(s->output.out_fd, s->text, sizeof s->text - 1, 0);
    s->text[n > 0 ? n : 0] = '\0';
    close(s->output.out_fd);
    return s->text;
}

static void write_all_kinds(struct sheet *s) {
    for (int tls = 0; tls < 2; tls++) {
        send_transcript_text(&s->t, SEND_LINE_SENT, tls, base_bytes_of_str("sent"));
        send_transcript_text(&s->t, SEND_LINE_RECEIVED, tls, base_bytes_of_str("250-a\n250 b\n"));
        send_transcript_text(&s->t, SEND_LINE_UNEXPECTED, tls, base_bytes_of_str("550 no"));
    }
    send_transcript_info(&s->t, "info %d", 1);
    send_transcript_error(&s->t, "one\n\ttwo\n\n");
}

static void test_prefixes(void **state) {
    struct sheet s;
    (void)state;
    open_sheet(&s);
    write_all_kinds(&s);
    assert_string_equal(close_sheet(&s), " -> sent\n<-  250-a\n<-  250 b\n<** 550 no\n"
                                         " ~> sent\n<~  250-a\n<~  250 b\n<~* 550 no\n"
                                         "=== info 1\n*** one\n*** \ttwo\n*** \n");
}

/* Decoded challenges and answers are shown as they are, CR and all. */
static void test_bytes_kept(void **state) {
    struct sheet s;
    (void)state;
    open_sheet(&s);
    send_transcript_text(&s.t, SEND_LINE_SENT, false, base_bytes_view("a\r\0b\nc\r", 7));
    assert_string_equal(close_sheet(&s), " -> a\r");
}

static void test_hints_and_hiding(void **state) {
    struct sheet s;
    (void)state;
    open_sheet(&s);
    s.output.no_send_hints = s.output.hide_receive = s.output.no_info_hints = true;
    write_all_kinds(&s);
    assert_string_equal(close_sheet(&s), "sent\nsent\ninfo 1\none\n\ttwo\n\n");
    open_sheet(&s);
    s.output.hide_all = true;
    write_all_kinds(&s);
    assert_string_equal(close_sheet(&s), "");
}

static void test_silence(void **state) {
    static const char *const expected[] = {
        [SEND_FROM_FIRST_ERROR] = "<** 550 no\n ~> sent\n<~  250-a\n<~  250 b\n<~* 550 no\n"
                                  "=== info 1\n*** one\n*** \ttwo\n*** \n",
        [SEND_ERRORS_ONLY] = "<** 550 no\n<~* 550 no\n*** one\n*** \ttwo\n*** \n",
        [SEND_SILENT] = "",
    };
    (void)state;
    for (enum send_silence i = SEND_FROM_FIRST_ERROR; i <= SEND_SILENT; i++) {
        struct sheet s;
        open_sheet(&s);
        s.output.silence = i;
        write_all_kinds(&s);
        assert_string_equal(close_sheet(&s), expected[i]);
    }
}

static void test_raw(void **state) {
    struct sheet s;
    (void)state;
    open_sheet(&s);
    s.output.raw = true;
    send_transcript_raw(&s.t, true, base_bytes_of_str("MAIL FROM:<f@x>\r\n"));
    send_transcript_raw(&s.t, false, base_bytes_view("\0\xff~", 3));
    send_transcript_raw(&s.t, false, BASE_BYTES_EMPTY);
    assert_string_equal(close_sheet(&s),
                        "  > 0000: 4D 41 49 4C  20 46 52 4F  4D 3A 3C 66  40 78 3E 0D    "
                        "MAIL.FROM:<f@x>.\n"
                        "  > 0016: 0A                                                    "
                        ".               \n"
                        "<   0000: 00 FF 7E                                              "
                        "..~             \n");
}

/* However a message is cut, each line has its prefix, and of the last line's end only LF is shown.
 */
static void test_pieces(void **state) {
    static const char text[] = "a\r\n\r\nb\rc\n.\r\n";
    (void)state;
    for (size_t chunk = 1; chunk <= sizeof text; chunk++) {
        struct sheet s;
        struct send_transcript_stream stream = {.in_tls = true};
        open_sheet(&s);
        for (size_t at = 0; at < sizeof text - 1; at += chunk)
            send_transcript_piece(&s.t, &stream,
                                  base_bytes_slice(base_bytes_of_str(text), at, chunk));
        send_transcript_end(&s.t, &stream);
        assert_string_equal(close_sheet(&s), " ~> a\r\n ~> \r\n ~> b\rc\n ~> .\n");
    }
}

static void test_lapse(void **state) {
    struct sheet s;
    (void)state;
    open_sheet(&s);
    send_transcript_lapse(&s.t, 5);
    s.output.lapse = SEND_LAPSE;
    send_transcript_lapse(&s.t, 1234567);
    s.output.lapse = SEND_LAPSE_WHOLE_SECONDS;
    send_transcript_lapse(&s.t, 1999999);
    assert_string_equal(close_sheet(&s), "=== response in 1.235s\n=== response in 1s\n");
}

/* --- routes --- */

static void test_route(void **state) {
    static const struct {
        const char *address, *domain, *server;
    } cases[] = {
        {"user@[192.0.2.1]", "[192.0.2.1]", "192.0.2.1"},
        {"user@[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]", "2001:db8::1"},
        {"user@#3221225985", "#3221225985", "192.0.2.1"},
        {"user", "", "localhost"},
        {"", "", "localhost"},
        {"a@b@[192.0.2.9]>", "[192.0.2.9]", "192.0.2.9"},
    };
    struct base_arena a;
    (void)state;
    base_arena_init(&a, 1 << 20);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *domain = send_route_domain(&a, cases[i].address);
        assert_string_equal(domain, cases[i].domain);
        assert_string_equal(send_route_server(&a, domain, NULL, NULL), cases[i].server);
    }
    base_arena_release(&a);
}

/* A child in place of a server has pipes: it may end its output and live on, and not read at all;
 * what was said comes through, to the last byte. */
static void test_child(void **state) {
    struct base_error e = {0};
    struct base_buf heard;
    pid_t child = -1;
    int fd = -1;
    char block[4096];
    ssize_t n;
    (void)state;
    assert_int_equal(
        send_pipe_start("test -p /dev/stdin && cat; exec 1>&-; exec sleep 20", &fd, &child, &e),
        WS_OK);
    base_buf_init(&heard, 1 << 20);
    for (int i = 0; i < 100; i++)
        assert_int_equal(write(fd, "0123456789", 10), 10);
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    while ((n = read(fd, block, sizeof block)) > 0) /* its end does not wait for the child's */
        base_buf_append(&heard, block, (size_t)n);
    assert_int_equal(n, 0);
    assert_int_equal(heard.len, 1000);
    base_buf_release(&heard);
    assert_int_equal(close(fd), 0);
    assert_int_equal(kill(child, SIGKILL), 0);
    (void)waitpid(child, NULL, 0);
    assert_int_equal(send_pipe_start("/nonexistent/server -x", &fd, &child, &e), WS_SYSTEM);
    assert_string_equal(base_error_message(&e), "No such file or directory");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_bytes_kept),
        cmocka_unit_test(test_hints_and_hiding),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_raw),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_lapse),
        cmocka_unit_test(test_route),
        cmocka_unit_test(test_child),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
