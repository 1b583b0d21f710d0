/* SPDX-License-Identifier: Apache-2.0 */
/* Words of SMTP servers: sorted, unique, complete rows, found again; hostile statuses find nothing.
 */
#include "know/mail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void keywords_are_sorted_and_found(void **state) {
    size_t n;
    const struct know_mail_keyword *k = know_mail_keywords(&n);
    (void)state;
    assert_true(n > 30);
    for (size_t i = 0; i < n; i++) {
        char lower[64] = "";
        assert_true(i == 0 || strcmp(k[i - 1].name, k[i].name) < 0);
        assert_true(k[i].meaning[0] && k[i].reference[0]);
        assert_int_not_equal(k[i].meaning[strlen(k[i].meaning) - 1], '.');
        for (size_t c = 0; k[i].name[c]; c++) {
            assert_false(k[i].name[c] >= 'a' && k[i].name[c] <= 'z');
            lower[c] = (char)(k[i].name[c] | (k[i].name[c] >= 'A' && k[i].name[c] <= 'Z' ? 32 : 0));
        }
        assert_ptr_equal(know_mail_keyword_find(k[i].name), &k[i]);
        assert_ptr_equal(know_mail_keyword_find(lower), &k[i]);
    }
    assert_null(know_mail_keyword_find(NULL));
    assert_null(know_mail_keyword_find(""));
    assert_null(know_mail_keyword_find("SIZE "));
    assert_null(know_mail_keyword_find("SIZ"));
}

static void statuses_are_sorted_and_found(void **state) {
    size_t n;
    const struct know_mail_status *s = know_mail_statuses(&n);
    (void)state;
    for (size_t i = 0; i < n; i++) {
        char text[32];
        assert_true(i == 0 || s[i - 1].subject < s[i].subject ||
                    (s[i - 1].subject == s[i].subject && s[i - 1].detail < s[i].detail));
        assert_true(s[i].meaning[0] && s[i].reference[0]);
        for (unsigned kind = 2; kind <= 5; kind++) {
            snprintf(text, sizeof text, "%u.%u.%u", kind, s[i].subject, s[i].detail);
            assert_ptr_equal(know_mail_status_find(text), kind == 3 ? NULL : &s[i]);
        }
    }
    assert_string_equal(know_mail_status_class("4.7.1"), "failure for now");
    assert_string_equal(know_mail_status_subject("5.7.999"), "security or policy");
    assert_non_null(strstr(know_mail_status_find("5.1.1")->meaning, "mailbox does not exist"));
}

static void malformed_statuses_find_nothing(void **state) {
    static const char *const bad[] = {"",       "5",       "5.",       "5.7",      "5.7.",
                                      ".7.1",   "5..1",    "5.7.1.1",  "1.7.1",    "3.7.1",
                                      "55.7.1", "5.7.1 ",  " 5.7.1",   "5.7.x",    "+5.7.1",
                                      "5.-7.1", "5.7.0x",  "5.7000.1", "5.7.1000", "5.7.4294967297",
                                      "5,7,1",  "5.7.\xff"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_null(know_mail_status_find(bad[i]));
        assert_string_equal(know_mail_status_class(bad[i]), "");
        assert_string_equal(know_mail_status_subject(bad[i]), "");
    }
    assert_null(know_mail_status_find(NULL));
    assert_string_equal(know_mail_status_class(NULL), "");
    assert_string_equal(know_mail_status_subject("5.999.1"), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keywords_are_sorted_and_found),
        cmocka_unit_test(statuses_are_sorted_and_found),
        cmocka_unit_test(malformed_statuses_find_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
