/* SPDX-License-Identifier: Apache-2.0 */
#include "listen/sink.h"
#include "pki/forge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define IDLE (60 * BASE_SECOND)

/* A client played by the test, under a virtual clock. */
struct stage {
    struct listen_sink_config config;
    struct listen_sink *sink;
    struct net_engine *engine;
    struct tls_session *client;
    struct base_buf heard;   /* what the server said, decrypted when TLS is up */
    struct base_buf wrapped; /* what the client's session wants sent */
    base_usec now;
    bool byte_by_byte;
};

static struct tls_context *server_tls, *client_tls;

static int make_contexts(void **state) {
    static const char *const names[] = {"mx.test.example", NULL};
    struct pki_forge_request r = {
        .common_name = names[0], .dns_names = names, .not_before = 0, .not_after = 4000000000};
    struct pki_forged *f;
    struct base_buf chain, key;
    struct base_error e = {0};
    (void)state;
    base_buf_init(&chain, 1 << 16);
    base_buf_init(&key, 1 << 16);
    assert_int_equal(pki_forge(&r, NULL, &f, &e), WS_OK);
    assert_int_equal(pki_forged_certificate_pem(f, &chain), WS_OK);
    assert_int_equal(pki_forged_key_pem(f, &key), WS_OK);
    struct tls_server_config c = {.chain_pem = base_buf_view(&chain),
                                  .key_pem = base_buf_view(&key)};
    struct tls_client_config client = {0};
    assert_int_equal(tls_server_context_new(&c, &server_tls, &e), WS_OK);
    assert_int_equal(tls_client_context_new(&client, &client_tls, &e), WS_OK);
    base_buf_release(&chain);
    base_buf_release(&key);
    pki_forged_free(f);
    return 0;
}

static int free_contexts(void **state) {
    (void)state;
    tls_context_free(server_tls);
    tls_context_free(client_tls);
    return 0;
}

static bool is_done(const struct stage *s) {
    return s->engine->ops->done(s->engine);
}

/* Hands over what the sink said: to `heard`, or through the client's session. */
static void listen_to_sink(struct stage *s) {
    struct base_buf *out = s->engine->ops->output(s->engine);
    assert_false(out->failed);
    if (s->client) {
        tls_session_feed(s->client, base_buf_view(out), s->now);
        struct base_buf *plain = tls_session_plain(s->client);
        base_buf_append_bytes(&s->heard, base_buf_view(plain));
        base_buf_clear(plain);
    } else {
        base_buf_append_bytes(&s->heard, base_buf_view(out));
    }
    base_buf_clear(out);
}

static void deliver(struct stage *s, struct base_bytes in) {
    size_t step = s->byte_by_byte ? 1 : in.len;
    for (size_t at = 0; at < in.len && !is_done(s); at += step) {
        s->engine->ops->received(s->engine, base_bytes_slice(in, at, step), s->now);
        listen_to_sink(s);
    }
}

/* Sends what the client's session has, back and forth until both are quiet. */
static void exchange(struct stage *s) {
    struct base_buf *out = tls_session_output(s->client);
    while (out->len > 0) {
        base_buf_clear(&s->wrapped);
        base_buf_append_bytes(&s->wrapped, base_buf_view(out));
        base_buf_clear(out);
        deliver(s, base_buf_view(&s->wrapped));
    }
}

static void say_bytes(struct stage *s, const void *data, size_t len) {
    if (!s->client) {
        deliver(s, base_bytes_view(data, len));
        return;
    }
    assert_int_equal(tls_session_write(s->client, base_bytes_view(data, len)), WS_OK);
    exchange(s);
}

static void say(struct stage *s, const char *text) {
    say_bytes(s, text, strlen(text));
}

static void expect(struct stage *s, const char *text) {
    assert_string_equal(base_buf_cstr(&s->heard), text);
    base_buf_clear(&s->heard);
}

static void ask(struct stage *s, const char *text, const char *reply) {
    say(s, text);
    expect(s, reply);
}

static void stage_open(struct stage *s, enum listen_fault fault, bool implicit_tls) {
    *s = (struct stage){.now = 1000 * BASE_SECOND};
    s->config = (struct listen_sink_config){.name = "mx.test.example",
                                            .fault = fault,
                                            .tls = server_tls,
                                            .implicit_tls = implicit_tls,
                                            .idle_timeout = IDLE};
    base_buf_init(&s->heard, 1 << 20);
    base_buf_init(&s->wrapped, 32 << 20);
    assert_int_equal(listen_sink_new(&s->config, "192.0.2.9:4711", &s->sink), WS_OK);
    s->engine = listen_sink_engine(s->sink);
    assert_ptr_equal(listen_sink_of(s->engine), s->sink);
    assert_true(s->engine->ops->deadline(s->engine) == BASE_NEVER);
    s->engine->ops->connected(s->engine, 0, s->now);
    listen_to_sink(s);
}

static void stage_open_plain(struct stage *s) {
    stage_open(s, LISTEN_HEALTHY, false);
    expect(s, "220 mx.test.example ESMTP waxseal\r\n");
}

static void stage_close(struct stage *s) {
    if (s->client)
        tls_session_free(s->client);
    listen_sink_free(s->sink);
    base_buf_release(&s->heard);
    base_buf_release(&s->wrapped);
}

static void begin_tls(struct stage *s) {
    struct base_error e = {0};
    base_buf_clear(&s->heard);
    assert_int_equal(tls_session_new(client_tls, "mx.test.example", NULL, "client", &s->client, &e),
                     WS_OK);
    tls_session_start(s->client, s->now);
    exchange(s);
    assert_int_equal(tls_session_state(s->client), TLS_UP);
}

#define EHLO_PLAIN                                                                                 \
    "250-mx.test.example\r\n250-SIZE 10240000\r\n250-8BITMIME\r\n250-STARTTLS\r\n"                 \
    "250 ENHANCEDSTATUSCODES\r\n"
#define EHLO_TLS                                                                                   \
    "250-mx.test.example\r\n250-SIZE 10240000\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n"

/* --- hostile clients --- */

/* The whole point of STARTTLS: what was said in clear behind it never counts. */
static void text_behind_starttls_is_dropped(void **state) {
    static const char *const rows[] = {
        "STARTTLS\r\nEHLO evil\r\nMAIL FROM:<evil@test.example>\r\n",
        "STARTTLS\r\nMAIL FROM:<evil@te", /* half a line */
        "starttls\r\nRSET\r\n",
        "STARTTLS\r\nSTARTTLS\r\nQUIT\r\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct stage s;
        stage_open_plain(&s);
        ask(&s, "EHLO client\r\n", EHLO_PLAIN);
        ask(&s, rows[i], "220 2.0.0 Ready to start TLS\r\n");
        assert_string_equal(listen_sink_state(s.sink), "handshake");
        begin_tls(&s);
        expect(&s, ""); /* no answer to what was slipped in */
        ask(&s, "MAIL FROM:<me@test.example>\r\n", "503 5.5.1 Say EHLO first\r\n");
        ask(&s, "EHLO client\r\n", EHLO_TLS);
        stage_close(&s);
    }
}

/* The same in two segments: in clear where a ClientHello must stand ends the handshake. */
static void text_instead_of_a_client_hello(void **state) {
    struct stage s;
    (void)state;
    stage_open_plain(&s);
    ask(&s, "STARTTLS\r\n", "220 2.0.0 Ready to start TLS\r\n");
    say(&s, "MAIL FROM:<evil@test.example>\r\n");
    assert_true(is_done(&s));
    stage_close(&s);
}

static void lines_that_are_none(void **state) {
    static const struct {
        const char *text;
        size_t len;
        const char *reply;
    } rows[] = {
        {"EHLO a\n", 7, "500 5.5.2 Lines end in CR LF\r\n"},
        {"EHLO a\0b\r\n", 10, "500 5.5.2 Printable ASCII only\r\n"},
        {"EHLO \x1b[2J\r\n", 11, "500 5.5.2 Printable ASCII only\r\n"},
        {"EHLO \xc3\xa4\r\n", 9, "500 5.5.2 Printable ASCII only\r\n"},
        {"NOOP\rQUIT\r\n", 11, "500 5.5.2 Printable ASCII only\r\n"},
        {"\r\n", 2, "500 5.5.2 Command not recognized\r\n"},
        {" NOOP\r\n", 7, "500 5.5.2 Command not recognized\r\n"},
        {"NOOPE\r\n", 7, "500 5.5.2 Command not recognized\r\n"},
        {"GET / HTTP/1.1\r\n", 16, "500 5.5.2 Command not recognized\r\n"},
        {"EHLO\r\n", 6, "501 5.5.4 Say who you are\r\n"},
        {"EHLO  \r\n", 8, "501 5.5.4 Say who you are\r\n"},
        {"STARTTLS now\r\n", 14, "501 5.5.4 STARTTLS takes no parameters\r\n"},
        {"MAIL FROM:<a@b>\r\n", 17, "503 5.5.1 Say EHLO first\r\n"},
        {"RCPT TO:<a@b>\r\n", 15, "503 5.5.1 Say MAIL first\r\n"},
        {"DATA\r\n", 6, "503 5.5.1 Say RCPT first\r\n"},
        {"VRFY\r\n", 6, "501 5.5.4 Syntax: VRFY address\r\n"},
        {"AUTH PLAIN AAAA\r\n", 17, "500 5.5.2 Command not recognized\r\n"},
    };
    struct stage s;
    (void)state;
    stage_open_plain(&s);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        say_bytes(&s, rows[i].text, rows[i].len);
        expect(&s, rows[i].reply);
    }
    stage_close(&s);
}

static void a_line_of_a_megabyte(void **state) {
    enum { LONG = 1 << 20 };
    char *text = malloc(LONG);
    struct stage s;
    (void)state;
    assert_non_null(text);
    memset(text, 'x', LONG);
    stage_open_plain(&s);
    say_bytes(&s, text, LONG);
    expect(&s, "");
    ask(&s, "\r\nNOOP\r\n", "500 5.5.6 Line too long\r\n250 2.0.0 Ok\r\n");
    free(text);
    stage_close(&s);
}

static void too_many_errors(void **state) {
    struct stage s;
    (void)state;
    stage_open_plain(&s);
    for (unsigned i = 0; i < 19; i++)
        ask(&s, "BLAH\r\n", "500 5.5.2 Command not recognized\r\n");
    ask(&s, "BLAH\r\nNOOP\r\n",
        "500 5.5.2 Command not recognized\r\n421 4.7.0 mx.test.example Too many errors\r\n");
    assert_true(is_done(&s));
    stage_close(&s);
}

static void paths_and_parameters(void **state) {
    static const struct {
        const char *text;
        const char *reply;
    } rows[] = {
        {"MAIL FROM:a@b\r\n", "501 5.5.4 Syntax: MAIL FROM:<address>\r\n"},
        {"MAIL FROM:<a@b\r\n", "501 5.5.4 Syntax: MAIL FROM:<address>\r\n"},
        {"MAIL FROM:<a@b>SIZE=1\r\n", "501 5.5.4 Syntax: MAIL FROM:<address>\r\n"},
        {"MAIL\r\n", "501 5.5.4 Syntax: MAIL FROM:<address>\r\n"},
        {"MAIL TO:<a@b>\r\n", "501 5.5.4 Syntax: MAIL FROM:<address>\r\n"},
        {"MAIL FROM:<a@b> SIZE=\r\n", "501 5.5.4 SIZE needs a number\r\n"},
        {"MAIL FROM:<a@b> SIZE=-1\r\n", "501 5.5.4 SIZE needs a number\r\n"},
        {"MAIL FROM:<a@b> SIZE=18446744073709551616\r\n", "501 5.5.4 SIZE needs a number\r\n"},
        {"MAIL FROM:<a@b> SIZE=10240001\r\n", "552 5.3.4 Message too large\r\n"},
        {"MAIL FROM:<a@b> BODY=7BIT SMTPUTF8\r\n", "555 5.5.4 Unknown parameter\r\n"},
        {"mail from:<> body=8bitmime SIZE=10240000\r\n", "250 2.1.0 Ok\r\n"},
        {"MAIL FROM:<a@b>\r\n", "503 5.5.1 A sender was given already\r\n"},
        {"RCPT TO:<>\r\n", "501 5.5.4 Syntax: RCPT TO:<address>\r\n"},
        {"RCPT TO:<a@b> NOTIFY=NEVER\r\n", "555 5.5.4 Unknown parameter\r\n"},
        {"DATA\r\n", "503 5.5.1 Say RCPT first\r\n"},
        {"RCPT TO:<a@b>\r\n", "250 2.1.5 Ok\r\n"},
        {"DATA now\r\n", "501 5.5.4 DATA takes no parameters\r\n"},
        {"RSET\r\n", "250 2.0.0 Ok\r\n"},
        {"RCPT TO:<a@b>\r\n", "503 5.5.1 Say MAIL first\r\n"},
        {"VRFY somebody\r\n", "252 2.5.2 Send some mail, it will be thrown away\r\n"},
        {"NOOP\r\n", "250 2.0.0 Ok\r\n"},
    };
    struct stage s;
    (void)state;
    stage_open_plain(&s);
    ask(&s, "HELO client\r\n", "250 mx.test.example\r\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ask(&s, rows[i].text, rows[i].reply);
    stage_close(&s);
}

/* --- messages --- */

static void until_data(struct stage *s) {
    say(s, "EHLO client\r\n");
    base_buf_clear(&s->heard);
    ask(s, "MAIL FROM:<a@test.example>\r\n", "250 2.1.0 Ok\r\n");
    ask(s, "RCPT TO:<b@test.example>\r\n", "250 2.1.5 Ok\r\n");
    ask(s, "DATA\r\n", "354 End with <CR><LF>.<CR><LF>\r\n");
}

/* Each of these would end a message for a server that is not strict (SMTP smuggling). */
static void only_one_end_of_a_message(void **state) {
    static const char *const rows[] = {"a\n.\n", "a\n.\r\n",   "a\r\n.\n", "a\r\n.\r\r\n",
                                       "..\r\n", "a\r.\r\r\n", ". \r\n"};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct stage s;
        stage_open_plain(&s);
        until_data(&s);
        ask(&s, rows[i], "");
        ask(&s, "MAIL FROM:<smuggled@test.example>\r\n", "");
        assert_string_equal(listen_sink_state(s.sink), "data");
        say(&s, "\r\n.\r\n");
        assert_int_equal(strncmp(base_buf_cstr(&s.heard), "250 2.0.0 Ok: ", 14), 0);
        assert_string_equal(listen_sink_state(s.sink), "command");
        stage_close(&s);
    }
}

static void an_empty_message(void **state) {
    struct stage s;
    (void)state;
    stage_open_plain(&s);
    until_data(&s);
    ask(&s, ".\r\n", "250 2.0.0 Ok: 0 bytes thrown away\r\n");
    ask(&s, "RCPT TO:<b@test.example>\r\n", "503 5.5.1 Say MAIL first\r\n");
    stage_close(&s);
}

static void pour(struct stage *s, size_t total) {
    enum { BLOCK = 1 << 16 };
    char *block = malloc(BLOCK);
    assert_non_null(block);
    memset(block, 'x', BLOCK);
    for (size_t i = 0; i + 1000 < BLOCK; i += 1000)
        memcpy(block + i, "\r\n", 2);
    for (size_t sent = 0; sent < total && !is_done(s); sent += BLOCK)
        say_bytes(s, block, BLOCK);
    free(block);
}

static void a_message_that_is_too_large(void **state) {
    struct stage s;
    (void)state;
    stage_open_plain(&s);
    until_data(&s);
    pour(&s, LISTEN_SINK_SIZE + 70000);
    ask(&s, "\r\n.\r\n", "552 5.3.4 Message too large\r\n");
    ask(&s, "NOOP\r\n", "250 2.0.0 Ok\r\n");
    stage_close(&s);
}

static void a_message_without_end(void **state) {
    struct stage s;
    (void)state;
    stage_open_plain(&s);
    until_data(&s);
    pour(&s, 2 * LISTEN_SINK_SIZE);
    expect(&s, "421 4.3.4 mx.test.example Message far too large\r\n");
    assert_true(is_done(&s));
    stage_close(&s);
}

static void too_many_recipients(void **state) {
    struct stage s;
    (void)state;
    stage_open_plain(&s);
    say(&s, "EHLO client\r\nMAIL FROM:<a@test.example>\r\n");
    base_buf_clear(&s.heard);
    for (unsigned i = 0; i < 100; i++)
        ask(&s, "RCPT TO:<b@test.example>\r\n", "250 2.1.5 Ok\r\n");
    ask(&s, "RCPT TO:<b@test.example>\r\n", "452 4.5.3 Too many recipients\r\n");
    ask(&s, "DATA\r\n", "354 End with <CR><LF>.<CR><LF>\r\n");
    stage_close(&s);
}

/* --- TLS --- */

static void whole_visit_over_tls(void **state) {
    (void)state;
    for (int slow = 0; slow < 2; slow++) {
        struct stage s;
        stage_open_plain(&s);
        s.byte_by_byte = slow;
        ask(&s, "EHLO client\r\n", EHLO_PLAIN);
        ask(&s, "STARTTLS\r\n", "220 2.0.0 Ready to start TLS\r\n");
        begin_tls(&s);
        expect(&s, "");
        ask(&s, "EHLO client\r\n", EHLO_TLS);
        ask(&s, "STARTTLS\r\n", "503 5.5.1 TLS is active already\r\n");
        ask(&s, "MAIL FROM:<a@test.example>\r\n", "250 2.1.0 Ok\r\n");
        ask(&s, "RCPT TO:<b@test.example>\r\n", "250 2.1.5 Ok\r\n");
        ask(&s, "DATA\r\n", "354 End with <CR><LF>.<CR><LF>\r\n");
        ask(&s, "Subject: hello\r\n\r\nThere.\r\n.\r\n", "250 2.0.0 Ok: 26 bytes thrown away\r\n");
        assert_false(is_done(&s));
        ask(&s, "QUIT\r\n", "221 2.0.0 Bye\r\n");
        assert_true(is_done(&s));
        assert_int_equal(tls_session_state(s.client), TLS_CLOSED); /* by close_notify */
        stage_close(&s);
    }
}

static void starttls_without_ehlo(void **state) {
    struct stage s;
    (void)state;
    stage_open_plain(&s);
    ask(&s, "STARTTLS\r\n", "220 2.0.0 Ready to start TLS\r\n");
    begin_tls(&s);
    ask(&s, "EHLO client\r\n", EHLO_TLS);
    stage_close(&s);
}

static void implicit_tls(void **state) {
    struct stage s;
    (void)state;
    stage_open(&s, LISTEN_HEALTHY, true);
    expect(&s, "");
    begin_tls(&s);
    expect(&s, "220 mx.test.example ESMTP waxseal\r\n");
    ask(&s, "EHLO client\r\n", EHLO_TLS);
    stage_close(&s);
}

static void client_leaves_by_close_notify(void **state) {
    struct stage s;
    (void)state;
    stage_open_plain(&s);
    say(&s, "STARTTLS\r\n");
    begin_tls(&s);
    tls_session_close(s.client);
    exchange(&s);
    assert_true(is_done(&s));
    stage_close(&s);
}

static void no_tls_at_all(void **state) {
    struct stage s;
    (void)state;
    stage_open_plain(&s);
    s.config.tls = NULL;
    ask(&s, "EHLO client\r\n", EHLO_TLS);
    ask(&s, "STARTTLS\r\n", "502 5.5.1 STARTTLS is not offered here\r\n");
    stage_close(&s);
}

/* --- planted faults --- */

static void fault_no_starttls(void **state) {
    struct stage s;
    (void)state;
    stage_open(&s, LISTEN_NO_STARTTLS, false);
    expect(&s, "220 mx.test.example ESMTP waxseal\r\n");
    ask(&s, "EHLO client\r\n", EHLO_TLS);
    ask(&s, "STARTTLS\r\n", "502 5.5.1 STARTTLS is not offered here\r\n");
    stage_close(&s);
}

static void fault_starttls_454(void **state) {
    struct stage s;
    (void)state;
    stage_open(&s, LISTEN_STARTTLS_454, false);
    base_buf_clear(&s.heard);
    ask(&s, "EHLO client\r\n", EHLO_PLAIN);
    ask(&s, "STARTTLS\r\n", "454 4.7.0 TLS not available due to local problem\r\n");
    ask(&s, "QUIT\r\n", "221 2.0.0 Bye\r\n");
    assert_true(is_done(&s));
    stage_close(&s);
}

static void fault_handshake_dies(void **state) {
    struct stage s;
    (void)state;
    stage_open(&s, LISTEN_HANDSHAKE_DIES, false);
    base_buf_clear(&s.heard);
    ask(&s, "EHLO client\r\n", EHLO_PLAIN);
    ask(&s, "STARTTLS\r\n", "220 2.0.0 Ready to start TLS\r\n");
    assert_false(is_done(&s)); /* waits for the ClientHello */
    say_bytes(&s, "\x16", 1);
    assert_true(is_done(&s));
    expect(&s, "");
    stage_close(&s);
}

static void fault_tarpit(void **state) {
    struct stage s;
    (void)state;
    stage_open(&s, LISTEN_TARPIT, false);
    ask(&s, "EHLO client\r\nQUIT\r\n", "");
    assert_false(is_done(&s));
    s.engine->ops->tick(s.engine, s.now + IDLE);
    listen_to_sink(&s);
    expect(&s, "");
    assert_true(is_done(&s));
    stage_close(&s);
}

/* The injected line stands in the same bytes as the reply; the session behind it is sound. */
static void fault_early_plaintext(void **state) {
    struct stage s;
    (void)state;
    stage_open(&s, LISTEN_EARLY_PLAINTEXT, false);
    base_buf_clear(&s.heard);
    ask(&s, "STARTTLS\r\n",
        "220 2.0.0 Ready to start TLS\r\n250 2.0.0 This line was slipped in before TLS\r\n");
    begin_tls(&s);
    ask(&s, "EHLO client\r\n", EHLO_TLS);
    stage_close(&s);
}

static void fault_masked(void **state) {
    struct stage s;
    (void)state;
    stage_open(&s, LISTEN_MASKED, false);
    expect(&s, "220 ******************************************************\r\n");
    ask(&s, "EHLO client\r\n",
        "250-mx.test.example\r\n250-SIZE 10240000\r\n250-8BITMIME\r\n250-XXXXXXXA\r\n"
        "250 ENHANCEDSTATUSCODES\r\n");
    ask(&s, "STARTTLS\r\n", "500 5.5.1 Command not recognized\r\n");
    stage_close(&s);
}

/* --- time and the end --- */

static void idle_clients_are_told(void **state) {
    struct stage s;
    (void)state;
    stage_open_plain(&s);
    assert_int_equal(s.engine->ops->deadline(s.engine), s.now + IDLE);
    s.engine->ops->tick(s.engine, s.now + IDLE - 1); /* too early: nothing happens */
    assert_false(is_done(&s));
    s.now += IDLE / 2;
    ask(&s, "NOOP\r\n", "250 2.0.0 Ok\r\n");
    assert_int_equal(s.engine->ops->deadline(s.engine), s.now + IDLE);
    s.engine->ops->tick(s.engine, s.now + IDLE);
    listen_to_sink(&s);
    expect(&s, "421 4.4.2 mx.test.example Nothing was said for too long\r\n");
    assert_true(is_done(&s));
    stage_close(&s);
}

static void idle_inside_tls(void **state) {
    struct stage s;
    (void)state;
    stage_open_plain(&s);
    say(&s, "STARTTLS\r\n");
    begin_tls(&s);
    s.engine->ops->tick(s.engine, s.now + IDLE);
    listen_to_sink(&s);
    expect(&s, "421 4.4.2 mx.test.example Nothing was said for too long\r\n");
    assert_true(is_done(&s));
    stage_close(&s);
}

static void idle_in_the_handshake(void **state) {
    struct stage s;
    (void)state;
    stage_open_plain(&s);
    ask(&s, "STARTTLS\r\n", "220 2.0.0 Ready to start TLS\r\n");
    s.engine->ops->tick(s.engine, s.now + IDLE);
    listen_to_sink(&s);
    expect(&s, ""); /* no text into a handshake */
    assert_true(is_done(&s));
    stage_close(&s);
}

/* The client may close or reset at each point of the visit. */
static void closed_at_each_point(void **state) {
    static const char *const words[] = {"EH",
                                        "EHLO client\r\n",
                                        "MAIL FROM:<a@test.example>\r\n",
                                        "RCPT TO:<b@test.example>\r\n",
                                        "DATA\r\n",
                                        "half a li",
                                        "\r\n.\r\n",
                                        "STARTTLS\r\n",
                                        "\x16\x03\x01",
                                        NULL};
    (void)state;
    for (size_t last = 0; last < sizeof words / sizeof words[0]; last++)
        for (int reset = 0; reset < 2; reset++) {
            struct stage s;
            stage_open_plain(&s);
            for (size_t i = 0; i < last; i++)
                say(&s, words[i]);
            assert_false(is_done(&s));
            s.engine->ops->closed(s.engine, reset, s.now);
            assert_true(is_done(&s));
            stage_close(&s);
        }
}

static void never_connected(void **state) {
    struct listen_sink_config c = {.name = "mx.test.example", .idle_timeout = BASE_NEVER};
    struct listen_sink *s;
    (void)state;
    assert_int_equal(listen_sink_new(&c, "192.0.2.9:4711", &s), WS_OK);
    struct net_engine *e = listen_sink_engine(s);
    e->ops->not_connected(e, FACTS_CONNECT_REFUSED, "", 0, 5);
    assert_true(e->ops->done(e));
    listen_sink_free(s);
    listen_sink_free(NULL);
}

static void keep_line(void *arg, enum base_log_level level, const char *line) {
    (void)level;
    base_buf_append_str(arg, line);
    base_buf_append_str(arg, "\n");
}

/* Every transition is logged, and what a client sends is escaped. */
static void transitions_are_logged(void **state) {
    static const char *const told[] = {
        "192.0.2.9:4711",        "sink: silent -> command",    "sink: command -> data",
        "sink: data -> command", "sink: command -> handshake", "sink: handshake -> command",
        "sink: command -> end"};
    struct base_buf lines;
    struct stage s;
    (void)state;
    base_buf_init(&lines, 1 << 20);
    struct base_log log = {.level = BASE_LOG_DEBUG, .sink = keep_line, .arg = &lines};
    stage_open_plain(&s);
    listen_sink_free(s.sink);
    s.config.log = &log;
    assert_int_equal(listen_sink_new(&s.config, "192.0.2.9:4711", &s.sink), WS_OK);
    s.engine = listen_sink_engine(s.sink);
    s.engine->ops->connected(s.engine, 0, s.now);
    listen_to_sink(&s);
    say(&s, "\x1b[2J\r\n");
    until_data(&s);
    ask(&s, ".\r\n", "250 2.0.0 Ok: 0 bytes thrown away\r\n");
    say(&s, "STARTTLS\r\n");
    begin_tls(&s);
    say(&s, "QUIT\r\n");
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        if (!strstr(base_buf_cstr(&lines), told[i]))
            fail_msg("not in the log: %s", told[i]);
    assert_null(strchr(base_buf_cstr(&lines), '\x1b'));
    base_buf_release(&lines);
    stage_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_behind_starttls_is_dropped),
        cmocka_unit_test(text_instead_of_a_client_hello),
        cmocka_unit_test(lines_that_are_none),
        cmocka_unit_test(a_line_of_a_megabyte),
        cmocka_unit_test(too_many_errors),
        cmocka_unit_test(paths_and_parameters),
        cmocka_unit_test(only_one_end_of_a_message),
        cmocka_unit_test(an_empty_message),
        cmocka_unit_test(a_message_that_is_too_large),
        cmocka_unit_test(a_message_without_end),
        cmocka_unit_test(too_many_recipients),
        cmocka_unit_test(whole_visit_over_tls),
        cmocka_unit_test(starttls_without_ehlo),
        cmocka_unit_test(implicit_tls),
        cmocka_unit_test(client_leaves_by_close_notify),
        cmocka_unit_test(no_tls_at_all),
        cmocka_unit_test(fault_no_starttls),
        cmocka_unit_test(fault_starttls_454),
        cmocka_unit_test(fault_handshake_dies),
        cmocka_unit_test(fault_tarpit),
        cmocka_unit_test(fault_early_plaintext),
        cmocka_unit_test(fault_masked),
        cmocka_unit_test(idle_clients_are_told),
        cmocka_unit_test(idle_inside_tls),
        cmocka_unit_test(idle_in_the_handshake),
        cmocka_unit_test(closed_at_each_point),
        cmocka_unit_test(never_connected),
        cmocka_unit_test(transitions_are_logged),
    };
    return cmocka_run_group_tests(tests, make_contexts, free_contexts);
}
