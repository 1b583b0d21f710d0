/* SPDX-License-Identifier: Apache-2.0 */
/* TLSA records from the command line: match, mismatch, unusable, wrong. */
#include "wished.h"

#include "base/text.h"
#include "client/internal.h"
#include "tls/internal.h"

#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct wished w;
static struct pair p;
static struct facts_detail detail;
static const char *records[4];

static void expect_in(const char *text, const char *part) {
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", text, part);
}

static void begin(const char *first, const char *second) {
    wished_init(&w);
    w.wish.no_ca_file = w.wish.no_ca_dir = w.wish.no_ca_store = true;
    w.wish.dane.domain = "mx.example.org";
    w.wish.dane.records = records;
    records[0] = first;
    records[1] = second;
    w.wish.dane.count = second != NULL ? 2 : 1;
}

/* "3 1 1 hex" of the pair's server, `gap` between digits. */
static void record_of(X509 *x, unsigned usage, unsigned selector, unsigned matching,
                      const char *gap, char *out, size_t cap) {
    unsigned char digest[EVP_MAX_MD_SIZE], *der = NULL;
    unsigned len = 0;
    int der_len =
        selector == 0 ? i2d_X509(x, &der) : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
    struct base_buf text;

    assert_true(der_len > 0);
    assert_int_equal(EVP_Digest(der, (size_t)der_len, digest, &len,
                                matching == 2 ? EVP_sha512() : EVP_sha256(), NULL),
                     1);
    base_buf_init(&text, 1 << 16);
    base_buf_printf(&text, "%u %u %u ", usage, selector, matching);
    for (unsigned i = 0; i < (matching == 0 ? (unsigned)der_len : len); i++)
        base_buf_printf(&text, "%02X%s", matching == 0 ? der[i] : digest[i], gap);
    assert_true(text.len < cap);
    snprintf(out, cap, "%s", base_buf_cstr(&text));
    base_buf_release(&text);
    OPENSSL_free(der);
}

/* Opens the server first, because its certificate is new each time. */
static void shake_with(unsigned usage, unsigned selector, unsigned matching, const char *gap) {
    static char text[8192];
    struct base_error e = {0};

    begin(text, NULL);
    pair_open(&p, NULL);
    record_of(SSL_CTX_get0_certificate(p.server_context->ssl), usage, selector, matching, gap, text,
              sizeof(text));
    tls_session_free(p.client);
    p.client = NULL;
    tls_context_free(p.client_context);
    if (client_context_new(&w.wish, &p.client_context, &e) != WS_OK)
        fail_msg("%s", e.message);
    pair_renew(&p, NULL);
    pair_run(&p);
    client_read_detail(p.client, 0, 0, &p.arena, &detail);
}

static void the_servers_key_matches(void **state) {
    static const char *const gaps[] = {"", " ", "\t( ) "};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        shake_with(3, 1, 1, gaps[i]);
        assert_int_equal(detail.verify_code, 0);
        expect_in(detail.dane, "TLSA 3 1 1 ...");
        expect_in(detail.dane, "EE certificate at depth 0");
        assert_string_equal(detail.verified_name, "mx.example.org");
        assert_string_equal(pair_facts(&p).sni, "mx.example.org");
        pair_close(&p);
    }
}

static void every_form_of_a_record(void **state) {
    (void)state;
    for (unsigned selector = 0; selector < 2; selector++)
        for (unsigned matching = 0; matching < 3; matching++) {
            shake_with(3, selector, matching, "");
            assert_int_equal(detail.verify_code, 0);
            pair_close(&p);
        }
}

static void another_key_does_not_match(void **state) {
    (void)state;
    begin("3 1 1 " DIGEST, NULL);
    pair_open(&p, &(struct pair_options){.wish = &w.wish});
    pair_run(&p);
    client_read_detail(p.client, 0, 0, &p.arena, &detail);
    assert_int_equal(detail.verify_code, 65);
    assert_string_equal(detail.dane, "");
    assert_int_equal(tls_session_state(p.client), TLS_UP);
    pair_close(&p);
    w.wish.verify_return_error = true;
    pair_open(&p, &(struct pair_options){.wish = &w.wish});
    pair_run(&p);
    assert_int_equal(tls_session_state(p.client), TLS_FAILED);
    pair_close(&p);
}

static void keep_line(void *arg, enum base_log_level level, const char *line) {
    if (level == BASE_LOG_WARN)
        snprintf(arg, 512, "%s", line);
}

static void unusable_records_are_passed_over_with_a_warning(void **state) {
    char warned[512] = "";
    struct base_log log = {BASE_LOG_WARN, keep_line, warned};

    (void)state;
    begin("3 1 1 " DIGEST, "7 1 1 " DIGEST);
    pair_open(&p, &(struct pair_options){.wish = &w.wish, .log = &log});
    expect_in(warned, "-dane_tlsa_rrdata 7 1 1 " DIGEST);
    expect_in(warned, "cannot use this record");
    pair_close(&p);
}

static void wrong_records_say_why(void **state) {
    static const struct {
        const char *record, *part;
    } rows[] = {
        {"", "usage, selector, matching type and data are expected"},
        {"3 1", "usage, selector, matching type and data"},
        {"3 1 1", "usage, selector, matching type and data"},
        {"3 1 1 ", "usage, selector, matching type and data"},
        {"3 1 1 ()", "the data is missing"},
        {"300 1 1 00", "usage, selector, matching type and data"},
        {"-1 1 1 00", "usage, selector, matching type and data"},
        {"3 1 1 0x00", "something else than hexadecimal digits"},
        {"3 1 1 012", "odd number of hexadecimal digits"},
        {"3 1 1 0123", "matching type 1 needs a digest of 32 bytes, not 2"},
        {"3 1 2 " DIGEST, "matching type 2 needs a digest of 64 bytes, not 32"},
        {"3 0 0 0123", "the data is no certificate in DER"},
        {"3 1 0 0123", "the data is no public key in DER"},
        {"2 0 0 " DIGEST, "the data is no certificate in DER"},
        {"4 1 1 " DIGEST, "unusable (usage 0 to 3"},
        {"3 9 1 " DIGEST, "unusable (usage 0 to 3"},
        {"3 1 255 " DIGEST, "unusable (usage 0 to 3"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin(rows[i].record, NULL);
        expect_in(wished_error(&w), "-dane_tlsa_rrdata");
        expect_in(wished_error(&w), rows[i].part);
    }
    begin("3 1 1 " DIGEST, "3 1 1 zz");
    expect_in(wished_error(&w), "3 1 1 zz");
}

static void domain_and_records_belong_together(void **state) {
    (void)state;
    begin("3 1 1 " DIGEST, NULL);
    w.wish.dane.domain = NULL;
    assert_string_equal(wished_error(&w), "-dane_tlsa_rrdata: needs -dane_tlsa_domain too");
    begin(NULL, NULL);
    w.wish.dane.count = 0;
    assert_string_equal(wished_error(&w),
                        "-dane_tlsa_domain mx.example.org: needs -dane_tlsa_rrdata too");
}

/* RFC 7671 5.1: usage 3 needs no name, when the user says so. */
static void names_may_be_left_out_for_usage_3(void **state) {
    (void)state;
    for (int out = 0; out < 2; out++) {
        static char text[8192];
        begin(text, NULL);
        w.wish.dane.domain = "other.example.org";
        w.wish.dane.no_ee_names = out == 1;
        pair_open(&p, NULL);
        record_of(SSL_CTX_get0_certificate(p.server_context->ssl), 3, 1, 1, "", text, sizeof(text));
        tls_session_free(p.client);
        p.client = NULL;
        tls_context_free(p.client_context);
        assert_int_equal(client_context_new(&w.wish, &p.client_context, NULL), WS_OK);
        pair_renew(&p, NULL);
        pair_run(&p);
        client_read_detail(p.client, 0, 0, &p.arena, &detail);
        assert_int_equal(detail.verify_code, out == 1 ? 0 : 62);
        pair_close(&p);
    }
}

/* The records of the server at hand, on a context that knows of none. */
static void a_session_holds_records_of_its_own(void **state) {
    static const char *const wrong[] = {"3 1 1 abc"};
    static char good[8192];
    const char *const one[] = {good};
    struct client_dane dane = {.domain = "mx.example.org", .records = one, .count = 1};
    struct base_error e = {0};

    (void)state;
    wished_init(&w);
    w.wish.no_ca_file = w.wish.no_ca_dir = w.wish.no_ca_store = true;
    pair_open(&p, &(struct pair_options){.wish = &w.wish});
    record_of(SSL_CTX_get0_certificate(p.server_context->ssl), 3, 1, 1, "", good, sizeof(good));
    for (int i = 0; i < 2; i++) {
        if (i > 0)
            pair_renew(&p, NULL);
        assert_int_equal(client_hold_dane(p.client, &dane, &e), WS_OK);
        pair_run(&p);
        client_read_detail(p.client, 0, 0, &p.arena, &detail);
        assert_int_equal(detail.verify_code, 0);
        expect_in(detail.dane, "TLSA 3 1 1 ...");
    }
    pair_renew(&p, NULL); /* and the next session of the context none */
    pair_run(&p);
    client_read_detail(p.client, 0, 0, &p.arena, &detail);
    assert_int_not_equal(detail.verify_code, 0);
    pair_renew(&p, NULL);
    dane.records = wrong;
    assert_int_equal(client_hold_dane(p.client, &dane, &e), WS_USAGE);
    expect_in(base_error_message(&e), "odd number");
    pair_close(&p);
}

static int release(void **state) {
    (void)state;
    pair_release_root();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_servers_key_matches),
        cmocka_unit_test(every_form_of_a_record),
        cmocka_unit_test(another_key_does_not_match),
        cmocka_unit_test(unusable_records_are_passed_over_with_a_warning),
        cmocka_unit_test(wrong_records_say_why),
        cmocka_unit_test(domain_and_records_belong_together),
        cmocka_unit_test(names_may_be_left_out_for_usage_3),
        cmocka_unit_test(a_session_holds_records_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, release);
}
