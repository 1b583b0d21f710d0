/* SPDX-License-Identifier: Apache-2.0 */
/* Header fields replaced and added: lines that are none, folded fields, no header at all. */
#include "case.h"
#include "message/private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* `add` and `replace` are lists with ';' between the texts, "" none. */
struct lists {
    const char *items[8];
    size_t count;
    char *copy;
};

static struct lists split(const char *text) {
    struct lists l = {.copy = strdup(text)};
    assert_non_null(l.copy);
    for (char *at = l.copy, *end; at && *text; at = end) {
        end = strchr(at, ';');
        if (end)
            *end++ = '\0';
        assert_true(l.count < 8);
        l.items[l.count++] = at;
    }
    return l;
}

static void expect_with(bool as_swaks, const char *data, const char *add, const char *replace,
                        const char *expected) {
    struct message_input in = case_input();
    struct lists a = split(add), r = split(replace);
    in.as_swaks = as_swaks;
    in.data_given = true;
    in.data = base_bytes_of_str(data);
    in.add_headers = a.items;
    in.add_header_count = a.count;
    in.headers = r.items;
    in.header_count = r.count;
    case_expect(&in, expected);
    free(a.copy);
    free(r.copy);
}

static void expect(const char *data, const char *add, const char *replace, const char *expected) {
    expect_with(true, data, add, replace, expected);
    expect_with(false, data, add, replace, expected);
}

static void hostile_headers_are_kept(void **state) {
    (void)state;
    expect("", "", "New: x", "New: x|||.");
    expect("\\n\\n\\n\\nfoo", "", "New: x", "New: x||||foo|.");
    expect(" leading", "", "leading: x", " leading|leading: x|||.");
    expect(":", "", ":x", ":|:x|||.");
    expect("Aa:1\\nBb : 3", "", "Aa: 7;Bb: 8", "Aa: 7|Bb : 3|Bb: 8|||.");
    expect("Aa", "", "Aa: 7", "Aa: 7|||.");
    expect("Aaa: 1\\n x\\n\ty", "", "Aaa: 7", "Aaa: 7|||.");
    expect("Aaa: 1\r", "", "Aaa: 7", "Aaa: 7|||.");
    expect("Aa: 1\\nAab: 2", "", "A: 7;Aa: 8;Aab: 9", "Aa: 8|Aab: 9|A: 7|||.");
    expect("Foo: 1", "", "F.o: 2;Fo*: 3", "Foo: 1|F.o: 2|Fo*: 3|||.");
    expect("Foo: 1", "", "Foo: x$1\\\\1&y", "Foo: x$1\\\\1&y|||.");
    expect("X: Foo: 1", "", "Foo: 2", "X: Foo: 1|Foo: 2|||.");
}

static void the_last_field_of_a_name_is_replaced(void **state) {
    (void)state;
    expect("Foo: 1\\nBar: 2\\nFoo: 3\\n z\\n\\nFoo: 5", "", "Foo: 7",
           "Foo: 1|Bar: 2|Foo: 7||Foo: 5|.");
    expect("Foo: 1\\nBar: 2\\nBaz: 3\\n\\nx", "", "Bar: 8", "Foo: 1|Bar: 8|Baz: 3||x|.");
    expect("Foo: 1\\n\\nx", "", "Foo: 2;Foo: 3", "Foo: 3||x|.");
    expect("Foo: 1\\n\\nx", "", "New: 2;New: 3", "Foo: 1|New: 2|New: 3||x|.");
}

static void names_match_by_case_only_for_swaks(void **state) {
    (void)state;
    expect_with(true, "Foo: 1\\n\\nx", "", "foo: 2", "Foo: 1|foo: 2||x|.");
    expect_with(false, "Foo: 1\\n\\nx", "", "foo: 2", "foo: 2||x|.");
    expect_with(false, "MESSAGE-ID: 1\\n\\nx", "", "Message-Id: 2", "Message-Id: 2||x|.");
}

static void a_value_may_hold_more_fields(void **state) {
    (void)state;
    expect("Aaa: 1\\nBbb: 2\\n\\nx", "", "Aaa: 5\\nBbb: 6\\n Ccc: 7\\nDdd: 8",
           "Aaa: 5|Bbb: 6| Ccc: 7|Ddd: 8||x|.");
    expect("Aaa: 1\\nBbb: 2\\n\\nx", "", "Aaa: 5\nBbb: 6", "Aaa: 5|Bbb: 6|Bbb: 2||x|.");
    expect("Aaa: 1\\n\\nx", "", "Aaa: 5\\n\\n", "Aaa: 5||x|.");
    expect("Aaa: 1\\n\\nx", "Zz: 1\\n 2\\nYy: 3", "", "Aaa: 1|Zz: 1| 2|Yy: 3||x|.");
    expect("Aaa: 1\\n\\nx", "Zz: 1\\n", "", "Aaa: 1|Zz: 1|||x|.");
}

static void new_fields_stand_at_their_token(void **state) {
    (void)state;
    expect("Aa: 1\\n%NEW_HEADERS%Bb: 2\\n\\nx", "Zz: 1", "Yy: 2", "Aa: 1|Zz: 1|Yy: 2|Bb: 2||x|.");
    expect("Aa: 1\\n%NEW_HEADERS%\\nBb: 2\\n\\nx", "", "", "Aa: 1||Bb: 2||x|.");
    expect("Aa: 1\\n..NEW_HEADERS..Bb: 2\\n\\nx", "Zz: 1", "", "Aa: 1|Zz: 1|Bb: 2||x|.");
    expect("Aa: 1\\n%NEW_HEADERS%\\n%NEW_HEADERS%\\n\\nx", "Z: 1", "", "Aa: 1|Z: 1||Z: 1|||x|.");
    expect("Aa: 1\\n\\nB %NEW_HEADERS%", "Zz: 1", "", "Aa: 1|Zz: 1||B %NEW_HEADERS%|.");
    expect("Aa: 1\\n\\nx", "Zz: %BODY%;Yy: %TO_ADDRESS%", "Xx: %FROM_ADDRESS%",
           "Aa: 1|Zz: %BODY%|Yy: a@b|Xx: c@d||x|.");
    expect("Aa: 1\\n\\nx", "", "Subject: x%NEWLINE%y", "Aa: 1|Subject: x|y||x|.");
}

/* In swaks the body of the default message is searched too, down to its first empty line. */
static void the_body_is_searched_only_for_swaks(void **state) {
    static const char *const header[] = {"Aaa: 5"};
    struct message_input in = case_input();
    (void)state;
    in.body = base_bytes_of_str("xx\\nAaa: 3");
    in.headers = header;
    in.header_count = 1;
    char *text = case_text(&in, MESSAGE_FORM_DUMP);
    assert_non_null(strstr(text, "swaks/||xx|Aaa: 5|||."));
    free(text);
    in.as_swaks = false;
    text = case_text(&in, MESSAGE_FORM_DUMP);
    assert_non_null(strstr(text, "|Aaa: 5||xx|Aaa: 3|||."));
    free(text);
}

static void other_words_are_encoded(void **state) {
    static const char *const rows[][2] = {
        {"Subject: plain", "Subject: plain"},
        {"S: \xc3\xbc", "S: =?UTF-8?B?w7w=?="},
        {"S: a \xc3\xbc \xc3\xbc b", "S: a =?UTF-8?B?w7wgw7w=?= b"},
        {"From: \"\xc3\xbc \\\" x\" <a@b>", "From: =?UTF-8?B?w7wgIiB4?= <a@b>"},
        {"To: \xc3\xbc@b", "To: \xc3\xbc@b"},
        {"A: \xc3\xbc\\nB: \xc3\xbc", "A: =?UTF-8?B?w7w=?=\\nB: =?UTF-8?B?w7w=?="},
        {"S: \xff\xc3\xbc", "S: \xff\xc3\xbc"},
        {"S: \xc3\xbc  ", "S: =?UTF-8?B?w7w=?=  "},
        {"\"\xc3\xbc", "\"\xc3\xbc"},
    };
    struct base_arena arena;
    (void)state;
    base_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(message_header_words(&arena, rows[i][0]), rows[i][1]);
    base_arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_headers_are_kept),
        cmocka_unit_test(the_last_field_of_a_name_is_replaced),
        cmocka_unit_test(names_match_by_case_only_for_swaks),
        cmocka_unit_test(a_value_may_hold_more_fields),
        cmocka_unit_test(new_fields_stand_at_their_token),
        cmocka_unit_test(the_body_is_searched_only_for_swaks),
        cmocka_unit_test(other_words_are_encoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
