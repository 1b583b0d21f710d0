/* SPDX-License-Identifier: Apache-2.0 */
/* Each setting takes effect in the ClientHello; each wrong value gives one clear line. */
#include "../tls/hello.h"
#include "wished.h"

#include "client/internal.h"
#include "connect/options.h"
#include "tls/internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect_in(const char *text, const char *part) {
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", text, part);
}

static void hello_with(struct wished *w, const char *sni, struct hello *h,
                       struct facts_client *told, struct base_arena *arena) {
    static struct base_buf kept;
    struct tls_context *c = NULL;
    struct tls_session *s = NULL;
    struct base_error e = {0};

    if (client_context_new(&w->wish, &c, &e) != WS_OK)
        fail_msg("%s", base_error_message(&e));
    assert_int_equal(tls_session_new(c, sni, NULL, "client", &s, NULL), WS_OK);
    tls_session_start(s, 1000);
    /* the lists borrow from the message */
    base_buf_release(&kept);
    base_buf_init(&kept, 1 << 16);
    base_buf_append_bytes(&kept, base_buf_view(tls_session_output(s)));
    hello_parse_record(base_buf_view(&kept), h);
    if (told != NULL)
        client_read_told(s, arena, told);
    tls_session_free(s);
    tls_context_free(c);
}

static void hello_of_setting(const char *name, const char *value, struct hello *h) {
    struct wished w;

    wished_init(&w);
    wished_set(&w, name, value);
    hello_with(&w, NULL, h, NULL, NULL);
}

/* What `openssl s_client` of the same library would send, but for the random parts. */
static void library_hello(struct hello *h, size_t *len) {
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(ctx);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    char *data = NULL;

    SSL_set_bio(ssl, in, out);
    SSL_set_connect_state(ssl);
    (void)SSL_do_handshake(ssl);
    *len = (size_t)BIO_get_mem_data(out, &data);
    hello_parse_record(base_bytes_view(data, *len), h);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

static void expect_same(const struct hello_list *a, const struct hello_list *b) {
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->ids, b->ids, a->count * sizeof(a->ids[0]));
}

static void nothing_wished_is_the_librarys_own_hello(void **state) {
    struct hello ours, theirs;
    struct facts_client told;
    struct base_arena arena;
    struct wished w;
    size_t len = 0;

    (void)state;
    base_arena_init(&arena, 1 << 20);
    wished_init(&w);
    hello_with(&w, NULL, &ours, &told, &arena);
    library_hello(&theirs, &len);
    expect_same(&ours.suites, &theirs.suites);
    expect_same(&ours.extensions, &theirs.extensions);
    expect_same(&ours.groups, &theirs.groups);
    expect_same(&ours.schemes, &theirs.schemes);
    expect_same(&ours.shares, &theirs.shares);
    expect_same(&ours.versions, &theirs.versions);
    assert_int_equal(told.hello.len, len - 5);
    base_arena_release(&arena);
}

static void groups_and_curves(void **state) {
    struct hello h;

    (void)state;
    hello_of_setting("-groups", "P-384:X25519", &h);
    assert_int_equal(h.groups.count, 2);
    assert_int_equal(h.groups.ids[0], 0x0018);
    assert_int_equal(h.groups.ids[1], 0x001d);
    hello_of_setting("-curves", "P-256", &h);
    assert_int_equal(h.groups.count, 1);
    assert_int_equal(h.groups.ids[0], 0x0017);
    assert_int_equal(h.shares.ids[0], 0x0017);
}

static void suites(void **state) {
    struct hello h;

    (void)state;
    hello_of_setting("-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256", &h);
    assert_true(hello_has(&h.suites, 0x1303));
    assert_false(hello_has(&h.suites, 0x1301));
    assert_true(hello_has(&h.suites, 0xc02f));
    hello_of_setting("-cipher", "ECDHE-RSA-AES128-GCM-SHA256", &h);
    assert_true(hello_has(&h.suites, 0xc02f));
    assert_false(hello_has(&h.suites, 0xc030));
    assert_true(hello_has(&h.suites, 0x1301));
}

static void schemes(void **state) {
    struct hello h;

    (void)state;
    hello_of_setting("-sigalgs", "ECDSA+SHA256:RSA-PSS+SHA384", &h);
    assert_true(hello_has(&h.schemes, 0x0403));
    assert_true(hello_has(&h.schemes, 0x0805));
    assert_false(hello_has(&h.schemes, 0x0401));
    hello_of_setting("-sigalgs", "rsa_pss_rsae_sha256", &h);
    assert_int_equal(h.schemes.count, 1);
    assert_int_equal(h.schemes.ids[0], 0x0804);
}

static void versions_by_setting_and_by_number(void **state) {
    struct facts_client told;
    struct base_arena arena;
    struct wished w;
    struct hello h;

    (void)state;
    base_arena_init(&arena, 1 << 20);
    hello_of_setting("-no_tls1_3", NULL, &h);
    assert_int_equal(h.versions.count, 0);
    assert_int_equal(h.version, 0x0303);
    hello_of_setting("-min_protocol", "TLSv1.3", &h);
    assert_int_equal(h.versions.count, 1);
    wished_init(&w);
    w.wish.min_version = w.wish.max_version = 0x0304;
    hello_with(&w, NULL, &h, &told, &arena);
    assert_int_equal(h.versions.count, 1);
    assert_int_equal(h.versions.ids[0], 0x0304);
    assert_int_equal(told.min_version, 0x0304);
    assert_int_equal(told.max_version, 0x0304);
    assert_true(told.versions_limited);
    w.wish.min_version = w.wish.max_version = 0x0303;
    hello_with(&w, NULL, &h, &told, &arena);
    assert_int_equal(told.min_version, 0x0303);
    assert_int_equal(told.max_version, 0x0303);
    wished_init(&w);
    wished_set(&w, "-no_tls1_3", NULL);
    wished_set(&w, "-cipher", "DEFAULT:@SECLEVEL=0");
    hello_with(&w, NULL, &h, &told, &arena);
    assert_int_equal(told.min_version, 0x0301);
    assert_int_equal(told.max_version, 0x0303);
    assert_int_equal(told.security_level, 0);
    assert_string_equal(told.cipher, "DEFAULT:@SECLEVEL=0");
    base_arena_release(&arena);
}

static void extensions(void **state) {
    struct wished w;
    struct hello h;

    (void)state;
    wished_init(&w);
    hello_with(&w, NULL, &h, NULL, NULL);
    assert_false(hello_has(&h.extensions, 0));
    assert_false(hello_has(&h.extensions, 5));
    assert_false(hello_has(&h.extensions, 18));
    assert_true(hello_has(&h.extensions, 35));
    wished_init(&w);
    w.wish.alpn = "smtp,x";
    w.wish.ask_status = w.wish.ask_scts = true;
    w.wish.max_fragment_length = 1024;
    w.wish.post_handshake_auth = true;
    w.wish.fallback_scsv = true;
    w.wish.serverinfo = "1234,4321";
    wished_set(&w, "-no_ticket", NULL);
    wished_set(&w, "-no_etm", NULL);
    hello_with(&w, "mx.example.org", &h, NULL, NULL);
    assert_true(hello_has(&h.extensions, 0));
    assert_true(hello_has(&h.extensions, 5));
    assert_true(hello_has(&h.extensions, 18));
    assert_true(hello_has(&h.extensions, 49));
    assert_true(hello_has(&h.extensions, 1234));
    assert_true(hello_has(&h.extensions, 4321));
    assert_true(hello_has(&h.suites, 0x5600));
    assert_false(hello_has(&h.extensions, 35));
    assert_false(hello_has(&h.extensions, 22));
    assert_int_equal(h.max_fragment.data[0], 2);
    assert_int_equal(h.alpn.len, 2 + 5 + 2);
    assert_memory_equal(h.alpn.data, "\0\7\4smtp\1x", 9);
}

static void what_the_client_was_told(void **state) {
    struct facts_client told;
    struct base_arena arena;
    struct wished w;
    struct hello h;

    (void)state;
    base_arena_init(&arena, 1 << 20);
    wished_init(&w);
    hello_with(&w, NULL, &h, &told, &arena);
    assert_false(told.versions_limited);
    assert_true(told.sni_withheld);
    assert_string_equal(told.sni, "");
    assert_string_equal(told.groups, "");
    assert_false(told.legacy_renegotiation);
    assert_false(told.verification_required);
    assert_int_equal(told.max_version, 0x0304);
    wished_set(&w, "-curves", "P-256");
    wished_set(&w, "-groups", "X25519");
    wished_set(&w, "-sigalgs", "RSA+SHA256");
    wished_set(&w, "-ciphersuites", "TLS_AES_128_GCM_SHA256");
    wished_set(&w, "-legacy_server_connect", NULL);
    w.wish.verify_return_error = true;
    hello_with(&w, "mx.example.org", &h, &told, &arena);
    assert_string_equal(told.groups, "X25519");
    assert_string_equal(told.signature_schemes, "RSA+SHA256");
    assert_string_equal(told.ciphersuites, "TLS_AES_128_GCM_SHA256");
    assert_string_equal(told.sni, "mx.example.org");
    assert_false(told.sni_withheld);
    assert_true(told.legacy_renegotiation);
    assert_true(told.verification_required);
    base_arena_release(&arena);
}

static void wrong_values_name_the_wrong_part(void **state) {
    static const struct {
        const char *name, *value, *part;
    } rows[] = {
        {"-groups", "X25519:foo", "-groups X25519:foo: the TLS library knows no group \"foo\""},
        {"-groups", "foo:bar", "no group \"foo\""},
        {"-curves", "P-999", "-curves P-999: the TLS library knows no group \"P-999\""},
        {"-sigalgs", "", "the list is empty"},
        {"-groups", NULL, "-groups: needs a value"},
        {"-sigalgs", "RSA+SHA256:RSA+MD99", "no signature scheme \"RSA+MD99\""},
        {"-client_sigalgs", "x", "-client_sigalgs x: the TLS library knows no signature scheme"},
        {"-ciphersuites", "AES128-SHA", "no TLS 1.3 suite \"AES128-SHA\""},
        {"-cipher", "NOSUCH", "no suite up to TLS 1.2 matches"},
        {"-cipher", "TLS_AES_128_GCM_SHA256", "TLS 1.3 suites go to -ciphersuites"},
        {"-min_protocol", "TLS1.2", "TLSv1, TLSv1.1, TLSv1.2, TLSv1.3 or None is possible"},
        {"-max_protocol", "", "is possible"},
        {"-no_such_thing", NULL, "-no_such_thing: OpenSSL 3"},
        {"-no_such_thing", "value", "has no such option"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect_in(wished_setting_error(rows[i].name, rows[i].value), rows[i].part);
}

static void wrong_sizes_and_lists(void **state) {
    struct wished w;

    (void)state;
    wished_init(&w);
    w.wish.max_fragment_length = 1000;
    expect_in(wished_error(&w), "-maxfraglen 1000: 512, 1024, 2048 or 4096");
    w.wish.max_fragment_length = 0;
    w.wish.max_send_fragment = 100;
    expect_in(wished_error(&w), "-max_send_frag 100: 512 to 16384");
    w.wish.max_send_fragment = 0;
    w.wish.split_send_fragment = 20000;
    expect_in(wished_error(&w), "-split_send_frag 20000");
    w.wish.split_send_fragment = 0;
    w.wish.max_pipelines = 100;
    expect_in(wished_error(&w), "-max_pipelines 100: 1 to 32");
    w.wish.max_pipelines = 0;
    w.wish.alpn = "smtp,,x";
    expect_in(wished_error(&w), "-alpn smtp,,x: each protocol name has 1 to 255 bytes");
    w.wish.alpn = "";
    expect_in(wished_error(&w), "-alpn");
    w.wish.alpn = NULL;
    w.wish.serverinfo = "70000";
    expect_in(wished_error(&w), "-serverinfo 70000: numbers of extensions");
    w.wish.serverinfo = "1234,1234";
    expect_in(wished_error(&w), "stands twice");
    w.wish.serverinfo = "10";
    expect_in(wished_error(&w), "handles extension 10 itself");
    w.wish.serverinfo = NULL;
    w.wish.ask_scts = true;
    w.wish.ct_log_file = "/nonexistent";
    assert_string_equal(wished_error(&w), "-ctlogfile /nonexistent: No such file or directory");
    w.wish.ask_scts = false;
    w.wish.name_format = "pretty";
    expect_in(wished_error(&w), "-nameopt pretty: not a list of name options");
}

static const struct base_option *row_of(const char *name) {
    const struct base_option *row = connect_option_table();

    while (row->kind != BASE_OPTION_END && (!row->name || strcmp(row->name, name) != 0))
        row++;
    return row->kind != BASE_OPTION_END ? row : NULL;
}

/* What errors call an option is a row of the table of options. */
static void errors_name_options_that_there_are(void **state) {
    const char *const *names = connect_option_names();

    (void)state;
    for (size_t i = 0; i < CLIENT_OPTION_COUNT; i++) {
        if (!names[i] || names[i][0] != '-' || !row_of(names[i] + 1))
            fail_msg("option %zu: no row for \"%s\"", i, names[i] ? names[i] : "");
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(names[i], names[j]);
    }
}

/* Another program's errors have its own words, and no word for what it does not have. */
static void errors_speak_the_words_of_their_program(void **state) {
    static const char *const names[CLIENT_OPTION_COUNT] = {
        [CLIENT_OPTION_CIPHER] = "--tls-cipher",
        [CLIENT_OPTION_CIPHERSUITES] = "--tls-ciphersuites",
        [CLIENT_OPTION_ALPN] = "--tls-alpn",
        [CLIENT_OPTION_CA_FILE] = "--tls-ca-path",
    };
    struct wished w;

    (void)state;
    wished_init(&w);
    w.wish.option_names = names;
    w.wish.alpn = "a,,b";
    expect_in(wished_error(&w), "--tls-alpn a,,b: each");
    w.wish.alpn = NULL;
    w.wish.ca_file = "/nonexistent";
    assert_string_equal(wished_error(&w), "--tls-ca-path /nonexistent: No such file or directory");
    w.settings[w.wish.setting_count++] =
        (struct client_setting){"cipher", "--tls-cipher", "NOSUCH"};
    assert_string_equal(wished_error(&w),
                        "--tls-cipher NOSUCH: no suite up to TLS 1.2 matches (\"openssl ciphers\" "
                        "names them; TLS 1.3 suites go to --tls-ciphersuites)");
    w.settings[0] = (struct client_setting){"ciphersuites", "--tls-ciphersuites", "AES128-SHA"};
    expect_in(wished_error(&w), "suites up to TLS 1.2 go to --tls-cipher)");
    w.wish.setting_count = 0;
    w.wish.ca_file = NULL;
    w.wish.name_format = "pretty";
    struct tls_context *c = NULL;
    struct base_error e = {0};
    assert_int_equal(client_context_new(&w.wish, &c, &e), WS_USAGE);
    assert_ptr_equal(strstr(e.message, "pretty: not a list"), e.message);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_wished_is_the_librarys_own_hello),
        cmocka_unit_test(groups_and_curves),
        cmocka_unit_test(suites),
        cmocka_unit_test(schemes),
        cmocka_unit_test(versions_by_setting_and_by_number),
        cmocka_unit_test(extensions),
        cmocka_unit_test(what_the_client_was_told),
        cmocka_unit_test(wrong_values_name_the_wrong_part),
        cmocka_unit_test(wrong_sizes_and_lists),
        cmocka_unit_test(errors_name_options_that_there_are),
        cmocka_unit_test(errors_speak_the_words_of_their_program),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
