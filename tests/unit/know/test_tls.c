/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of TLS numbers: sorted, unique, complete rows, and found again. */
#include "know/tls_alert.h"
#include "know/tls_group.h"
#include "know/tls_scheme.h"
#include "know/tls_version.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

static void versions_are_sorted_and_found(void **state) {
    size_t n;
    const struct know_tls_version *v = know_tls_versions(&n);

    (void)state;
    assert_int_equal(n, 6);
    for (size_t i = 0; i < n; i++) {
        assert_true(i == 0 || v[i - 1].id < v[i].id);
        assert_ptr_equal(know_tls_version_name(v[i].id), v[i].name);
        assert_true(v[i].obsoleted == 0 || v[i].obsoleted > v[i].published);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(v[k].name, v[i].name);
    }
    assert_string_equal(know_tls_version_name(0x0304), "TLSv1.3");
    assert_string_equal(know_tls_version_name(0x0301), "TLSv1");
    assert_string_equal(know_tls_version_name(0x7f1c), "");
    assert_string_equal(know_tls_version_name(0), "");
}

static void groups_are_sorted_and_found(void **state) {
    size_t n;
    const struct know_tls_group *g = know_tls_groups(&n);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        assert_true(i == 0 || g[i - 1].id < g[i].id);
        assert_ptr_equal(know_tls_group_find(g[i].id), &g[i]);
        assert_ptr_equal(know_tls_group_find_name(g[i].name), &g[i]);
        assert_true(g[i].kind == KNOW_TLS_GROUP_MARK || g[i].bits > 0);
    }
    assert_string_equal(know_tls_group_find(0x11ec)->name, "X25519MLKEM768");
    assert_int_equal(know_tls_group_find_name("SECP256R1")->id, 23);
    assert_int_equal(know_tls_group_find(0x0104)->bits, 8192);
    assert_null(know_tls_group_find(0x0a0a));
    assert_null(know_tls_group_find_name(""));
}

static void schemes_are_sorted_and_found(void **state) {
    size_t n;
    const struct know_tls_scheme *s = know_tls_schemes(&n);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        assert_true(i == 0 || s[i - 1].id < s[i].id);
        assert_ptr_equal(know_tls_scheme_find(s[i].id), &s[i]);
        assert_true(s[i].key[0] != '\0');
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(s[k].name, s[i].name);
    }
    assert_string_equal(know_tls_scheme_find(0x0804)->name, "rsa_pss_rsae_sha256");
    assert_string_equal(know_tls_scheme_find(0x0403)->hash, "SHA256");
    assert_null(know_tls_scheme_find(0));
}

static void alerts_are_sorted_and_found(void **state) {
    size_t n;
    const struct know_tls_alert *a = know_tls_alerts(&n);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(a[i].meaning);
        assert_true(i == 0 || a[i - 1].id < a[i].id);
        assert_ptr_equal(know_tls_alert_find(a[i].id), &a[i]);
        assert_true(len > 10 && a[i].meaning[len - 1] != '.');
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(a[k].name, a[i].name);
    }
    assert_string_equal(know_tls_alert_name(40), "handshake_failure");
    assert_string_equal(know_tls_alert_name(70), "protocol_version");
    assert_string_equal(know_tls_alert_name(255), "unknown");
    assert_string_equal(know_tls_alert_name(-1), "");
    assert_null(know_tls_alert_find(-1));
    assert_null(know_tls_alert_find(256));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_are_sorted_and_found),
        cmocka_unit_test(groups_are_sorted_and_found),
        cmocka_unit_test(schemes_are_sorted_and_found),
        cmocka_unit_test(alerts_are_sorted_and_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
