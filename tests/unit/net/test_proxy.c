/* SPDX-License-Identifier: Apache-2.0 */
/* The way through a proxy: every answer, whole and byte by byte, and those that are none. */
#include "base/base64.h"
#include "net/proxy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* What stands behind the proxy: remembers all that it is told. */
struct inner {
    struct net_engine engine;
    struct base_buf out, seen;
    unsigned connected, not_connected, closed, ticks;
    enum facts_connect_state state;
    char error[256];
    bool done;
};

static struct inner in;
static struct net_proxy *proxy;
static struct net_engine *outer;

static struct inner *of(struct net_engine *e) {
    return (struct inner *)(void *)e;
}
static void on_connected(struct net_engine *e, double ms, base_usec now) {
    (void)ms;
    (void)now;
    of(e)->connected++;
    base_buf_append_str(&of(e)->out, "hello");
}
static void on_not_connected(struct net_engine *e, enum facts_connect_state state,
                             const char *error, double ms, base_usec now) {
    (void)ms;
    (void)now;
    of(e)->not_connected++;
    of(e)->state = state;
    of(e)->error[base_bytes_copy(of(e)->error, 255, base_bytes_of_str(error))] = 0;
    of(e)->done = true;
}
static void on_received(struct net_engine *e, struct base_bytes b, base_usec now) {
    (void)now;
    base_buf_append_bytes(&of(e)->seen, b);
}
static void on_closed(struct net_engine *e, bool reset, base_usec now) {
    (void)reset;
    (void)now;
    of(e)->closed++;
    of(e)->done = true;
}
static void on_tick(struct net_engine *e, base_usec now) {
    (void)now;
    of(e)->ticks++;
}
static struct base_buf *on_output(struct net_engine *e) {
    return &of(e)->out;
}
static base_usec on_deadline(const struct net_engine *e) {
    (void)e;
    return 50 * BASE_SECOND;
}
static bool on_done(const struct net_engine *e) {
    return ((const struct inner *)(const void *)e)->done;
}
static const struct net_engine_ops ops = {on_connected, on_not_connected, on_received, on_closed,
                                          on_tick,      on_output,        on_deadline, on_done};

static void begin(struct net_proxy_config c) {
    struct base_error e = {0};
    in = (struct inner){.engine = {&ops}};
    base_buf_init(&in.out, 4096);
    base_buf_init(&in.seen, 4096);
    if (c.timeout == 0)
        c.timeout = 5 * BASE_SECOND;
    assert_int_equal(net_proxy_new(&c, &in.engine, &proxy, &e), WS_OK);
    outer = net_proxy_engine(proxy);
    outer->ops->connected(outer, 1.0, BASE_SECOND);
    assert_int_equal(in.connected, 0);
}

static void end(void) {
    net_proxy_free(proxy);
    base_buf_release(&in.out);
    base_buf_release(&in.seen);
}

static void sent(const void *bytes, size_t len) {
    struct base_buf *out = outer->ops->output(outer);
    assert_int_equal(out->len, len);
    assert_memory_equal(base_buf_view(out).data, bytes, len);
    base_buf_clear(out);
}

static void feed(const void *bytes, size_t len, size_t step) {
    for (size_t at = 0; at < len; at += step)
        outer->ops->received(outer, base_bytes_slice(base_bytes_view(bytes, len), at, step),
                             2 * BASE_SECOND);
}

static const struct net_proxy_config http = {.host = "mx.example", .port = 25};
static const struct net_proxy_config socks = {
    .kind = NET_PROXY_SOCKS5, .host = "mx.example", .port = 0x1234};

static void http_consents(void **state) {
    static const char request[] = "CONNECT mx.example:25 HTTP/1.1\r\nHost: mx.example:25\r\n\r\n";
    static const char answer[] = "HTTP/1.1 200 OK\r\nX: y\r\n\r\n220 mx";
    (void)state;
    for (size_t step = 1; step <= sizeof answer; step += 5) {
        begin(http);
        sent(request, sizeof request - 1);
        feed(answer, sizeof answer - 1, step);
        assert_int_equal(in.connected, 1);
        assert_string_equal(base_buf_cstr(&in.seen), "220 mx");
        sent("hello", 5);
        outer->ops->closed(outer, false, 3 * BASE_SECOND);
        assert_int_equal(in.closed, 1);
        assert_true(outer->ops->done(outer));
        end();
    }
}

static void http_authenticates(void **state) {
    struct net_proxy_config c = {.host = "2001:db8::1", .port = 25, .user = "me", .secret = "pass"};
    static const char request[] = "CONNECT [2001:db8::1]:25 HTTP/1.1\r\nHost: [2001:db8::1]:25\r\n"
                                  "Proxy-Authorization: Basic bWU6cGFzcw==\r\n\r\n";
    (void)state;
    begin(c);
    sent(request, sizeof request - 1);
    end();
}

static void http_refuses(void **state) {
    static const struct {
        const char *answer, *word;
    } cases[] = {
        {"HTTP/1.0 403 Forbidden\r\n\r\n", "403 Forbidden"},
        {"HTTP/1.1 407 Who?\x1b[31m\r\nA: b\r\n\r\n", "407 Who?\\x1B[31m"},
        {"HTTP/1.1\r\n\r\n", "HTTP/1.1"},
        {"220 mx.example ESMTP\r\n", "no HTTP proxy"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin(http);
        feed(cases[i].answer, strlen(cases[i].answer), 3);
        assert_int_equal(in.connected, 0);
        assert_int_equal(in.not_connected, 1);
        assert_non_null(strstr(in.error, cases[i].word));
        assert_true(outer->ops->done(outer));
        end();
    }
}

static void an_endless_answer_ends(void **state) {
    static char flood[20000];
    (void)state;
    for (size_t i = 0; i < sizeof flood; i++)
        flood[i] = 'x';
    begin(http);
    feed("HTTP/1.1 200 ", 13, 13);
    feed(flood, sizeof flood, 1000);
    assert_int_equal(in.not_connected, 1);
    assert_int_equal(in.state, FACTS_CONNECT_ERROR);
    end();
}

static void silence_and_close(void **state) {
    (void)state;
    begin(http);
    assert_int_equal(outer->ops->deadline(outer), 6 * BASE_SECOND);
    outer->ops->tick(outer, 6 * BASE_SECOND);
    assert_int_equal(in.state, FACTS_CONNECT_TIMEOUT);
    end();
    begin(socks);
    outer->ops->closed(outer, true, 2 * BASE_SECOND);
    assert_int_equal(in.not_connected, 1);
    assert_non_null(strstr(in.error, "closed"));
    end();
    begin(http);
    outer->ops->not_connected(outer, FACTS_CONNECT_REFUSED, "refused", 1.0, BASE_SECOND);
    assert_non_null(strstr(in.error, "the proxy: refused"));
    end();
}

static void socks_consents(void **state) {
    static const uint8_t greeting[] = {5, 1, 0}, method[] = {5, 0};
    static const uint8_t request[] = {5,   1,   0,   3,   10,  'm', 'x',  '.', 'e',
                                      'x', 'a', 'm', 'p', 'l', 'e', 0x12, 0x34};
    static const uint8_t reply[] = {5, 0, 0, 1, 127, 0, 0, 1, 0, 25, '2', '2', '0'};
    (void)state;
    for (size_t step = 1; step < sizeof reply; step += 3) {
        begin(socks);
        sent(greeting, sizeof greeting);
        feed(method, sizeof method, step);
        sent(request, sizeof request);
        feed(reply, sizeof reply, step);
        assert_int_equal(in.connected, 1);
        assert_string_equal(base_buf_cstr(&in.seen), "220");
        end();
    }
}

static void socks_logs_in(void **state) {
    struct net_proxy_config c = {
        .kind = NET_PROXY_SOCKS5, .host = "192.0.2.1", .port = 25, .user = "me", .secret = "x"};
    static const uint8_t greeting[] = {5, 2, 0, 2}, login[] = {1, 2, 'm', 'e', 1, 'x'};
    static const uint8_t request[] = {5, 1, 0, 1, 192, 0, 2, 1, 0, 25};
    (void)state;
    begin(c);
    sent(greeting, sizeof greeting);
    feed("\x05\x02", 2, 1);
    sent(login, sizeof login);
    feed("\x01\x00", 2, 1);
    sent(request, sizeof request);
    end();
    begin(c);
    feed("\x05\x02\x01\x01", 4, 4);
    assert_int_equal(in.not_connected, 1);
    assert_non_null(strstr(in.error, "password"));
    end();
}

static void socks_refuses(void **state) {
    static const struct {
        uint8_t answer[8];
        size_t len;
        enum facts_connect_state wanted;
    } cases[] = {
        {{5, 0xff}, 2, FACTS_CONNECT_REFUSED},
        {{5, 2}, 2, FACTS_CONNECT_REFUSED}, /* wants a password that we have not */
        {{'H', 'T', 'T', 'P'}, 4, FACTS_CONNECT_ERROR},
        {{5, 0, 5, 5, 0, 1, 0}, 7, FACTS_CONNECT_REFUSED},
        {{5, 0, 5, 4, 0, 1, 0}, 7, FACTS_CONNECT_UNREACHABLE},
        {{5, 0, 5, 6, 0, 1, 0}, 7, FACTS_CONNECT_TIMEOUT},
        {{5, 0, 5, 99, 0, 1, 0}, 7, FACTS_CONNECT_REFUSED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin(socks);
        feed(cases[i].answer, cases[i].len, 1);
        assert_int_equal(in.connected, 0);
        assert_int_equal(in.not_connected, 1);
        assert_int_equal(in.state, cases[i].wanted);
        end();
    }
}

static void wrong_names_are_refused(void **state) {
    static char long_name[300];
    struct net_proxy_config c = http;
    (void)state;
    for (size_t i = 0; i + 1 < sizeof long_name; i++)
        long_name[i] = 'a';
    const char *const names[] = {long_name, "a\r\nHost: b", "a\x7f"};
    for (size_t i = 0; i < 3; i++) {
        struct base_error e = {0};
        c.host = names[i];
        assert_int_equal(net_proxy_new(&c, &in.engine, &proxy, &e), WS_USAGE);
        assert_non_null(strstr(base_error_message(&e), "proxy"));
    }
}

static void base64_both_ways(void **state) {
    static const char *const pairs[][2] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}};
    struct base_buf b;
    (void)state;
    base_buf_init(&b, 100);
    for (size_t i = 0; i < 5; i++) {
        base_base64_encode(&b, base_bytes_of_str(pairs[i][0]));
        assert_string_equal(base_buf_cstr(&b), pairs[i][1]);
        base_buf_clear(&b);
        assert_true(base_base64_decode(&b, base_bytes_of_str(pairs[i][1])));
        assert_string_equal(base_buf_cstr(&b), pairs[i][0]);
        base_buf_clear(&b);
    }
    assert_false(base_base64_decode(&b, base_bytes_of_str("a b")));
    assert_int_equal(b.len, 0);
    base_buf_release(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(http_consents),
        cmocka_unit_test(http_authenticates),
        cmocka_unit_test(http_refuses),
        cmocka_unit_test(an_endless_answer_ends),
        cmocka_unit_test(silence_and_close),
        cmocka_unit_test(socks_consents),
        cmocka_unit_test(socks_logs_in),
        cmocka_unit_test(socks_refuses),
        cmocka_unit_test(wrong_names_are_refused),
        cmocka_unit_test(base64_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
