/* SPDX-License-Identifier: Apache-2.0 */
/* Enhanced status codes: sorted, unique, each subject with its general row, odd texts. */
#include "know/mail_status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_table(void **state) {
    size_t n = 0;
    const struct know_mail_status *rows = know_mail_statuses(&n);
    (void)state;
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(rows[i].meaning);
        assert_true(len > 0 && rows[i].meaning[len - 1] != '.');
        if (i == 0 || rows[i].subject != rows[i - 1].subject)
            assert_int_equal(rows[i].detail, 0);
        else
            assert_true(rows[i].detail > rows[i - 1].detail);
        assert_true(i == 0 || rows[i].subject >= rows[i - 1].subject);
    }
}

static void test_meaning(void **state) {
    static const char *const none[] = {"",      "5",      "5.7",   "5.7.",    "5.7.1.1", "3.7.1",
                                       "x.7.1", "5.x.1",  ".7.1",  "5.9.1",   "5.7.1 ",  "-5.7.1",
                                       "5..1",  "55.7.1", "5.7.x", "5.7.1000"};
    (void)state;
    assert_string_equal(know_mail_status_meaning("5.7.8"), "user name or password is wrong");
    assert_string_equal(know_mail_status_meaning("4.2.2"), "the mailbox is full");
    assert_string_equal(know_mail_status_meaning("2.0.0"), "no further detail");
    assert_string_equal(know_mail_status_meaning("5.7.999"), "something about security or policy");
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_string_equal(know_mail_status_meaning(none[i]), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_table),
                                       cmocka_unit_test(test_meaning)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
