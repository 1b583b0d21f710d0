/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of cipher suites and extensions: sorted, unique, whole, and found again. */
#include "know/tls_extension.h"
#include "know/tls_suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

static void suites_are_sorted_and_found(void **state) {
    size_t n = know_tls_suite_table_count;
    const struct know_tls_suite *s = know_tls_suite_table;

    (void)state;
    assert_true(n > 350);
    for (size_t i = 0; i < n; i++) {
        assert_true(i == 0 || s[i - 1].id < s[i].id);
        assert_ptr_equal(know_tls_suite_find(s[i].id), &s[i]);
        assert_true(strncmp(s[i].name, "TLS_", 4) == 0 || strncmp(s[i].name, "SSL_", 4) == 0);
        assert_true(s[i].cipher[0] != '\0' || s[i].kx == KNOW_TLS_KX_MARK);
        for (size_t k = 0; k < i; k++) { /* no name of one is a name of another, in any case */
            assert_true(strcasecmp(s[k].name, s[i].name) != 0);
            assert_true(strcasecmp(s[k].openssl, s[i].name) != 0);
            assert_true(strcasecmp(s[k].name, s[i].openssl) != 0);
            assert_true(s[i].openssl[0] == '\0' || strcasecmp(s[k].openssl, s[i].openssl) != 0);
        }
    }
    assert_null(know_tls_suite_find(0x1234));
    assert_null(know_tls_suite_find(0xffff));
}

static void what_a_suite_is_made_of(void **state) {
    const struct know_tls_suite *s = know_tls_suite_find(0xc02c);

    (void)state;
    assert_non_null(s);
    assert_string_equal(s->name, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
    assert_string_equal(s->openssl, "ECDHE-ECDSA-AES256-GCM-SHA384");
    assert_int_equal(s->kx, KNOW_TLS_KX_ECDHE);
    assert_int_equal(s->auth, KNOW_TLS_AUTH_ECDSA);
    assert_string_equal(s->cipher, "AES_256_GCM");
    assert_string_equal(s->hash, "SHA384");
    s = know_tls_suite_find(0x1303);
    assert_int_equal(s->kx, KNOW_TLS_KX_ANY);
    assert_string_equal(s->cipher, "CHACHA20_POLY1305");
    s = know_tls_suite_find(0x0003); /* export */
    assert_int_equal(s->kx, KNOW_TLS_KX_RSA);
    assert_string_equal(s->cipher, "RC4_40");
    assert_string_equal(s->hash, "MD5");
    assert_string_equal(s->openssl, "EXP-RC4-MD5");
    s = know_tls_suite_find(0x0018);
    assert_int_equal(s->auth, KNOW_TLS_AUTH_ANON);
    assert_int_equal(know_tls_suite_find(0x00ff)->kx, KNOW_TLS_KX_MARK);
    assert_int_equal(know_tls_suite_find(0x5600)->kx, KNOW_TLS_KX_MARK);
    assert_string_equal(know_tls_suite_find(0xc0a0)->cipher, "AES_128_CCM_8");
    assert_string_equal(know_tls_suite_find(0xc0a0)->hash, "");
}

/* Every suite that the library of this machine can name has the same two names here. */
static void the_library_agrees(void **state) {
    FILE *pipe = popen("openssl ciphers -stdname -V ALL:COMPLEMENTOFALL@SECLEVEL=0", "r");
    char line[512], name[128], openssl[128];
    unsigned high, low;
    int rows = 0;

    (void)state;
    assert_non_null(pipe);
    while (fgets(line, sizeof(line), pipe) != NULL) {
        const struct know_tls_suite *s;
        assert_int_equal(sscanf(line, " 0x%x,0x%x - %127s - %127s", &high, &low, name, openssl), 4);
        s = know_tls_suite_find((uint16_t)(high << 8 | low));
        assert_non_null(s);
        assert_string_equal(s->name, name);
        assert_string_equal(s->openssl, openssl);
        rows++;
    }
    assert_int_equal(pclose(pipe), 0);
    assert_true(rows > 50);
}

static void grease_is_known(void **state) {
    int found = 0;

    (void)state;
    for (unsigned id = 0; id <= 0xffff; id++)
        found += know_tls_is_grease((uint16_t)id);
    assert_int_equal(found, 16);
    assert_true(know_tls_is_grease(0x0a0a) && know_tls_is_grease(0xfafa));
    assert_false(know_tls_is_grease(0x0a1a));
}

static void extensions_are_sorted_and_found(void **state) {
    size_t n;
    const struct know_tls_extension *e = know_tls_extensions(&n);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        assert_true(i == 0 || e[i - 1].id < e[i].id);
        assert_ptr_equal(know_tls_extension_name(e[i].id), e[i].name);
        assert_true(e[i].name[0] != '\0');
        assert_false(know_tls_is_grease(e[i].id));
    }
    assert_string_equal(know_tls_extension_name(KNOW_TLS_EXTENSION_KEY_SHARE), "key_share");
    assert_string_equal(know_tls_extension_name(KNOW_TLS_EXTENSION_RENEGOTIATION_INFO),
                        "renegotiation_info");
    assert_string_equal(know_tls_extension_name(40), "");
    assert_string_equal(know_tls_extension_name(0x4a4a), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suites_are_sorted_and_found),
        cmocka_unit_test(what_a_suite_is_made_of),
        cmocka_unit_test(the_library_agrees),
        cmocka_unit_test(grease_is_known),
        cmocka_unit_test(extensions_are_sorted_and_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
