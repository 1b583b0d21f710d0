/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns of reply codes. */
#include "mail/code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_pattern_is_told_from_other_text(void **state) {
    (void)state;
    assert_true(mail_code_is_pattern("250"));
    assert_true(mail_code_is_pattern("25x"));
    assert_true(mail_code_is_pattern("2xx|354"));
    assert_false(mail_code_is_pattern(""));
    assert_false(mail_code_is_pattern("25"));
    assert_false(mail_code_is_pattern("2500"));
    assert_false(mail_code_is_pattern("2xx|"));
    assert_false(mail_code_is_pattern("xxx"));
    assert_false(mail_code_is_pattern("650"));
    assert_false(mail_code_is_pattern("250 ok"));
    assert_false(mail_code_is_pattern("OK"));
}

static void a_code_fits_one_of_the_list(void **state) {
    (void)state;
    assert_true(mail_code_fits("250", 250));
    assert_false(mail_code_fits("250", 251));
    assert_true(mail_code_fits("25x", 251));
    assert_false(mail_code_fits("25x", 261));
    assert_true(mail_code_fits("5xx|421", 421));
    assert_true(mail_code_fits("5xx|421", 599));
    assert_false(mail_code_fits("5xx|421", 450));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_is_told_from_other_text),
        cmocka_unit_test(a_code_fits_one_of_the_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
