/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 9525: which presented name stands for which reference. */
#include "pki/internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct row {
    const char *pattern, *reference;
    bool matches;
};

static const struct row rows[] = {
    {"mx.example.org", "mx.example.org", true},
    {"MX.Example.ORG", "mx.example.org", true},
    {"mx.example.org", "mx.example.org.", true},
    {"mx.example.org.", "mx.example.org", true},
    {"mx.example.org", "mx2.example.org", false},
    {"mx.example.org", "x.mx.example.org", false},
    {"example.org", "mx.example.org", false},
    {"mx.example.org", "mx.example.or", false},
    {"mx_1.example.org", "mx_1.example.org", true},
    {"localhost", "localhost", true},
    /* the whole left-most label, exactly one label */
    {"*.example.org", "mx.example.org", true},
    {"*.EXAMPLE.org", "mx.example.ORG", true},
    {"*.example.org", "a.b.example.org", false},
    {"*.example.org", "example.org", false},
    {"*.example.org", ".example.org", false},
    {"*.example.org", "xn--mller-kva.example.org", true},
    {"*.example.org", "mx.example.org.", true},
    {"*.b.example.org", "a.b.example.org", true},
    /* no other use of a star */
    {"m*.example.org", "mx.example.org", false},
    {"*x.example.org", "mx.example.org", false},
    {"mx*.example.org", "mx.example.org", false},
    {"*mx.example.org", "mx.example.org", false},
    {"mx.*.org", "mx.example.org", false},
    {"mx.example.*", "mx.example.org", false},
    {"*.*.org", "mx.example.org", false},
    {"**.example.org", "mx.example.org", false},
    {"xn--*.example.org", "xn--mller-kva.example.org", false},
    {"*", "localhost", false},
    {"*", "example.org", false},
    {"*.", "example.org", false},
    {"*.org", "example.org", false},
    {"*.org.", "example.org", false},
    {"*.example.org", "*.example.org", false},
    {"*..org", "a..org", false},
    /* malformed names are nobody's */
    {"", "", false},
    {"", "mx.example.org", false},
    {"mx.example.org", "", false},
    {".", ".", false},
    {"mx..example.org", "mx..example.org", false},
    {".example.org", ".example.org", false},
    {"mx.example.org..", "mx.example.org", false},
    {"mx.example.org\\x00.evil", "mx.example.org", false},
    {" mx.example.org", "mx.example.org", false},
    {"mx.example.org ", "mx.example.org", false},
    {"m\xc3\xbcller.example", "m\xc3\xbcller.example", false},
    /* an address is no name */
    {"192.0.2.1", "192.0.2.1", false},
    {"*.0.2.1", "192.0.2.1", false},
    {"2001:db8::1", "2001:db8::1", false},
};

static void the_table_holds(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (pki_name_matches(rows[i].pattern, rows[i].reference) != rows[i].matches)
            fail_msg("\"%s\" for \"%s\" should be %d", rows[i].pattern, rows[i].reference,
                     rows[i].matches);
}

static void nothing_matches_nothing(void **state) {
    (void)state;
    assert_false(pki_name_matches(NULL, "x.example"));
    assert_false(pki_name_matches("x.example", NULL));
    assert_false(pki_name_matches(NULL, NULL));
}

static void long_names_are_refused(void **state) {
    char name[400];

    (void)state;
    memset(name, 'a', sizeof(name));
    for (size_t i = 50; i < sizeof(name); i += 50)
        name[i] = '.';
    name[253] = '\0';
    assert_true(pki_name_matches(name, name));
    name[253] = 'a';
    name[254] = '\0';
    assert_false(pki_name_matches(name, name));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_holds),
        cmocka_unit_test(nothing_matches_nothing),
        cmocka_unit_test(long_names_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
