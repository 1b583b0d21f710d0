/* SPDX-License-Identifier: Apache-2.0 */
/* The option words: spellings, abbreviations, values, in Getopt::Long's manner. */
#include "case.h"
#include "swaks/args_help.h"
#include "swaks/mistake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct options_case c;

static int set_up(void **state) {
    (void)state;
    options_case_init(&c, SWAKS_MANNER_SWAKS);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    options_case_release(&c);
    return 0;
}

static const char *value(enum swaks_option_id id) {
    const char *v = swaks_args_value(&c.args, id);
    return v ? v : "(none)";
}

static void refuses_with(const char *words, const char *complaint) {
    base_buf_clear(&c.complaints);
    assert_false(options_case_parse(&c, words, NULL));
    assert_string_equal(base_buf_cstr(&c.complaints), complaint);
}

static void test_unknown_and_ambiguous(void **state) {
    (void)state;
    refuses_with("--foobar", "Unknown option: foobar\n");
    refuses_with("---body|x", "Unknown option: -body\n");
    refuses_with("--TLS", "Unknown option: TLS\n");
    refuses_with("-=x", "Unknown option: =x\n");
    refuses_with("+", "Unknown option: \n");
    refuses_with("--tls-c", "Option tls-c is ambiguous (tls-ca-path, tls-cert, tls-chain, "
                            "tls-cipher)\n");
    refuses_with("--foo|--bar|--qu",
                 "Unknown option: foo\nUnknown option: bar\nOption quit-after requires an "
                 "argument\n");
    char longest[5000];
    memset(longest, 'x', sizeof longest - 1);
    longest[0] = longest[1] = '-';
    longest[sizeof longest - 1] = '\0';
    base_buf_clear(&c.complaints);
    assert_false(options_case_parse(&c, longest, NULL));
}

static void test_abbreviations(void **state) {
    (void)state;
    assert_true(options_case_parse(&c, "--serv|h|-fr|a@b|--qu|rcpt|--t|x@y|-S", NULL));
    assert_string_equal(value(SWAKS_OPT_SERVER), "h");
    assert_string_equal(value(SWAKS_OPT_FROM), "a@b");
    assert_string_equal(value(SWAKS_OPT_QUIT_AFTER), "rcpt");
    assert_string_equal(value(SWAKS_OPT_TO), "x@y");
    assert_string_equal(value(SWAKS_OPT_SILENT), "");
    refuses_with("--he", "Option he is ambiguous (header, helo, help)\n");
    assert_true(options_case_parse(&c, "--mess|m.eml|--rep|3", NULL)); /* ours */
    assert_string_equal(value(SWAKS_OPT_MESSAGE), "m.eml");
}

/* No option of ours takes part where an option of swaks could be meant. */
static void test_ours_do_not_make_ambiguous(void **state) {
    (void)state;
    static const char *const typed[] = {"att",    "attach-", "tls-c", "tls-p", "s", "se",
                                        "sho",    "proxy",   "pro",   "e",     "a", "auth-",
                                        "header", "d",       "p",     "xc",    "b", "c"};
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        bool negated;
        const char *shown = "";
        base_buf_clear(&c.complaints);
        enum swaks_option_id id =
            swaks_args_find(&c.args, typed[i], &negated, &shown, &c.complaints);
        assert_true(id == SWAKS_OPT_COUNT || id < SWAKS_OPT_FIRST_OURS);
        for (int ours = SWAKS_OPT_FIRST_OURS; ours < SWAKS_OPT_COUNT; ours++) {
            char name[80];
            size_t len;
            const char *n = swaks_option_name((enum swaks_option_id)ours, &len);
            snprintf(name, sizeof name, " %.*s,", (int)len, n);
            assert_null(strstr(base_buf_cstr(&c.complaints), name));
        }
    }
}

static void test_optional_values(void **state) {
    (void)state;
    struct swaks_words left = {0};
    assert_true(options_case_parse(&c, "--auth|-tls|--body|-|--data|x y", &left));
    assert_int_equal(left.count, 0);
    assert_string_equal(value(SWAKS_OPT_AUTH), "");
    assert_string_equal(value(SWAKS_OPT_TLS), "");
    assert_string_equal(value(SWAKS_OPT_BODY), "-");
    assert_true(options_case_parse(&c, "--auth|--|--tls", &left));
    assert_int_equal(left.count, 1);
    assert_string_equal(left.items[0], "--tls");
    left.count = 0;
    assert_true(options_case_parse(&c, "-S|2|--silent|x|--body", &left));
    assert_string_equal(value(SWAKS_OPT_SILENT), "");
    assert_string_equal(value(SWAKS_OPT_BODY), "");
    assert_int_equal(left.count, 1);
    assert_string_equal(left.items[0], "x");
}

static void test_required_values(void **state) {
    (void)state;
    assert_true(options_case_parse(&c, "-q|--tls|--drop-after|-", NULL));
    assert_string_equal(value(SWAKS_OPT_QUIT_AFTER), "--tls");
    assert_false(swaks_args_given(&c.args, SWAKS_OPT_TLS));
    refuses_with("-q", "Option q requires an argument\n");
    refuses_with("+quit-after=", "Option quit-after requires an argument\n");
    refuses_with("+tls=x", "Option tls does not take an argument\n");
}

static void test_equals_is_split_everywhere(void **state) {
    (void)state;
    struct swaks_words left = {0};
    assert_true(options_case_parse(&c, "--body=x=y|+data=a=b|-h-Foo=bar=baz|-tls=|body=x", &left));
    assert_string_equal(value(SWAKS_OPT_BODY), "x=y");
    assert_string_equal(value(SWAKS_OPT_DATA), "a=b");
    assert_string_equal(value(SWAKS_OPT_HEADER), "Foo: bar=baz");
    assert_int_equal(left.count, 2);
    assert_string_equal(left.items[0], "");
    assert_string_equal(left.items[1], "body=x");
}

static void test_header_names(void **state) {
    (void)state;
    struct swaks_words left = {0};
    assert_true(options_case_parse(&c, "--h-Foo:|-x|--header-h-B|v|--h-Last", &left));
    assert_int_equal(left.count, 0);
    assert_int_equal(c.args.count, 3);
    assert_string_equal(c.args.given[0].value, "Foo: -x");
    assert_string_equal(c.args.given[1].value, "h-B: v");
    assert_string_equal(c.args.given[2].value, "Last: ");
    refuses_with("--h-:|x", "Unknown option: h-:\n");
    refuses_with("--h-A:b|x", "Unknown option: h-A:b\n");
    base_buf_clear(&c.complaints);
    assert_true(options_case_parse(&c, "--no-h-Foo|--h-New|1", NULL));
    assert_int_equal(c.args.count, 1);
}

static void test_repeats_and_negation(void **state) {
    (void)state;
    assert_true(options_case_parse(&c, "-f|a|-f|b|-ah|1|-ah|2|-tls|--no-tls|--no-to", NULL));
    assert_string_equal(value(SWAKS_OPT_FROM), "b");
    assert_false(swaks_args_given(&c.args, SWAKS_OPT_TLS));
    assert_int_equal(c.args.count, 3);
    assert_true(options_case_parse(&c, "--no-add-header|--no-f|-ah|3|--no-no-hints", NULL));
    assert_int_equal(c.args.count, 1);
    assert_string_equal(value(SWAKS_OPT_ADD_HEADER), "3");
}

static void test_clearer_messages(void **state) {
    (void)state;
    c.args.manner = SWAKS_MANNER_WAXSEAL;
    refuses_with("--quit-aftr|x",
                 "waxseal send: there is no option --quit-aftr; did you mean --quit-after?\n");
    refuses_with("--zzzzzzzz",
                 "waxseal send: there is no option --zzzzzzzz; --help lists them all\n");
    refuses_with("-q", "waxseal send: --q needs a value: POINT\n");
}

/* Each row is complete, each spelling belongs to one option, the manual has them all. */
static void test_table(void **state) {
    (void)state;
    const struct base_option *shown = swaks_option_table();
    for (int i = 0; i < SWAKS_OPT_COUNT; i++) {
        const struct swaks_option *o = swaks_option_at((enum swaks_option_id)i);
        assert_non_null(o->names);
        assert_true(o->quiet || o->help);
        assert_true((o->empty == SWAKS_EMPTY_ASK) == (o->prompt != NULL));
        assert_true(o->quiet || (o->arg == SWAKS_ARG_NONE) == (o->value == NULL));
        bool found = o->quiet;
        for (const struct base_option *b = shown; b->kind != BASE_OPTION_END; b++)
            found |= b->name && strncmp(b->name, o->names, strlen(b->name)) == 0 &&
                     strchr(" ", o->names[strlen(b->name)]) != NULL;
        assert_true(found);
        for (int k = 0; k < i; k++) {
            char names[256], *at = names, *word;
            snprintf(names, sizeof names, "%s", o->names);
            while ((word = strsep(&at, " "))) {
                char padded[256], needle[80];
                snprintf(padded, sizeof padded, " %s ",
                         swaks_option_at((enum swaks_option_id)k)->names);
                snprintf(needle, sizeof needle, " %s ", word);
                assert_null(strstr(padded, needle));
            }
        }
    }
}

static void test_mistakes_have_both_texts(void **state) {
    (void)state;
    for (int m = 0; m < SWAKS_MISTAKE_COUNT; m++)
        for (int manner = 0; manner < 2; manner++) {
            struct base_buf out;
            base_buf_init(&out, 4096);
            swaks_mistake_text((enum swaks_mistake)m, (enum swaks_manner)manner, "A", "B", "C",
                               &out);
            assert_true(out.len > 0);
            assert_null(strchr(base_buf_cstr(&out), '%'));
            assert_true(swaks_mistake_exit((enum swaks_mistake)m) != SEND_EXIT_OK);
            base_buf_release(&out);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_unknown_and_ambiguous, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_abbreviations, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ours_do_not_make_ambiguous, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_optional_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_required_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_equals_is_split_everywhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_header_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_repeats_and_negation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_clearer_messages, set_up, tear_down),
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_mistakes_have_both_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
