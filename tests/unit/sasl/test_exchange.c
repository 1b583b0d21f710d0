/* SPDX-License-Identifier: Apache-2.0 */
/* Mechanisms by themselves: challenges that are none, arithmetic that is missing, channel bindings,
 * and known answers. What they do inside SMTP is in unit/send. */
#include "base/base64.h"
#include "sasl/exchange.h"
#include "tls/sasl_crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct base_arena arena;
static struct sasl_credentials who;
static struct sasl_peer peer;
static struct sasl_show show;

static int set_up(void **state) {
    (void)state;
    base_arena_init(&arena, 8 << 20);
    who = (struct sasl_credentials){.user = "user", .password = "pass"};
    peer = (struct sasl_peer){.service = "imap", .host = "mx.example", .crypto = &tls_sasl_crypto};
    show = (struct sasl_show){0};
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    base_arena_release(&arena);
    return 0;
}

static struct sasl_exchange *begin(enum sasl_mechanism m) {
    struct sasl_exchange *x = sasl_new(m, &who, &peer, &show, &arena);
    assert_non_null(x);
    assert_string_equal(sasl_error(x), "");
    return x;
}

static const char *decoded(const char *text) {
    struct base_buf b;
    base_buf_init(&b, 1 << 20);
    assert_true(base_base64_decode(&b, base_bytes_of_str(text)));
    const char *s = base_arena_str_bytes(&arena, base_buf_view(&b));
    base_buf_release(&b);
    return s;
}

static bool step(struct sasl_exchange *x, const char *challenge, struct sasl_line *out) {
    struct base_buf b;
    base_buf_init(&b, 1 << 20);
    base_base64_encode(&b, base_bytes_of_str(challenge));
    bool ok = sasl_step(x, base_buf_view(&b), out);
    base_buf_release(&b);
    return ok;
}

/* A server may go on for ever, and say what it likes: an answer, or an error with words. */
static void hostile_challenges(void **state) {
    static const char *const challenges[] = {"", "=", "\xff\xfe", "!!!!", "<", "AAAA", "r=,s=,i="};
    (void)state;
    for (int m = 0; m < SASL_MECHANISM_COUNT; m++)
        for (size_t i = 0; i < sizeof challenges / sizeof challenges[0]; i++) {
            struct sasl_exchange *x = begin((enum sasl_mechanism)m);
            struct sasl_line line = {0};
            bool going = sasl_first(x, &line);
            for (int turn = 0; going && turn < 5; turn++)
                going = sasl_step(x, base_bytes_of_str(challenges[i]), &line);
            assert_true(going || sasl_error(x)[0] != '\0');
            sasl_release(x);
            sasl_release(x); /* may be repeated */
        }
    sasl_release(NULL);
}

static bool no_md4(struct base_bytes in, uint8_t out[SASL_MD4_BYTES]) {
    (void)in;
    (void)out;
    return false;
}

static size_t no_hmac(const char *digest, struct base_bytes key, struct base_bytes in,
                      uint8_t out[SASL_DIGEST_MAX]) {
    (void)digest;
    (void)key;
    (void)in;
    (void)out;
    return 0;
}

static bool no_random(uint8_t *out, size_t len) {
    (void)out;
    (void)len;
    return false;
}

static void missing_arithmetic(void **state) {
    struct sasl_crypto poor = tls_sasl_crypto;
    struct sasl_line line;
    (void)state;
    poor.md4 = no_md4;
    poor.hmac = no_hmac;
    poor.random = no_random;
    peer.crypto = &poor;
    struct sasl_exchange *x = begin(SASL_CRAM_MD5);
    assert_true(sasl_first(x, &line));
    assert_false(step(x, "<1@x>", &line));
    assert_string_equal(sasl_error(x), "the TLS library can't compute the digest");
    sasl_release(x);
    x = begin(SASL_NTLM);
    assert_true(sasl_first(x, &line));
    assert_true(step(x, "", &line));
    assert_false(step(x, "NTLMSSP", &line));
    assert_non_null(strstr(sasl_error(x), "MD4 and DES"));
    sasl_release(x);
    x = begin(SASL_SCRAM_SHA_512);
    assert_false(sasl_first(x, &line));
    assert_string_equal(sasl_error(x), "no random numbers for SCRAM");
    sasl_release(x);
}

static void first_lines(void **state) {
    struct sasl_line line;
    (void)state;
    struct sasl_exchange *x = begin(SASL_LOGIN);
    assert_true(sasl_first(x, &line));
    assert_null(line.text); /* the server asks first */
    assert_int_equal(line.then, SASL_THEN_CHALLENGE);
    assert_true(step(x, "Username:", &line));
    assert_string_equal(decoded(line.text), "user");
    assert_int_equal(line.then, SASL_THEN_CHALLENGE);
    assert_true(step(x, "Password:", &line));
    assert_string_equal(decoded(line.text), "pass");
    assert_int_equal(line.then, SASL_THEN_VERDICT);
    assert_false(step(x, "Again:", &line));
    sasl_release(x);
    who.user = "";
    x = begin(SASL_EXTERNAL);
    assert_true(sasl_first(x, &line));
    assert_string_equal(line.text, ""); /* an answer, and empty */
    assert_int_equal(line.shown.len, 0);
    assert_true(sasl_agreed(x));
    sasl_release(x);
}

static void tokens_may_be_refused_with_reasons(void **state) {
    struct sasl_line line;
    (void)state;
    struct sasl_exchange *x = begin(SASL_XOAUTH2);
    assert_true(sasl_first(x, &line));
    assert_string_equal(decoded(line.text), "user=user\001auth=Bearer pass\001\001");
    assert_int_equal(line.then, SASL_THEN_EITHER);
    assert_true(step(x, "{\"status\":\"401\"}", &line));
    assert_string_equal(line.text, "");
    sasl_release(x);
}

static void secrets_are_hidden(void **state) {
    struct sasl_line line;
    (void)state;
    show = (struct sasl_show){.plaintext = true, .hide_password = "X"};
    struct sasl_exchange *x = begin(SASL_PLAIN);
    assert_true(sasl_first(x, &line));
    assert_string_equal(line.text, "AHVzZXIAcGFzcw==");
    assert_true(base_bytes_equal_str(line.shown, "\\0user\\0X"));
    sasl_release(x);
    show.hide_all = true;
    x = begin(SASL_CRAM_MD5);
    assert_true(sasl_first(x, &line));
    assert_true(step(x, "<1@x>", &line));
    assert_true(base_bytes_equal_str(line.shown, "user X"));
    sasl_release(x);
    x = sasl_new(SASL_PLAIN, &who, &peer, NULL, &arena); /* nothing is said of showing */
    assert_true(sasl_first(x, &line));
    assert_true(base_bytes_equal_str(line.shown, "AHVzZXIAcGFzcw=="));
    sasl_release(x);
}

/* RFC 2195 section 2. */
static void cram_md5(void **state) {
    static const char challenge[] = "PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+";
    struct sasl_line line;
    (void)state;
    who = (struct sasl_credentials){.user = "tim", .password = "tanstaaftanstaaf"};
    struct sasl_exchange *x = begin(SASL_CRAM_MD5);
    assert_true(sasl_first(x, &line));
    assert_true(sasl_step(x, base_bytes_of_str(challenge), &line));
    assert_string_equal(line.text, "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw");
    assert_int_equal(line.then, SASL_THEN_VERDICT);
    sasl_release(x);
}

/* The binding that was handed in is what the client's last message carries. */
static void binding_of(enum sasl_mechanism m) {
    struct sasl_line line;
    peer.encrypted = true;
    peer.binding = base_bytes_of_str("0123456789abcdef0123456789abcdef");
    assert_true(sasl_binds_channel(m));
    struct sasl_exchange *x = begin(m);
    assert_true(sasl_first(x, &line));
    const char *first = decoded(line.text);
    assert_memory_equal(first, "p=tls-exporter,,n=user,r=", 25);
    assert_true(step(x, base_arena_printf(&arena, "r=%sX,s=QUJD,i=4096", first + 25), &line));
    assert_int_equal(line.then, SASL_THEN_CHALLENGE);
    const char *last = decoded(line.text);
    assert_memory_equal(last, "c=", 2);
    const char *bound = decoded(base_arena_str_bytes(
        &arena, base_bytes_view(last + 2, base_bytes_find(base_bytes_of_str(last + 2), ','))));
    assert_string_equal(bound, "p=tls-exporter,,0123456789abcdef0123456789abcdef");
    assert_false(sasl_agreed(x)); /* the server has not proved itself */
    assert_string_equal(sasl_error(x), "the server did not prove that it knows the password");
    sasl_release(x);
}

static void bindings(void **state) {
    struct sasl_line line;
    (void)state;
    struct sasl_exchange *x = begin(SASL_SCRAM_SHA_512_PLUS);
    assert_false(sasl_first(x, &line));
    assert_string_equal(sasl_error(x), "SCRAM-SHA-512-PLUS needs TLS");
    sasl_release(x);
    binding_of(SASL_SCRAM_SHA_512_PLUS);
    binding_of(SASL_SCRAM_SHA_256_PLUS); /* libgsasl's */
    peer.binding = BASE_BYTES_EMPTY;
    x = begin(SASL_SCRAM_SHA_512_PLUS);
    assert_true(sasl_first(x, &line));
    const char *nonce = strstr(decoded(line.text), "r=") + 2;
    assert_false(step(x, base_arena_printf(&arena, "r=%sX,s=QUJD,i=4096", nonce), &line));
    assert_string_equal(sasl_error(x), "this TLS session has no channel binding");
    sasl_release(x);
    x = begin(SASL_SCRAM_SHA_256_PLUS);
    assert_false(sasl_first(x, &line));
    sasl_release(x);
    assert_false(sasl_binds_channel(SASL_SCRAM_SHA_512));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(hostile_challenges, set_up, tear_down),
        cmocka_unit_test_setup_teardown(missing_arithmetic, set_up, tear_down),
        cmocka_unit_test_setup_teardown(first_lines, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tokens_may_be_refused_with_reasons, set_up, tear_down),
        cmocka_unit_test_setup_teardown(secrets_are_hidden, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cram_md5, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bindings, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
