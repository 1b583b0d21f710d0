/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions in memory: how they come up, and each way in which they do not. */
#include "pair.h"

#include "tls/internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(text) base_bytes_view(text, sizeof(text) - 1)

static const uint16_t all_versions[] = {0x0301, 0x0302, 0x0303, 0x0304};

static void starts(struct pair *p) {
    tls_session_start(p->client, p->now);
    assert_int_equal(tls_session_state(p->client), TLS_HANDSHAKING);
    assert_true(base_buf_view(tls_session_output(p->client)).len > 100);
}

static void feed(struct pair *p, struct base_bytes b) {
    tls_session_feed(p->client, b, p->now);
}

static void expect_end(struct pair *p, enum facts_handshake_end end) {
    struct facts_session f = pair_facts(p);

    assert_int_equal(tls_session_state(p->client), TLS_FAILED);
    assert_true(f.started);
    assert_false(f.established);
    assert_int_equal(f.end, end);
}

static void expect_plain(struct tls_session *s, const char *text) {
    struct base_buf *plain = tls_session_plain(s);

    assert_true(base_bytes_equal_str(base_buf_view(plain), text));
    base_buf_consume(plain, base_buf_view(plain).len);
}

static void each_version_comes_up(void **state) {
    static const size_t chunks[] = {0, 1, 7};

    (void)state;
    for (size_t v = 0; v < 4; v++)
        for (size_t c = 0; c < 3; c++) {
            struct pair_options o = {.server_max = all_versions[v]};
            struct pair p;
            pair_open(&p, &o);
            p.chunk = chunks[c];
            pair_run(&p);
            assert_int_equal(tls_session_state(p.client), TLS_UP);
            assert_int_equal(tls_session_state(p.server), TLS_UP);
            assert_int_equal(pair_facts(&p).version, all_versions[v]);
            assert_int_equal(tls_session_write(p.client, BYTES("EHLO me\r\n")), WS_OK);
            assert_int_equal(tls_session_write(p.server, BYTES("250 you\r\n")), WS_OK);
            pair_carry(&p, false);
            pair_carry(&p, true);
            expect_plain(p.server, "EHLO me\r\n");
            expect_plain(p.client, "250 you\r\n");
            pair_close(&p);
        }
}

/* The last flight of the handshake and what follows it arrive in one segment. */
static void data_behind_the_handshake_is_read_at_once(void **state) {
    (void)state;
    for (size_t v = 0; v < 4; v++) {
        struct pair_options o = {.server_max = all_versions[v]};
        struct pair p;
        pair_open(&p, &o);
        tls_session_start(p.server, p.now);
        tls_session_start(p.client, p.now);
        for (int i = 0; i < 4 && tls_session_state(p.client) != TLS_UP; i++) {
            pair_carry(&p, false);
            if (tls_session_state(p.server) == TLS_UP)
                assert_int_equal(tls_session_write(p.server, BYTES("220 first\r\n")), WS_OK);
            pair_carry(&p, true);
        }
        assert_int_equal(tls_session_state(p.client), TLS_UP);
        assert_int_equal(tls_session_write(p.client, BYTES("EHLO x\r\n")), WS_OK);
        pair_carry(&p, false);
        expect_plain(p.server, "EHLO x\r\n");
        if (all_versions[v] < 0x0304)
            expect_plain(p.client, "220 first\r\n");
        pair_close(&p);
    }
}

static void the_clock_is_the_callers(void **state) {
    struct facts_session f;
    struct pair p;

    (void)state;
    pair_open(&p, &(struct pair_options){.server_max = 0x0303});
    pair_run(&p);
    f = pair_facts(&p);
    /* two round trips of 10 ms each way */
    assert_true(f.ms > 39.9 && f.ms < 40.1);
    pair_close(&p);
}

static void handshake_bytes_are_counted_exactly(void **state) {
    (void)state;
    for (size_t v = 0; v < 4; v++) {
        struct pair_options o = {.server_max = all_versions[v]};
        struct facts_session f;
        struct pair p;
        pair_open(&p, &o);
        pair_run(&p);
        f = pair_facts(&p);
        assert_int_equal(f.bytes_written, p.to_server);
        if (all_versions[v] < 0x0304)
            assert_int_equal(f.bytes_read, p.to_client);
        else /* tickets come behind the handshake */
            assert_in_range(f.bytes_read, 500, p.to_client - 100);
        assert_int_equal(tls_session_write(p.server, BYTES("later")), WS_OK);
        pair_carry(&p, true);
        assert_int_equal(pair_facts(&p).bytes_read, f.bytes_read);
        pair_close(&p);
    }
}

static void a_fatal_alert_ends_it(void **state) {
    static const struct {
        struct base_bytes bytes;
        int alert;
        const char *name;
    } rows[] = {
        {{(const uint8_t *)"\x15\x03\x03\x00\x02\x02\x28", 7}, 40, "handshake_failure"},
        {{(const uint8_t *)"\x15\x03\x01\x00\x02\x02\x46", 7}, 70, "protocol_version"},
        {{(const uint8_t *)"\x15\x03\x00\x00\x02\x02\x28", 7}, 40, "handshake_failure"},
        {{(const uint8_t *)"\x15\x03\x03\x00\x02\x02\x50", 7}, 80, "internal_error"},
        {{(const uint8_t *)"\x15\x03\x03\x00\x02\x02\xfe", 7}, 254, "unknown"},
    };
    struct pair p;

    (void)state;
    pair_open(&p, NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (size_t step = 1; step <= 7; step += 6) {
            struct facts_session f;
            pair_renew(&p, NULL);
            starts(&p);
            for (size_t at = 0; at < rows[i].bytes.len; at += step)
                feed(&p, base_bytes_slice(rows[i].bytes, at, step));
            expect_end(&p, FACTS_HANDSHAKE_ALERT);
            f = pair_facts(&p);
            assert_int_equal(f.alert, rows[i].alert);
            assert_string_equal(f.alert_name, rows[i].name);
            assert_string_not_equal(f.error, "");
            assert_string_equal(f.protocol, "");
            assert_int_equal(f.junk.len, 0);
        }
    pair_close(&p);
}

static void versions_that_do_not_meet(void **state) {
    struct facts_session f;
    struct pair p;

    (void)state;
    pair_open(&p, &(struct pair_options){.server_min = 0x0304, .client_max = 0x0303});
    pair_run(&p);
    expect_end(&p, FACTS_HANDSHAKE_ALERT);
    f = pair_facts(&p);
    assert_int_equal(f.alert, 70);
    assert_string_equal(f.error, "tlsv1 alert protocol version");
    pair_close(&p);

    pair_open(&p, &(struct pair_options){.server_max = 0x0302, .client_min = 0x0303});
    pair_run(&p);
    expect_end(&p, FACTS_HANDSHAKE_ALERT);
    pair_close(&p);
}

static void no_suite_in_common(void **state) {
    struct pair p;

    (void)state;
    pair_open(&p, &(struct pair_options){.server_max = 0x0303});
    assert_int_equal(SSL_CTX_set_cipher_list(p.server_context->ssl, "aNULL:@SECLEVEL=0"), 1);
    pair_renew(&p, NULL);
    pair_run(&p);
    expect_end(&p, FACTS_HANDSHAKE_ALERT);
    assert_int_equal(pair_facts(&p).alert, 40);
    pair_close(&p);
}

static void a_warning_is_kept_and_does_no_harm(void **state) {
    struct facts_session f;
    struct pair p;

    (void)state;
    pair_open(&p, &(struct pair_options){.server_max = 0x0303});
    tls_session_start(p.server, p.now);
    starts(&p);
    feed(&p, BYTES("\x15\x03\x03\x00\x02\x01\x70"));
    assert_int_equal(tls_session_state(p.client), TLS_HANDSHAKING);
    pair_run(&p);
    assert_int_equal(tls_session_state(p.client), TLS_UP);
    f = pair_facts(&p);
    assert_true(f.established);
    assert_int_equal(f.end, FACTS_HANDSHAKE_NONE);
    assert_int_equal(f.alert, 112);
    assert_string_equal(f.alert_name, "unrecognized_name");
    pair_close(&p);
}

static void a_close_notify_inside_the_handshake(void **state) {
    struct pair p;

    (void)state;
    pair_open(&p, NULL);
    starts(&p);
    feed(&p, BYTES("\x15\x03\x03\x00\x02\x01\x00"));
    expect_end(&p, FACTS_HANDSHAKE_CLOSED);
    assert_int_equal(pair_facts(&p).alert, 0);
    assert_string_equal(pair_facts(&p).alert_name, "close_notify");
    pair_close(&p);
}

static void text_instead_of_tls(void **state) {
    static const char *const texts[] = {
        "454 4.7.0 TLS not available due to local problem\r\n",
        "220 mx.example.org ESMTP\r\n",
        "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
        "* OK IMAP4rev1\r\n",
        "\x1b[31mred\x07 and rubbish",
        "500",
        "x",
    };
    struct pair p;

    (void)state;
    pair_open(&p, NULL);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        for (size_t step = 1; step <= 4096; step += 4095) {
            struct base_bytes text = base_bytes_of_str(texts[i]);
            struct facts_session f;
            pair_renew(&p, NULL);
            starts(&p);
            for (size_t at = 0; at < text.len; at += step)
                feed(&p, base_bytes_slice(text, at, step));
            tls_session_peer_closed(p.client, false, p.now);
            expect_end(&p, FACTS_HANDSHAKE_PLAINTEXT);
            f = pair_facts(&p);
            assert_true(base_bytes_equal(f.junk, text));
            assert_int_equal(f.alert, -1);
        }
    pair_close(&p);
}

static void junk_is_bounded(void **state) {
    char big[5000];
    struct pair p;

    (void)state;
    memset(big, 'A', sizeof(big));
    pair_open(&p, NULL);
    starts(&p);
    feed(&p, base_bytes_view(big, sizeof(big)));
    feed(&p, base_bytes_view(big, sizeof(big)));
    expect_end(&p, FACTS_HANDSHAKE_PLAINTEXT);
    assert_int_equal(pair_facts(&p).junk.len, 256);
    pair_close(&p);
}

static void text_then_silence_is_text_not_a_timeout(void **state) {
    struct pair p;

    (void)state;
    pair_open(&p, NULL);
    starts(&p);
    feed(&p, BYTES("220"));
    assert_int_equal(tls_session_state(p.client), TLS_HANDSHAKING);
    tls_session_timeout(p.client, p.now + 30 * BASE_SECOND);
    expect_end(&p, FACTS_HANDSHAKE_PLAINTEXT);
    pair_close(&p);
}

static void silence_times_out(void **state) {
    struct facts_session f;
    struct pair p;

    (void)state;
    pair_open(&p, NULL);
    starts(&p);
    tls_session_timeout(p.client, p.now + 30 * BASE_SECOND);
    expect_end(&p, FACTS_HANDSHAKE_TIMEOUT);
    f = pair_facts(&p);
    assert_true(f.ms > 29999 && f.ms < 30001);
    assert_int_equal(f.bytes_read, 0);
    assert_true(f.bytes_written > 100);
    /* the first verdict stays */
    tls_session_peer_closed(p.client, true, p.now);
    feed(&p, BYTES("\x15\x03\x03\x00\x02\x02\x28"));
    expect_end(&p, FACTS_HANDSHAKE_TIMEOUT);
    pair_close(&p);
}

static void an_sslv2_answer_is_not_text(void **state) {
    struct pair p;

    (void)state;
    pair_open(&p, NULL);
    starts(&p);
    feed(&p, BYTES("\x80\x03\x00\x00\x01"));
    tls_session_peer_closed(p.client, false, p.now);
    expect_end(&p, FACTS_HANDSHAKE_LOCAL);
    assert_string_equal(pair_facts(&p).error, "the answer is an SSL 2.0 record");
    assert_int_equal(pair_facts(&p).junk.len, 0);
    pair_close(&p);
}

/* A ServerHello with a version, a suite and nothing else, then what follows. */
static void feed_hello(struct pair *p, uint8_t minor, uint8_t suite_high, uint8_t suite_low) {
    uint8_t raw[5 + 4 + 38] = {22, 3, minor, 0, 42, 2, 0, 0, 38, 3, minor};

    for (size_t i = 11; i < 43; i++)
        raw[i] = (uint8_t)(i * 7);
    raw[43] = 0;
    raw[44] = suite_high;
    raw[45] = suite_low;
    raw[46] = 0;
    feed(p, base_bytes_view(raw, sizeof(raw)));
}

static void a_hello_tells_even_when_the_handshake_fails(void **state) {
    struct facts_session f;
    struct pair p;

    (void)state;
    pair_open(&p, NULL);
    starts(&p);
    feed_hello(&p, 3, 0xc0, 0x2f);
    assert_int_equal(tls_session_state(p.client), TLS_HANDSHAKING);
    feed(&p, BYTES("\x15\x03\x03\x00\x02\x02\x28"));
    expect_end(&p, FACTS_HANDSHAKE_ALERT);
    f = pair_facts(&p);
    assert_string_equal(f.protocol, "TLSv1.2");
    assert_string_equal(f.cipher_suite, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    assert_string_equal(f.openssl_name, "ECDHE-RSA-AES128-GCM-SHA256");
    assert_false(f.secure_renegotiation);
    assert_false(f.extended_master_secret);
    assert_int_equal(f.ticket, FACTS_UNKNOWN);

    /* SSL 3.0 is spoken by no build that we care for: our side refuses and says so */
    pair_renew(&p, NULL);
    starts(&p);
    feed_hello(&p, 0, 0x00, 0x0a);
    expect_end(&p, FACTS_HANDSHAKE_LOCAL);
    f = pair_facts(&p);
    assert_string_equal(f.protocol, "SSLv3");
    assert_string_equal(f.error, "unsupported protocol");
    assert_int_equal(f.alert_sent, 70);

    /* a suite that was never offered */
    pair_renew(&p, NULL);
    starts(&p);
    feed_hello(&p, 3, 0xfa, 0xfa);
    expect_end(&p, FACTS_HANDSHAKE_LOCAL);
    assert_string_equal(pair_facts(&p).cipher_suite, "0xfafa");
    pair_close(&p);
}

/* Carries the handshake but ends it after `limit` bytes towards the client. */
static size_t run_until(struct pair *p, size_t limit) {
    size_t fed = 0;
    struct base_buf bytes;

    base_buf_init(&bytes, 1 << 20);
    tls_session_start(p->server, p->now);
    tls_session_start(p->client, p->now);
    for (int i = 0; i < 6 && fed < limit; i++) {
        size_t part;
        pair_carry(p, false);
        base_buf_clear(&bytes);
        pair_take(p->server, &bytes);
        part = base_buf_view(&bytes).len;
        part = part < limit - fed ? part : limit - fed;
        feed(p, base_bytes_slice(base_buf_view(&bytes), 0, part));
        fed += part;
    }
    base_buf_release(&bytes);
    return fed;
}

static void the_peer_closes_anywhere(void **state) {
    static const uint16_t versions[] = {0x0301, 0x0303, 0x0304};

    (void)state;
    for (size_t v = 0; v < 3; v++) {
        struct pair p;
        size_t failed = 0, up = 0;
        pair_open(&p, &(struct pair_options){.server_max = versions[v]});
        for (size_t limit = 0; limit < 3000; limit += limit < 12 ? 1 : 41) {
            bool reset = limit % 2 == 1;
            pair_renew(&p, NULL);
            if (run_until(&p, limit) < limit)
                break;
            tls_session_peer_closed(p.client, reset, p.now);
            if (tls_session_state(p.client) == TLS_CLOSED) {
                up++;
                assert_true(pair_facts(&p).established);
                continue;
            }
            failed++;
            expect_end(&p, reset ? FACTS_HANDSHAKE_RESET : FACTS_HANDSHAKE_CLOSED);
        }
        assert_true(failed > 20);
        assert_true(versions[v] != 0x0304 || up > 0);
        pair_close(&p);
    }
}

/* A changed bit anywhere in what the server signs or encrypts never ends in a session. */
static void a_changed_bit_never_passes(void **state) {
    static const uint16_t versions[] = {0x0303, 0x0304};
    struct base_buf bytes;

    (void)state;
    base_buf_init(&bytes, 1 << 20);
    for (size_t v = 0; v < 2; v++) {
        struct pair p;
        size_t tried = 0;
        pair_open(&p, &(struct pair_options){.server_max = versions[v]});
        for (size_t at = 0; at < 1200; at += 23) {
            pair_renew(&p, NULL);
            tls_session_start(p.server, p.now);
            starts(&p);
            pair_carry(&p, false);
            base_buf_clear(&bytes);
            pair_take(p.server, &bytes);
            if (at >= base_buf_view(&bytes).len)
                break;
            bytes.data[bytes.start + at] ^= 0x10;
            feed(&p, base_buf_view(&bytes));
            for (int i = 0; i < 3; i++) {
                pair_carry(&p, false);
                pair_carry(&p, true);
            }
            assert_int_not_equal(tls_session_state(p.client), TLS_UP);
            tried++;
        }
        assert_true(tried > 20);
        pair_close(&p);
    }
    base_buf_release(&bytes);
}

static void damage_after_the_handshake(void **state) {
    struct facts_session f;
    struct pair p;

    (void)state;
    pair_open(&p, NULL);
    pair_run(&p);
    feed(&p, BYTES("250 in clear again\r\n"));
    assert_int_equal(tls_session_state(p.client), TLS_FAILED);
    f = pair_facts(&p);
    assert_true(f.established);
    assert_int_equal(f.end, FACTS_HANDSHAKE_NONE);
    assert_string_equal(f.protocol, "TLSv1.3");
    assert_string_not_equal(f.error, "");
    assert_int_equal(tls_session_write(p.client, BYTES("x")), WS_LIBRARY);
    pair_close(&p);
}

static void closing_is_seen_by_the_other_side(void **state) {
    struct pair p;

    (void)state;
    pair_open(&p, NULL);
    pair_run(&p);
    assert_int_equal(tls_session_write(p.server, BYTES("221 bye\r\n")), WS_OK);
    tls_session_close(p.server);
    pair_carry(&p, true);
    expect_plain(p.client, "221 bye\r\n");
    assert_int_equal(tls_session_state(p.client), TLS_CLOSED);
    assert_int_equal(pair_facts(&p).alert, -1);
    tls_session_close(p.client);
    pair_carry(&p, false);
    assert_int_equal(tls_session_state(p.server), TLS_CLOSED);
    assert_int_equal(tls_session_write(p.client, BYTES("x")), WS_LIBRARY);
    pair_close(&p);
}

static void nothing_can_be_written_before(void **state) {
    struct pair p;

    (void)state;
    pair_open(&p, NULL);
    assert_int_equal(tls_session_write(p.client, BYTES("x")), WS_LIBRARY);
    feed(&p, BYTES("220 early\r\n")); /* before the start: kept, not handled */
    assert_int_equal(tls_session_state(p.client), TLS_HANDSHAKING);
    assert_false(pair_facts(&p).started);
    starts(&p);
    assert_int_equal(tls_session_write(p.client, BYTES("x")), WS_LIBRARY);
    assert_int_equal(tls_session_write(p.client, BASE_BYTES_EMPTY), WS_LIBRARY);
    pair_close(&p);
}

static void a_flood_of_plaintext_fails(void **state) {
    static char block[256 * 1024];
    struct pair p;
    size_t waiting;

    (void)state;
    pair_open(&p, NULL);
    pair_run(&p);
    for (int i = 0; i < 40 && tls_session_state(p.client) == TLS_UP; i++) {
        assert_int_equal(tls_session_write(p.server, base_bytes_view(block, sizeof(block))), WS_OK);
        pair_carry(&p, true);
    }
    assert_int_equal(tls_session_state(p.client), TLS_FAILED);
    waiting = base_buf_view(tls_session_plain(p.client)).len;
    assert_true(waiting <= 4 * 1024 * 1024);
    assert_string_equal(pair_facts(&p).error, "more decrypted data waits than the limit allows");
    pair_close(&p);
}

static void a_flood_of_output_is_refused(void **state) {
    static char block[1024 * 1024];
    enum ws_err err = WS_OK;
    struct pair p;

    (void)state;
    pair_open(&p, NULL);
    pair_run(&p);
    for (int i = 0; i < 20 && err == WS_OK; i++)
        err = tls_session_write(p.client, base_bytes_view(block, sizeof(block)));
    assert_int_equal(err, WS_LIMIT);
    pair_close(&p);
}

static void a_server_name_is_sent_or_refused(void **state) {
    char longname[400];
    struct base_error e = {0};
    struct tls_session *s = NULL;
    struct base_bytes hello;
    struct pair p;

    (void)state;
    pair_open(&p, &(struct pair_options){.sni = "mx.example.org"});
    starts(&p);
    hello = base_buf_view(tls_session_output(p.client));
    assert_true(base_bytes_find_str(hello, "mx.example.org") < hello.len);
    assert_string_equal(pair_facts(&p).sni, "mx.example.org");
    pair_renew(&p, &(struct pair_options){.sni = ""});
    starts(&p);
    hello = base_buf_view(tls_session_output(p.client));
    assert_true(base_bytes_find_str(hello, "mx.example.org") == hello.len);
    assert_string_equal(pair_facts(&p).sni, "");

    memset(longname, 'a', sizeof(longname) - 1);
    longname[sizeof(longname) - 1] = '\0';
    assert_int_equal(tls_session_new(p.client_context, longname, NULL, "x", &s, &e), WS_USAGE);
    assert_null(s);
    assert_non_null(strstr(base_error_message(&e), "255"));
    pair_close(&p);
}

static void a_server_needs_a_good_chain_and_key(void **state) {
    struct tls_server_config config = {.chain_pem = BYTES("no pem"), .key_pem = BYTES("no pem")};
    struct tls_context *c = NULL;
    struct base_error e = {0};

    (void)state;
    assert_int_equal(tls_server_context_new(&config, &c, &e), WS_LIBRARY);
    assert_null(c);
    config.chain_pem = BASE_BYTES_EMPTY;
    assert_int_equal(tls_server_context_new(&config, &c, NULL), WS_LIBRARY);
    tls_context_free(NULL);
    tls_session_free(NULL);
}

struct log_lines {
    unsigned server_hello, finished, alerts, hex, states;
};

static void count_line(void *arg, enum base_log_level level, const char *line) {
    struct log_lines *n = arg;

    n->server_hello += strstr(line, "< ServerHello, ") != NULL;
    n->finished += strstr(line, "> Finished, ") != NULL;
    n->alerts += strstr(line, "> alert 0 close_notify (warning)") != NULL;
    n->states += strstr(line, "tls: handshaking -> up") != NULL;
    n->hex += level == BASE_LOG_BYTES;
}

static void the_log_names_each_message(void **state) {
    struct log_lines lines = {0};
    struct base_log log = {.level = BASE_LOG_BYTES, .sink = count_line, .arg = &lines};
    struct pair p;

    (void)state;
    pair_open(&p, &(struct pair_options){.log = &log});
    pair_run(&p);
    tls_session_close(p.client);
    assert_int_equal(lines.server_hello, 1);
    assert_int_equal(lines.finished, 1);
    assert_int_equal(lines.alerts, 1);
    assert_int_equal(lines.states, 1);
    assert_true(lines.hex > 20);

    lines = (struct log_lines){0};
    log.level = BASE_LOG_DEBUG;
    pair_renew(&p, &(struct pair_options){.log = &log});
    pair_run(&p);
    assert_int_equal(lines.server_hello, 1);
    assert_int_equal(lines.hex, 0);
    pair_close(&p);
}

static int release(void **state) {
    (void)state;
    pair_release_root();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_version_comes_up),
        cmocka_unit_test(data_behind_the_handshake_is_read_at_once),
        cmocka_unit_test(the_clock_is_the_callers),
        cmocka_unit_test(handshake_bytes_are_counted_exactly),
        cmocka_unit_test(a_fatal_alert_ends_it),
        cmocka_unit_test(versions_that_do_not_meet),
        cmocka_unit_test(no_suite_in_common),
        cmocka_unit_test(a_warning_is_kept_and_does_no_harm),
        cmocka_unit_test(a_close_notify_inside_the_handshake),
        cmocka_unit_test(text_instead_of_tls),
        cmocka_unit_test(junk_is_bounded),
        cmocka_unit_test(text_then_silence_is_text_not_a_timeout),
        cmocka_unit_test(silence_times_out),
        cmocka_unit_test(an_sslv2_answer_is_not_text),
        cmocka_unit_test(a_hello_tells_even_when_the_handshake_fails),
        cmocka_unit_test(the_peer_closes_anywhere),
        cmocka_unit_test(a_changed_bit_never_passes),
        cmocka_unit_test(damage_after_the_handshake),
        cmocka_unit_test(closing_is_seen_by_the_other_side),
        cmocka_unit_test(nothing_can_be_written_before),
        cmocka_unit_test(a_flood_of_plaintext_fails),
        cmocka_unit_test(a_flood_of_output_is_refused),
        cmocka_unit_test(a_server_name_is_sent_or_refused),
        cmocka_unit_test(a_server_needs_a_good_chain_and_key),
        cmocka_unit_test(the_log_names_each_message),
    };

    return cmocka_run_group_tests(tests, NULL, release);
}
