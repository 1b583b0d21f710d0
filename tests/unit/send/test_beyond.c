/* SPDX-License-Identifier: Apache-2.0 */
/* What swaks has not: DSN, SMTPUTF8, REQUIRETLS, BDAT, XFORWARD, expectations, scripts, records,
 * proxies' addresses, SCRAM-SHA-512. */
#include "base/base64.h"
#include "send/expectation.h"
#include "send/script.h"
#include "send/tally.h"
#include "send/transport_private.h"
#include "stage.h"
#include "tls/sasl_crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define EHLO_ALL                                                                                   \
    "250-x\r\n250-DSN\r\n250-SMTPUTF8\r\n250-8BITMIME\r\n250-CHUNKING\r\n250-PIPELINING\r\n"       \
    "250 XFORWARD NAME ADDR\r\n"

static void assert_exit(struct stage *s, enum send_exit code) {
    assert_true(s->engine->ops->done(s->engine));
    assert_int_equal(send_transaction_exit(s->transaction), code);
}

static void to_envelope(struct stage *s, const char *ehlo) {
    stage_begin(s);
    stage_say(s, "220 x\r\n");
    (void)stage_heard(s);
    stage_say(s, ehlo);
}

static void test_dsn(void **state) {
    struct stage s;
    (void)state;
    stage_open(&s);
    s.plan.extensions = (struct send_extensions){.dsn_notify = "SUCCESS,DELAY",
                                                 .dsn_ret = "HDRS",
                                                 .dsn_envid = "a b+\xc3\xbc",
                                                 .dsn_orcpt = "rfc822;x=y@z"};
    to_envelope(&s, EHLO_ALL);
    assert_string_equal(stage_heard(&s),
                        "MAIL FROM:<from@example.org> RET=HDRS ENVID=a+20b+2B+C3+BC\r\n");
    stage_say(&s, "250 x\r\n");
    assert_string_equal(stage_heard(&s), "RCPT TO:<to@example.org> NOTIFY=SUCCESS,DELAY "
                                         "ORCPT=rfc822;x+3Dy@z\r\n");
    stage_close(&s);
}

/* An extension that was asked for and is not there ends it; --lax does not care. */
static void test_missing(void **state) {
    static const struct send_extensions wishes[] = {
        {.dsn_ret = "FULL"}, {.smtputf8 = true}, {.requiretls = true}, {.chunking = true}};
    (void)state;
    for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++)
        for (int lax = 0; lax < 2; lax++) {
            struct stage s;
            stage_open(&s);
            s.plan.extensions = wishes[i];
            s.plan.extensions.lax = lax;
            to_envelope(&s, "250-x\r\n250 HELP\r\n");
            if (lax) {
                assert_int_equal(strncmp(stage_heard(&s), "MAIL FROM", 9), 0);
            } else {
                assert_string_equal(stage_heard(&s), "QUIT\r\n");
                stage_say(&s, "221 x\r\n");
                assert_exit(&s, SEND_EXIT_EXTENSION);
            }
            stage_close(&s);
        }
}

/* Added where an address needs it and the server has it, not otherwise. */
static void test_smtputf8(void **state) {
    static const char *const rcpt[] = {"\xc3\xbc@example.org"};
    (void)state;
    for (int there = 0; there < 2; there++) {
        struct stage s;
        stage_open(&s);
        s.plan.recipients = rcpt;
        to_envelope(&s, there ? EHLO_ALL : "250-x\r\n250 HELP\r\n");
        assert_string_equal(stage_heard(&s),
                            there ? "MAIL FROM:<from@example.org> SMTPUTF8\r\n" : "QUIT\r\n");
        stage_close(&s);
    }
}

/* A domain has a form for every server; swaks would send it as it is. */
static void test_utf8_domain(void **state) {
    (void)state;
    for (int swaks = 0; swaks < 2; swaks++) {
        struct stage s;
        stage_open(&s);
        s.plan.as_swaks = swaks;
        s.plan.from = "me@b\xc3\xbc"
                      "cher.example";
        to_envelope(&s, "250-x\r\n250 HELP\r\n");
        assert_string_equal(stage_heard(&s), "MAIL FROM:<me@xn--bcher-kva.example>\r\n");
        stage_close(&s);
    }
}

/* Each rule that --lax breaks, by itself. The exit code still tells. */
static void test_lax(void **state) {
    static const struct {
        unsigned rule;
        const char *replies[4], *heard;
    } rows[] = {
        {SEND_LAX_BANNER, {"554 no\r\n"}, "EHLO client.example\r\n"},
        {SEND_LAX_HELLO,
         {"220 x\r\n", "550 no\r\n", "550 no\r\n"},
         "MAIL FROM:<from@example.org>\r\n"},
        {SEND_LAX_MAIL, {"220 x\r\n", "250 x\r\n", "550 no\r\n"}, "RCPT TO:<to@example.org>\r\n"},
        {SEND_LAX_RCPT, {"220 x\r\n", "250 x\r\n", "250 x\r\n", "550 no\r\n"}, "DATA\r\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (int lax = 0; lax < 2; lax++) {
            struct stage s;
            stage_open(&s);
            s.plan.extensions.lax = lax ? rows[i].rule : SEND_LAX_ALL & ~rows[i].rule;
            stage_begin(&s);
            for (size_t k = 0; k < 4 && rows[i].replies[k]; k++) {
                (void)stage_heard(&s);
                stage_say(&s, rows[i].replies[k]);
            }
            assert_string_equal(stage_heard(&s), lax ? rows[i].heard : "QUIT\r\n");
            stage_close(&s);
        }
}

/* --- BDAT --- */

/* However the chunks are cut, the message is the same, and only the last one is LAST. */
static void bdat(size_t size) {
    struct stage s;
    struct base_buf message;
    bool last = false;
    base_buf_init(&message, 1 << 20);
    stage_open(&s);
    s.plan.extensions.chunking = true;
    s.plan.extensions.chunk_size = size;
    to_envelope(&s, EHLO_ALL);
    stage_say(&s, "250 x\r\n");
    (void)stage_heard(&s);
    stage_say(&s, "250 x\r\n");
    while (!last) {
        const char *heard = stage_heard(&s);
        char *end = NULL;
        assert_int_equal(strncmp(heard, "BDAT ", 5), 0);
        unsigned long n = strtoul(heard + 5, &end, 10);
        last = strncmp(end, " LAST\r\n", 7) == 0;
        end += last ? 7 : 2;
        assert_int_equal(strlen(end), n);
        assert_true(size == 0 || last ? n <= size || size == 0 : n == size);
        base_buf_append_str(&message, end);
        stage_say(&s, "250 x\r\n");
    }
    assert_string_equal(stage_heard(&s), "QUIT\r\n");
    stage_say(&s, "221 x\r\n");
    assert_exit(&s, SEND_EXIT_OK);
    assert_int_equal(strncmp(base_buf_cstr(&message), "Subject: x\r\n\r\nhello\r\n.dot\r\n", 27),
                     0);
    base_buf_release(&message);
    stage_close(&s);
}

static void test_bdat(void **state) {
    (void)state;
    for (size_t size = 0; size < 60; size++)
        bdat(size);
}

static void test_bdat_refused(void **state) {
    struct stage s;
    (void)state;
    stage_open(&s);
    s.plan.extensions.chunking = true;
    s.plan.extensions.chunk_size = 5;
    to_envelope(&s, EHLO_ALL);
    stage_say(&s, "250 x\r\n");
    stage_say(&s, "250 x\r\n");
    (void)stage_heard(&s);
    stage_say(&s, "452 no room\r\n");
    assert_string_equal(stage_heard(&s), "QUIT\r\n");
    stage_say(&s, "221 x\r\n");
    assert_exit(&s, SEND_EXIT_DATA);
    stage_close(&s);
}

/* The last chunk has the verdicts of a message: for each recipient with PRDR, and as step "dot". */
static void test_bdat_prdr(void **state) {
    static const struct send_expectation expected[] = {{"dot", "250|353"}};
    (void)state;
    for (int each = 0; each < 2; each++) {
        struct stage s;
        stage_open(&s);
        s.plan.prdr = true;
        s.plan.extensions.chunking = true;
        s.plan.expectations = expected;
        s.plan.expectation_count = 1;
        to_envelope(&s, "250-x\r\n250-PRDR\r\n250 CHUNKING\r\n");
        stage_say(&s, "250 x\r\n");
        stage_say(&s, "250 x\r\n");
        assert_non_null(strstr(stage_heard(&s), " LAST\r\n"));
        if (each) {
            stage_say(&s, "353 each\r\n");
            assert_string_equal(stage_heard(&s), "");
            stage_say(&s, "250 first\r\n");
            assert_string_equal(stage_heard(&s), "");
        }
        stage_say(&s, "250 done\r\n");
        assert_string_equal(stage_heard(&s), "QUIT\r\n");
        stage_say(&s, "221 x\r\n");
        assert_exit(&s, SEND_EXIT_OK);
        stage_close(&s);
    }
}

static void test_bdat_pipelined(void **state) {
    struct stage s;
    (void)state;
    stage_open(&s);
    s.plan.pipeline = true;
    s.plan.extensions.chunking = true;
    to_envelope(&s, EHLO_ALL);
    assert_string_equal(stage_heard(&s),
                        "MAIL FROM:<from@example.org>\r\nRCPT TO:<to@example.org>\r\n");
    stage_say(&s, "250 x\r\n550 no\r\n");
    assert_string_equal(stage_heard(&s), "QUIT\r\n");
    stage_say(&s, "221 x\r\n");
    assert_exit(&s, SEND_EXIT_RCPT);
    stage_close(&s);
}

static void test_xforward(void **state) {
    static const char *const name[] = {"NAME"}, *const helo[] = {"HELO"};
    static const struct send_xclient_group good = {"NAME=a", name, 1}, bad = {"HELO=a", helo, 1};
    struct stage s;
    (void)state;
    stage_open(&s);
    s.plan.extensions.xforward = &good;
    to_envelope(&s, EHLO_ALL);
    assert_string_equal(stage_heard(&s), "XFORWARD NAME=a\r\n");
    stage_say(&s, "250 x\r\n");
    assert_string_equal(stage_heard(&s), "MAIL FROM:<from@example.org>\r\n");
    stage_close(&s);
    stage_open(&s);
    s.plan.extensions.xforward = &bad;
    to_envelope(&s, EHLO_ALL);
    assert_string_equal(stage_heard(&s), "QUIT\r\n");
    stage_close(&s);
}

/* --- expectations --- */

static void test_expectations(void **state) {
    static const struct {
        struct send_expectation list[2];
        size_t count;
        enum send_exit code;
    } cases[] = {
        {{{"rcpt", "550"}}, 1, SEND_EXIT_OK},
        {{{"rcpt", "5xx"}, {"banner", "220"}}, 2, SEND_EXIT_OK},
        {{{"rcpt", "450|550"}}, 1, SEND_EXIT_OK},
        {{{"rcpt", "250"}}, 1, SEND_EXIT_EXPECT},
        {{{"rcpt", "550"}, {"mail", "450"}}, 2, SEND_EXIT_EXPECT},
        {{{"dot", "250"}}, 1, SEND_EXIT_EXPECT},
        {{{"mail", "250"}}, 1, SEND_EXIT_OK},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stage s;
        stage_open(&s);
        s.plan.expectations = cases[i].list;
        s.plan.expectation_count = cases[i].count;
        to_envelope(&s, "250 x\r\n");
        stage_say(&s, "250 x\r\n");
        stage_say(&s, "550 5.7.1 no\r\n");
        stage_say(&s, "221 x\r\n");
        assert_exit(&s, cases[i].code);
        stage_close(&s);
    }
}

static void test_json(void **state) {
    struct stage s;
    struct base_buf out;
    struct base_json j;
    (void)state;
    base_buf_init(&out, 1 << 20);
    stage_open(&s);
    s.plan.output.json = true;
    s.plan.pipeline = true;
    to_envelope(&s, EHLO_ALL);
    stage_say(&s, "250 2.1.0 a\r\n550 5.1.1 b\r\n503 c\r\n");
    stage_say(&s, "221 x\r\n");
    base_json_init(&j, &out, false);
    send_record_json(send_transaction_record(s.transaction), &s.plan, NULL, SEND_EXIT_RCPT,
                     base_bytes_of_str("one\ntwo\n"), &j);
    assert_true(base_json_done(&j));
    const char *text = base_buf_cstr(&out);
    assert_non_null(strstr(text, "\"exit\":24"));
    assert_non_null(strstr(text, "\"step\":\"rcpt\",\"said\":\"RCPT TO:<to@example.org>\""));
    assert_non_null(strstr(text, "\"code\":550,\"enhanced\":\"5.1.1\""));
    assert_non_null(strstr(text, "\"errors\":[\"one\",\"two\"]"));
    assert_string_equal(stage_out(&s), "");
    stage_close(&s);
    base_buf_release(&out);
}

/* --- scripts --- */

static void test_script_parse(void **state) {
    static const char *const bad[] = {"",           "# only a comment\n", "< \n",       "< 2500\n",
                                      "< abc\n",    "raw \\q\n",          "raw \\x1\n", "wait\n",
                                      "wait 1.x\n", "wait -1\n",          "drop it\n",  "bogus\n",
                                      "raw \\\n",   "wait 99999999\n"};
    static const char good[] = "# c\r\n  > EHLO a\r\n< any\nraw a\\x00\\r\\nb\\\\\nWAIT 0.25\n"
                               "message\nstarttls\ndrop";
    struct base_arena a;
    struct send_script script;
    (void)state;
    base_arena_init(&a, 1 << 20);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct base_error e = {0};
        assert_int_equal(send_script_parse(base_bytes_of_str(bad[i]), "f", &a, &script, &e),
                         WS_SYNTAX);
        assert_int_equal(strncmp(e.message, "f", 1), 0);
    }
    struct base_error e = {0};
    assert_int_equal(send_script_parse(base_bytes_of_str(good), "f", &a, &script, &e), WS_OK);
    assert_int_equal(script.count, 7);
    assert_string_equal(script.steps[0].text, "EHLO a");
    assert_int_equal(script.steps[0].line, 2);
    assert_string_equal(script.steps[1].text, "");
    assert_int_equal(script.steps[2].raw.len, 6);
    assert_memory_equal(script.steps[2].raw.data, "a\0\r\nb\\", 6);
    assert_int_equal(script.steps[3].wait, 250000);
    base_arena_release(&a);
}

static void play_script(const char *text, const char *const *replies, enum send_exit code,
                        const char *said) {
    char path[] = "/tmp/send_script_XXXXXX";
    int fd = mkstemp(path);
    struct stage s;
    struct base_buf all;
    base_buf_init(&all, 1 << 20);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    stage_open(&s);
    s.plan.script = path;
    stage_begin(&s);
    base_buf_append_str(&all, stage_heard(&s));
    for (; *replies; replies++) {
        stage_say(&s, *replies);
        stage_pass(&s, BASE_SECOND);
        base_buf_append_str(&all, stage_heard(&s));
    }
    assert_exit(&s, code);
    assert_string_equal(base_buf_cstr(&all), said);
    stage_close(&s);
    base_buf_release(&all);
    unlink(path);
}

static void test_script(void **state) {
    static const char *const fine[] = {"220 x\r\n", "250 x\r\n", "250 a\r\n251 b\r\n", NULL};
    static const char *const wrong[] = {"220 x\r\n", "550 x\r\n", NULL};
    (void)state;
    play_script("< 220\n> EHLO a\n< 2xx\nwait 0.5\nraw B\\nC\\r\\n\n< 250\n< any\ndrop\n", fine,
                SEND_EXIT_OK, "EHLO a\r\nB\nC\r\n");
    play_script("< 220\n> EHLO a\n< 2xx\n> MAIL\n", wrong, SEND_EXIT_EXPECT, "EHLO a\r\n");
}

/* --- where to go --- */

static void test_proxy_url(void **state) {
    static const struct {
        const char *text;
        enum net_proxy_kind kind;
        const char *host, *port, *user, *password;
    } good[] = {
        {"socks5://h", NET_PROXY_SOCKS5, "h", "1080", NULL, NULL},
        {"SOCKS5H://h:1/", NET_PROXY_SOCKS5, "h", "1", NULL, NULL},
        {"http://u:p@q:@h:65535", NET_PROXY_HTTP, "h", "65535", "u", "p@q:"},
        {"http://u@[2001:db8::1]:8080", NET_PROXY_HTTP, "2001:db8::1", "8080", "u", ""},
        {"http://[::1]", NET_PROXY_HTTP, "::1", "3128", NULL, NULL},
    };
    static const char *const bad[] = {"",
                                      "h",
                                      "ftp://h",
                                      "http://",
                                      "http://:80",
                                      "http://h:",
                                      "http://h:0",
                                      "http://h:65536",
                                      "http://[::1",
                                      "http://h:x",
                                      "http://u@",
                                      "http://[::1]x"};
    struct base_arena a;
    struct send_proxy_url url;
    (void)state;
    base_arena_init(&a, 1 << 20);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(send_proxy_url_parse(good[i].text, &a, &url, NULL), WS_OK);
        assert_int_equal(url.proxy.kind, good[i].kind);
        assert_string_equal(url.host, good[i].host);
        assert_string_equal(url.port, good[i].port);
        if (good[i].user)
            assert_string_equal(url.proxy.user, good[i].user);
        else
            assert_null(url.proxy.user);
        if (good[i].password)
            assert_string_equal(url.proxy.secret, good[i].password);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(send_proxy_url_parse(bad[i], &a, &url, NULL), WS_SYNTAX);
    base_arena_release(&a);
}

static void test_tally(void **state) {
    struct send_tally t;
    struct stage s;
    (void)state;
    stage_open(&s);
    send_transcript_init(&s.transcript, &s.plan.output);
    assert_int_equal(send_tally_init(&t, 100, 4, 0, NULL), WS_OK);
    t.progress = false;
    for (unsigned i = 100; i > 0; i--)
        send_tally_add(&t, i % 50 ? SEND_EXIT_OK : SEND_EXIT_RCPT, i * BASE_MSEC,
                       (101 - i) * 10 * BASE_MSEC);
    assert_int_equal(send_tally_report(&t, &s.transcript), SEND_EXIT_RCPT);
    const char *out = stage_out(&s);
    assert_non_null(strstr(out, "=== 100 of 100 transactions in 1.000 s, 4 at a time: 100.0 a"));
    assert_non_null(strstr(out, "=== exit 24: 2 (all recipients were refused)\n"));
    assert_non_null(strstr(out, "least 1.0, median 50.0, 90 % 90.0, 99 % 99.0, most 100.0\n"));
    send_tally_release(&t);
    s.transaction = NULL;
    stage_close(&s);
}

/* --- SCRAM-SHA-512 --- */

static struct base_bytes decode(struct base_buf *into, const char *line, size_t skip) {
    base_buf_clear(into);
    struct base_bytes b = base_bytes_of_str(line);
    b = base_bytes_slice(b, skip, base_bytes_find(b, '\r') - skip);
    assert_true(base_base64_decode(into, b));
    return base_buf_view(into);
}

static void say_coded(struct stage *s, const char *text) {
    struct base_buf b;
    base_buf_init(&b, 4096);
    base_buf_append_str(&b, "334 ");
    base_base64_encode(&b, base_bytes_of_str(text));
    base_buf_append_str(&b, "\r\n");
    stage_say(s, base_buf_cstr(&b));
    base_buf_release(&b);
}

/* `lie`: the server's signature is wrong; `skip`: it gives none at all. */
static void scram(bool lie, bool skip) {
    static const struct send_auth_name name = {"SCRAM-SHA-512", SASL_SCRAM_SHA_512};
    uint8_t salted[64], server[64], signature[64];
    struct stage s;
    struct base_buf first, final, text;
    base_buf_init(&first, 4096);
    base_buf_init(&final, 4096);
    base_buf_init(&text, 4096);
    stage_open(&s);
    s.plan.auth = (struct send_auth){.demand = SEND_REQUIRED,
                                     .names = &name,
                                     .name_count = 1,
                                     .who = {.user = "a=b,c", .password = "secret"}};
    s.plan.quit_after = SEND_STOP_AUTH;
    to_envelope(&s, "250-x\r\n250 AUTH SCRAM-SHA-512\r\n");
    struct base_bytes bare = decode(&first, stage_heard(&s), strlen("AUTH SCRAM-SHA-512 "));
    assert_true(base_bytes_starts_with_nocase(bare, "n,,n=a=3Db=2Cc,r="));
    bare = base_bytes_slice(bare, 3, bare.len);
    base_buf_printf(&text, "r=%.*sX,s=QUJD,i=100", (int)(bare.len - strlen("n=a=3Db=2Cc,r=")),
                    (const char *)bare.data + strlen("n=a=3Db=2Cc,r="));
    char server_first[512];
    (void)base_bytes_copy(server_first, sizeof server_first, base_buf_view(&text));
    server_first[text.len] = '\0';
    say_coded(&s, server_first);
    struct base_bytes answer = decode(&final, stage_heard(&s), 0);
    size_t proof = base_bytes_find_str(answer, ",p=");
    assert_true(proof < answer.len);
    base_buf_clear(&text);
    base_buf_printf(&text, "%.*s,%s,%.*s", (int)bare.len, (const char *)bare.data, server_first,
                    (int)proof, (const char *)answer.data);
    assert_int_equal(tls_sasl_crypto.pbkdf2("SHA512", base_bytes_of_str("secret"),
                                            base_bytes_of_str("ABC"), 100, salted),
                     64);
    assert_int_equal(tls_sasl_crypto.hmac("SHA512", base_bytes_view(salted, 64),
                                          base_bytes_of_str("Server Key"), server),
                     64);
    assert_int_equal(tls_sasl_crypto.hmac("SHA512", base_bytes_view(server, 64),
                                          base_buf_view(&text), signature),
                     64);
    signature[63] ^= lie ? 1 : 0;
    base_buf_clear(&text);
    base_buf_append_str(&text, "v=");
    base_base64_encode(&text, base_bytes_view(signature, 64));
    if (!skip)
        say_coded(&s, base_buf_cstr(&text));
    if (!lie && !skip)
        assert_string_equal(stage_heard(&s), "\r\n");
    stage_say(&s, "235 welcome\r\n");
    stage_say(&s, "221 x\r\n");
    assert_exit(&s, lie || skip ? SEND_EXIT_AUTH : SEND_EXIT_OK);
    stage_close(&s);
    base_buf_release(&first);
    base_buf_release(&final);
    base_buf_release(&text);
}

static void test_scram(void **state) {
    (void)state;
    scram(false, false);
    scram(true, false);
    scram(false, true);
}

static void test_scram_hostile(void **state) {
    static const struct send_auth_name name = {"SCRAM-SHA-512", SASL_SCRAM_SHA_512};
    static const char *const firsts[] = {
        "",           "r=x",         "r=x,s=QUJD,i=1", "r=,s=QUJD,i=4096", "x=1,r=a,s=QUJD,i=1",
        "s=QUJD,i=1", "r=a,s=!,i=1", "e=other-error"};
    (void)state;
    for (size_t i = 0; i < sizeof firsts / sizeof firsts[0]; i++) {
        struct stage s;
        stage_open(&s);
        s.plan.auth = (struct send_auth){.demand = SEND_REQUIRED,
                                         .names = &name,
                                         .name_count = 1,
                                         .who = {.user = "u", .password = "p"}};
        to_envelope(&s, "250-x\r\n250 AUTH SCRAM-SHA-512\r\n");
        (void)stage_heard(&s);
        say_coded(&s, firsts[i]);
        assert_string_equal(stage_heard(&s), "*\r\n");
        stage_close(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dsn),          cmocka_unit_test(test_missing),
        cmocka_unit_test(test_smtputf8),     cmocka_unit_test(test_utf8_domain),
        cmocka_unit_test(test_lax),          cmocka_unit_test(test_bdat),
        cmocka_unit_test(test_bdat_refused), cmocka_unit_test(test_bdat_pipelined),
        cmocka_unit_test(test_bdat_prdr),    cmocka_unit_test(test_xforward),
        cmocka_unit_test(test_expectations), cmocka_unit_test(test_json),
        cmocka_unit_test(test_script_parse), cmocka_unit_test(test_script),
        cmocka_unit_test(test_proxy_url),    cmocka_unit_test(test_tally),
        cmocka_unit_test(test_scram),        cmocka_unit_test(test_scram_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
