/* SPDX-License-Identifier: Apache-2.0 */
/* The transcript's lines, XCLIENT commands, PROXY headers, base64, mail routes that need no DNS. */
#include "base/base64.h"
#include "send/pipe.h"
#include "send/proxy.h"
#include "send/route.h"
#include "send/transcript.h"
#include "swaks/xclient.h"

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

/* --- XCLIENT --- */

static void test_xclient(void **state) {
    struct base_arena a;
    struct swaks_xclient_builder b = {0};
    struct send_xclient x = {0};
    (void)state;
    base_arena_init(&a, 1 << 20);
    swaks_xclient_delimit(&b, &a);
    swaks_xclient_attribute(&b, &a, "ADDR", "192.0.2.1");
    swaks_xclient_attribute(&b, &a, "REVERSE_NAME", "a b+c=d\r\n");
    swaks_xclient_delimit(&b, &a);
    swaks_xclient_delimit(&b, &a);
    swaks_xclient_attribute(&b, &a, "HELO", "");
    swaks_xclient_raw(&b, &a, "FOO=a b");
    swaks_xclient_attribute(&b, &a, "PORT", "1");
    swaks_xclient_finish(&b, &a, &x);
    assert_int_equal(x.group_count, 4);
    assert_string_equal(x.groups[0].arguments, "ADDR=192.0.2.1 REVERSE_NAME=a+20b+2Bc+3Dd+0D+0A");
    assert_int_equal(x.groups[0].attribute_count, 2);
    assert_string_equal(x.groups[0].attributes[1], "REVERSE_NAME");
    assert_string_equal(x.groups[1].arguments, "HELO=");
    assert_string_equal(x.groups[2].arguments, "FOO=a b");
    assert_int_equal(x.groups[2].attribute_count, 0);
    assert_string_equal(x.groups[3].arguments, "PORT=1");
    base_arena_release(&a);
}

/* --- PROXY --- */

#define SIGNATURE "\x0d\x0a\x0d\x0a\x00\x0d\x0a\x51\x55\x49\x54\x0a"

static void v2(const struct send_proxy *p, const void *expected, size_t len) {
    struct base_buf b;
    struct base_error e = {0};
    base_buf_init(&b, 4096);
    assert_int_equal(send_proxy_v2(p, &b, &e), WS_OK);
    assert_int_equal(b.len, len);
    assert_memory_equal(base_buf_view(&b).data, expected, len);
    base_buf_release(&b);
}

static void test_proxy(void **state) {
    struct send_proxy p = {"TCP4", NULL, NULL, "192.0.2.1", "4711", "192.0.2.2", "25"};
    struct base_buf b;
    struct base_error e = {0};
    (void)state;
    base_buf_init(&b, 4096);
    send_proxy_v1(&p, &b);
    assert_string_equal(base_buf_cstr(&b), "PROXY TCP4 192.0.2.1 192.0.2.2 4711 25\r\n");
    p.family = "AF_INET";
    p.protocol = "STREAM";
    p.command = "PROXY";
    v2(&p, SIGNATURE "\x21\x11\x00\x0c\xc0\x00\x02\x01\xc0\x00\x02\x02\x12\x67\x00\x19", 28);
    p.command = "LOCAL"; /* no addresses, and well formed */
    v2(&p, SIGNATURE "\x20\x00\x00\x00", 16);
    p.command = "PROXY";
    p.family = "AF_UNSPEC";
    v2(&p, SIGNATURE "\x21\x01\x00\x00", 16);
    p.family = "AF_INET6"; /* but the addresses are of version 4 */
    assert_int_equal(send_proxy_v2(&p, &b, &e), WS_SYNTAX);
    p.source = p.dest = "2001:db8::1";
    p.source_port = "65536";
    assert_int_equal(send_proxy_v2(&p, &b, &e), WS_SYNTAX);
    base_buf_release(&b);
}

static void test_proxy_unix(void **state) {
    const struct send_proxy p = {"AF_UNIX", "STREAM", "PROXY", "/a", NULL, "/b", NULL};
    uint8_t expected[16 + 216] = {0};
    (void)state;
    (void)base_bytes_copy(expected, 16, base_bytes_view(SIGNATURE "\x21\x31\x00\xd8", 16));
    (void)base_bytes_copy(expected + 16, 2, base_bytes_of_str("/a"));
    (void)base_bytes_copy(expected + 124, 2, base_bytes_of_str("/b"));
    v2(&p, expected, sizeof expected);
}

/* --- base64 and routes --- */

static void test_base64(void **state) {
    static const struct {
        const char *plain, *coded;
    } cases[] = {{"", ""},
                 {"f", "Zg=="},
                 {"fo", "Zm8="},
                 {"foo", "Zm9v"},
                 {"foob", "Zm9vYg=="},
                 {"fooba", "Zm9vYmE="},
                 {"\xff\xfe", "//4="}};
    static const char *const bad[] = {"Zg==Zg", "a b", "NTLM supported", "Z\n", "Zm9v!"};
    struct base_buf b;
    (void)state;
    base_buf_init(&b, 1024);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        base_buf_clear(&b);
        base_base64_encode(&b, base_bytes_of_str(cases[i].plain));
        assert_string_equal(base_buf_cstr(&b), cases[i].coded);
        base_buf_clear(&b);
        assert_true(base_base64_decode(&b, base_bytes_of_str(cases[i].coded)));
        assert_string_equal(base_buf_cstr(&b), cases[i].plain);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        base_buf_clear(&b);
        assert_false(base_base64_decode(&b, base_bytes_of_str(bad[i])));
        assert_int_equal(b.len, 0);
    }
    base_buf_release(&b);
}

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
        cmocka_unit_test(test_xclient),
        cmocka_unit_test(test_proxy),
        cmocka_unit_test(test_proxy_unix),
        cmocka_unit_test(test_base64),
        cmocka_unit_test(test_route),
        cmocka_unit_test(test_child),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
