/* SPDX-License-Identifier: Apache-2.0 */
/* Messages as swaks makes them: odd input first. What is expected was seen in swaks; each "|" is
 * CRLF. */
#include "case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect_data(const char *data, const char *expected) {
    struct message_input in = case_input();
    in.data_given = true;
    in.data = base_bytes_of_str(data);
    case_expect(&in, expected);
}

static void a_message_without_an_empty_line_gets_one(void **state) {
    (void)state;
    expect_data("", "||.");
    expect_data("\\n", "||.");
    expect_data("\\n\\n", "||.");
    expect_data("no\\nheader", "no|header|||.");
    expect_data("Aa: 1", "Aa: 1|||.");
    expect_data("Aa: 1\\n", "Aa: 1|||.");
    expect_data("Aa: 1\r\n", "Aa: 1|||.");
    expect_data("\\nfoo", "|foo|||.");
    expect_data("\\n\\nfoo", "|foo|.");
    expect_data("\\n\\n\\nfoo", "||foo|.");
    expect_data("Aa: 1%NEWLINE%%NEWLINE%x", "Aa: 1||x|||.");
    expect_data("Aa: 1\r\r\n\r\nx", "Aa: 1\r||x|.");
}

static void line_ends_become_crlf_and_a_bare_cr_stays(void **state) {
    (void)state;
    expect_data("Aa: 1\nBb: 2\n\nx\ny", "Aa: 1|Bb: 2||x|y|.");
    expect_data("Aa: 1\r\nBb: 2\r\n\r\nx\r\ny\r\n", "Aa: 1|Bb: 2||x|y||.");
    expect_data("Aa: 1\\n\\n\r", "Aa: 1||\r|.");
    expect_data("Aa: 1\\n\\n\rx\r\r\\n", "Aa: 1||\rx\r\r||.");
    expect_data("Aa: 1\\n\\nx\\\\ny\\t", "Aa: 1||x\\|y\\t|.");
}

static void dots_are_doubled_at_line_starts(void **state) {
    (void)state;
    expect_data("Aa: 1\\n\\n.x\\n..\\n...y\\nz.", "Aa: 1||..x|...|....y|z.|.");
    expect_data("Aa: 1\\n\\n%NEWLINE%.x%NEWLINE%.y", "Aa: 1|||..x|..y|.");
    expect_data(".x\\n.y\\n", "..x|..y|||."); /* swaks leaves the very first */
    expect_data("Aa: 1\\n\\nx\r.y", "Aa: 1||x\r.y|.");
}

static void a_last_dot_is_taken_off_once(void **state) {
    (void)state;
    expect_data("Aa: 1\\n\\nx\\n.", "Aa: 1||x|.");
    expect_data("Aa: 1\\n\\nx\\n.\\n", "Aa: 1||x|.");
    expect_data("Aa: 1\r\n\r\nx\r\n.\r\n", "Aa: 1||x|.");
    expect_data("Aa: 1\\n\\nx\\n.\\n.\\n", "Aa: 1||x|..|.");
    expect_data("Aa: 1\\n\\nx\\n.\\n\\n", "Aa: 1||x|..|||.");
    expect_data("Aa: 1\\n\\n.", "Aa: 1||.");
    expect_data("Aa: 1\\n.\\n", "Aa: 1|..|||.");
    expect_data("Aa: 1\\n\\nfoo%NEWLINE%.%NEWLINE%", "Aa: 1||foo|.");
    expect_data("Aa: 1\\n\\nx.", "Aa: 1||x.|.");
}

static void a_from_line_is_taken_off_once(void **state) {
    struct message_input in = case_input();
    (void)state;
    expect_data("From x\\nFrom y\\nAa: 1\\n\\nFrom z\\n", "From y|Aa: 1||From z||.");
    expect_data("From foo\\n\\nFrom bar\\n", "|From bar||.");
    expect_data("From: foo\\n", "From: foo|||.");
    expect_data("\\nFrom foo", "|From foo|||.");
    expect_data("From%NEWLINE%foo\\nAa: b", "From|foo|Aa: b|||.");
    expect_data("From %TO_ADDRESS%%NEWLINE%foo\\nAa: b", "foo|Aa: b|||.");
    in.no_strip_from = true;
    in.data_given = true;
    in.data = base_bytes_of_str("From x\\nAa: 1\\n\\nx");
    case_expect(&in, "From x|Aa: 1||x|.");
}

static void tokens_are_replaced_one_after_the_other(void **state) {
    struct message_input in = case_input();
    (void)state;
    expect_data("%TO_ADDRESS%:%FROM_ADDRESS%:%SWAKS_VERSION%", "a@b:c@d:20240103.0|||.");
    expect_data("..TO_ADDRESS..:..FROM_ADDRESS..", "a@b:c@d|||.");
    expect_data("%DATE%:%MESSAGEID%",
                "Tue, 14 Nov 2023 22:13:20 +0000:20231114221320.004242@vm|||.");
    expect_data("%to_address% % TO_ADDRESS% %TO_ADDRESS %", "%to_address% % TO_ADDRESS% "
                                                            "%TO_ADDRESS %|||.");
    expect_data("%NEWLINE%FROM_ADDRESS%%NEWLINE%%%TO_ADDRESS%%", "|FROM_ADDRESS%|%a@b%|||.");
    expect_data("%CC_ADDRESS%:%BCC_ADDRESS%:", "::|||.");
    in.data_given = true;
    in.data = base_bytes_of_str("%FROM_ADDRESS%,%TO_ADDRESS%,%CC_ADDRESS%,%BCC_ADDRESS%");
    in.from = "%TO_ADDRESS%\\n%BODY%";
    in.to = "%FROM_ADDRESS%";
    in.cc = "x@y";
    in.bcc = "z@z";
    case_expect(&in, "%FROM_ADDRESS%\\n%BODY%,%FROM_ADDRESS%,x@y,z@z|||.");
}

static void the_body_stands_wherever_it_is_wanted(void **state) {
    struct message_input in = case_input();
    (void)state;
    in.data_given = true;
    in.data = base_bytes_of_str("Aa: 1\\n\\n%BODY%+%BODY%+..BODY..");
    in.body = base_bytes_of_str("b%FROM_ADDRESS%\\n.%BODY%");
    case_expect(&in, "Aa: 1||bc@d|..%BODY%+bc@d|..%BODY%+bc@d|..%BODY%|.");
    in.body = base_bytes_view("a\0b\xff", 4);
    struct message *m = NULL;
    struct base_buf out;
    assert_int_equal(message_new(&m, &in, NULL), WS_OK);
    case_read(m, MESSAGE_FORM_CHUNK, &out);
    assert_true(base_bytes_equal(
        base_buf_view(&out), base_bytes_view("Aa: 1\r\n\r\na\0b\xff+a\0b\xff+a\0b\xff\r\n", 25)));
    base_buf_release(&out);
    message_free(m);
}

/* The same message, whether its texts are in memory or in files, and whichever is the longer. */
static void a_file_is_as_good_as_a_text(void **state) {
    static const char *const datas[] = {
        "Aa: 1\\n\\n%BODY%",      "Aa: 1\n\n..BODY..\nb",    "%BODY%",
        "Aa: %BODY%\\n\\n%BODY%", "Aa: 1\n\n%BODY%..BODY..", "Aa: 1"};
    static const char *const bodies[] = {
        "b", "a body longer than all the texts, %TO_ADDRESS%",
        "one with ..BODY.. and %BODY%\\n\\nin a longer text",
        "Aa: 2\n\n.\n.\n                                         "};
    (void)state;
    for (size_t i = 0; i < 2 * 6 * 4; i++) {
        const char *data = datas[i / 2 % 6], *body = bodies[i / 12];
        const char *const replaced[] = {"Aa: 3", "Bb: 4"};
        struct message_input in = case_input();
        in.as_swaks = i % 2;
        in.headers = replaced;
        in.header_count = 2;
        in.data_given = true;
        in.data = base_bytes_of_str(data);
        in.body = base_bytes_of_str(body);
        char *expected = case_text(&in, MESSAGE_FORM_DATA);
        char *data_path = case_file(data, strlen(data)), *body_path = case_file(body, strlen(body));
        in.data = in.body = BASE_BYTES_EMPTY;
        in.data_path = data_path;
        in.body_path = body_path;
        char *text = case_text(&in, MESSAGE_FORM_DATA);
        assert_string_equal(text, expected);
        (void)remove(data_path);
        (void)remove(body_path);
        free(data_path);
        free(body_path);
        free(text);
        free(expected);
    }
}

static void a_long_body_is_put_in_all_the_same(void **state) {
    struct message_input in = case_input();
    (void)state;
    in.data_given = true;
    in.data = base_bytes_of_str("Aa: 1\\n\\n%BODY%");
    in.body = base_bytes_of_str("longer than the text around it\\n.");
    case_expect(&in, "Aa: 1||longer than the text around it|.");
    in.body = base_bytes_of_str("longer than it and with ..BODY.. in it");
    case_expect(&in,
                "Aa: 1||longer than it and with longer than it and with ..BODY.. in it in it|.");
    in.data = base_bytes_of_str("Aa: 1\n\n%BODY%+%BODY%");
    in.body = base_bytes_of_str("longer than the text around it");
    case_expect(&in, "Aa: 1||longer than the text around it+longer than the text around it|.");
}

static void a_file_that_is_gone_is_told(void **state) {
    struct message_input in = case_input();
    struct base_error e = {0};
    struct message *m = NULL;
    (void)state;
    in.body_path = "/nonexistent/body";
    assert_int_equal(message_new(&m, &in, &e), WS_IO);
    assert_null(m);
    assert_non_null(strstr(base_error_message(&e), "/nonexistent/body"));
}

static void the_default_message_is_that_of_swaks(void **state) {
    struct message_input in = case_input();
    (void)state;
    in.body = base_bytes_of_str("This is a test mailing");
    case_expect(&in, "Date: Tue, 14 Nov 2023 22:13:20 +0000|To: a@b|From: c@d|"
                     "Subject: test Tue, 14 Nov 2023 22:13:20 +0000|"
                     "Message-Id: <20231114221320.004242@vm>|"
                     "X-Mailer: swaks v20240103.0 jetmore.org/john/code/swaks/||"
                     "This is a test mailing|||.");
    in.cc = "x@y";
    in.sequence = 7;
    in.pid = 1234567;
    in.body = base_bytes_of_str("a\\n\\nb");
    case_expect(&in, "Date: Tue, 14 Nov 2023 22:13:20 +0000|To: a@b|Cc: x@y|From: c@d|"
                     "Subject: test Tue, 14 Nov 2023 22:13:20 +0000|"
                     "Message-Id: <20231114221320.1234567.7@vm>|"
                     "X-Mailer: swaks v20240103.0 jetmore.org/john/code/swaks/||"
                     "a||b||.");
}

static void without_fixups_nothing_changes(void **state) {
    struct message_input in = case_input();
    (void)state;
    in.no_data_fixup = true;
    char *text = case_text(&in, MESSAGE_FORM_DUMP);
    assert_string_equal(text, "Date: %DATE%\\nTo: %TO_ADDRESS%\\nFrom: %FROM_ADDRESS%\\n"
                              "Subject: test %DATE%\\nMessage-Id: <%MESSAGEID%>\n"
                              "X-Mailer: swaks v%SWAKS_VERSION% jetmore.org/john/code/swaks/\\n"
                              "%NEW_HEADERS%\\n%BODY%\\n");
    free(text);
    in.data_given = true;
    in.data = base_bytes_of_str("From x\n.a\n\n.b\r\n.\n%BODY%\\n");
    in.headers = (const char *const[]){"From: x"};
    in.header_count = 1;
    case_expect(&in, "From x\n.a\n\n.b|.\n%BODY%\\n");
    text = case_text(&in, MESSAGE_FORM_DATA);
    assert_string_equal(text, "From x\n.a\n\n.b|.\n%BODY%\\n|");
    free(text);
    /* --dump-mail leaves out a dot of the user's own */
    static const char *const ends[][2] = {
        {"a\n.\n", "a\n"}, {"a\n.", "a"}, {"a\n..\n", "a\n..\n"}, {".\n", ".\n"}, {"a.", "a."}};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        in.data = base_bytes_of_str(ends[i][0]);
        text = case_text(&in, MESSAGE_FORM_MAIL);
        assert_string_equal(text, ends[i][1]);
        free(text);
    }
}

static void a_dump_as_body_stays_as_it_is(void **state) {
    struct message_input in = case_input();
    (void)state;
    in.data_given = true;
    in.data = base_bytes_of_str("Aa: 1\\n\\n%BODY%\\nx");
    in.body = base_bytes_of_str("Info:\n.x = %TO_ADDRESS%\\n\n");
    in.body_is_dump = true;
    case_expect(&in, "Aa: 1||Info:\n.x = %TO_ADDRESS%\\n\n|x|.");
    /* on the wire it is a message like any other */
    char *text = case_text(&in, MESSAGE_FORM_DATA);
    assert_string_equal(text, "Aa: 1||Info:|..x = %TO_ADDRESS%\\n||x|.|");
    free(text);
}

static void each_form_ends_in_its_way(void **state) {
    static const struct {
        enum message_form form;
        const char *text;
    } forms[] = {
        {MESSAGE_FORM_DATA, "Aa: 1||..x|.|"},
        {MESSAGE_FORM_CHUNK, "Aa: 1||.x|"},
        {MESSAGE_FORM_DUMP, "Aa: 1||..x|."},
        {MESSAGE_FORM_MAIL, "Aa: 1||..x\r"},
    };
    struct message_input in = case_input();
    (void)state;
    in.data_given = true;
    in.data = base_bytes_of_str("Aa: 1\\n\\n.x");
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char *text = case_text(&in, forms[i].form);
        assert_string_equal(text, forms[i].text);
        free(text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_without_an_empty_line_gets_one),
        cmocka_unit_test(line_ends_become_crlf_and_a_bare_cr_stays),
        cmocka_unit_test(dots_are_doubled_at_line_starts),
        cmocka_unit_test(a_last_dot_is_taken_off_once),
        cmocka_unit_test(a_from_line_is_taken_off_once),
        cmocka_unit_test(tokens_are_replaced_one_after_the_other),
        cmocka_unit_test(the_body_stands_wherever_it_is_wanted),
        cmocka_unit_test(a_file_is_as_good_as_a_text),
        cmocka_unit_test(a_long_body_is_put_in_all_the_same),
        cmocka_unit_test(a_file_that_is_gone_is_told),
        cmocka_unit_test(the_default_message_is_that_of_swaks),
        cmocka_unit_test(without_fixups_nothing_changes),
        cmocka_unit_test(a_dump_as_body_stays_as_it_is),
        cmocka_unit_test(each_form_ends_in_its_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
