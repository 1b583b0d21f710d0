/* SPDX-License-Identifier: Apache-2.0 */
/* What the client is said to have offered is read from the hello it sent, not from its settings:
 * those are changed here once the hello is out. */
#include "../tls/hello.h"
#include "wished.h"

#include "client/internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct wished w;
static struct tls_context *context;
static struct tls_session *session;
static struct facts_client told;
static struct base_arena arena;

static void begin(const char *min, const char *max) {
    base_arena_init(&arena, 1 << 20);
    wished_init(&w);
    wished_set(&w, "-cipher", "DEFAULT:@SECLEVEL=0");
    wished_set(&w, "-min_protocol", min);
    wished_set(&w, "-max_protocol", max);
}

static void say_hello(void) {
    struct base_error e = {0};

    if (client_context_new(&w.wish, &context, &e) != WS_OK)
        fail_msg("%s", base_error_message(&e));
    assert_int_equal(tls_session_new(context, "mx.example.org", NULL, "client", &session, NULL),
                     WS_OK);
    tls_session_start(session, 1000);
}

static void end(void) {
    tls_session_free(session);
    tls_context_free(context);
    base_arena_release(&arena);
}

static void versions_are_those_of_the_hello(void **state) {
    static const struct {
        const char *min, *max;
        uint16_t oldest, newest;
    } rows[] = {
        {"TLSv1.2", "TLSv1.3", 0x0303, 0x0304}, {"TLSv1", "TLSv1.3", 0x0301, 0x0304},
        {"TLSv1.1", "TLSv1.3", 0x0302, 0x0304}, {"TLSv1.3", "TLSv1.3", 0x0304, 0x0304},
        {"TLSv1.2", "TLSv1.2", 0x0303, 0x0303},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin(rows[i].min, rows[i].max);
        say_hello();
        /* what would be offered now is TLS 1.1 alone */
        (void)SSL_set_min_proto_version(tls_session_ssl(session), TLS1_1_VERSION);
        (void)SSL_set_max_proto_version(tls_session_ssl(session), TLS1_1_VERSION);
        client_read_told(session, &arena, &told);
        assert_int_equal(told.max_version, rows[i].newest);
        if (rows[i].newest > TLS1_2_VERSION)
            assert_int_equal(told.min_version, rows[i].oldest);
        end();
    }
}

/* Up to TLS 1.2 the hello has no list: its version is the newest, the settings say the oldest. */
static void the_oldest_version_without_a_list(void **state) {
    (void)state;
    begin("TLSv1.1", "TLSv1.2");
    say_hello();
    client_read_told(session, &arena, &told);
    assert_int_equal(told.min_version, 0x0302);
    assert_int_equal(told.max_version, 0x0303);
    end();
}

/* Before the hello, and where none could be made, the settings are all there is. */
static void versions_without_a_hello(void **state) {
    (void)state;
    begin("TLSv1.1", "TLSv1.3");
    assert_int_equal(client_context_new(&w.wish, &context, NULL), WS_OK);
    assert_int_equal(tls_session_new(context, NULL, NULL, "client", &session, NULL), WS_OK);
    client_read_told(session, &arena, &told);
    assert_int_equal(told.min_version, 0x0302);
    assert_int_equal(told.max_version, 0x0304);
    assert_int_equal(told.hello.len, 0);
    assert_true(told.sni_withheld);
    end();
}

static void expect_list(const struct hello_list *l, const uint16_t *ids, size_t count) {
    assert_int_equal(l->count, count);
    assert_memory_equal(l->ids, ids, count * sizeof(ids[0]));
}

static void the_hello_itself(void **state) {
    static const uint16_t versions[] = {0x0304, 0x0303}, groups[] = {0x001d, 0x0017},
                          suites[] = {0x1302, 0x1301, 0xc02f, 0x00ff}, schemes[] = {0x0804, 0x0403};
    struct base_buf *out;
    struct hello h;

    (void)state;
    begin("TLSv1.2", "TLSv1.3");
    w.settings[0].value = "ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0";
    wished_set(&w, "-ciphersuites", "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256");
    wished_set(&w, "-groups", "X25519:P-256");
    wished_set(&w, "-sigalgs", "rsa_pss_rsae_sha256:ECDSA+SHA256");
    say_hello();
    client_read_told(session, &arena, &told);
    out = tls_session_output(session);
    assert_int_equal(told.hello.len, base_buf_view(out).len - 5);
    assert_memory_equal(told.hello.data, base_buf_view(out).data + 5, told.hello.len);
    hello_parse(told.hello, &h);
    expect_list(&h.versions, versions, 2);
    expect_list(&h.suites, suites, 4);
    expect_list(&h.groups, groups, 2);
    expect_list(&h.schemes, schemes, 2);
    assert_string_equal(told.groups, "X25519:P-256");
    assert_string_equal(told.sni, "mx.example.org");
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_are_those_of_the_hello),
        cmocka_unit_test(the_oldest_version_without_a_list),
        cmocka_unit_test(versions_without_a_hello),
        cmocka_unit_test(the_hello_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
