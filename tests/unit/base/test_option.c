/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: every spelling, every kind of mistake. */
#include "base/clock.h"
#include "base/option.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct values {
    bool flag, other, cleared;
    const char *text;
    unsigned number, count;
    base_usec time;
    int choice;
    struct base_option_list list;
    struct base_option_pairs pairs;
};

#define AT(f) offsetof(struct values, f)
static const char *const choices[] = {"red", "green", NULL};
static const struct base_option table[] = {
    {.kind = BASE_OPTION_HEADING, .help = "First"},
    {.kind = BASE_OPTION_FLAG, .letter = 'f', .name = "flag", .offset = AT(flag), .help = "a flag"},
    {.kind = BASE_OPTION_FLAG,
     .letter = 'o',
     .name = "other",
     .offset = AT(other),
     .help = "another"},
    {.kind = BASE_OPTION_CLEAR,
     .name = "no-clear",
     .offset = AT(cleared),
     .help = "clears: it's [so]"},
    {.kind = BASE_OPTION_STRING,
     .letter = 't',
     .name = "text",
     .aliases = "words phrase",
     .arg = "TEXT",
     .offset = AT(text),
     .help = "a text",
     .complete = "file"},
    {.kind = BASE_OPTION_UINT,
     .letter = 'n',
     .name = "number",
     .arg = "N",
     .offset = AT(number),
     .min = 2,
     .max = 100,
     .help = "a number"},
    {.kind = BASE_OPTION_FLAG, .name = "test", .offset = AT(other), .help = "a test"},
    {.kind = BASE_OPTION_COUNT,
     .letter = 'v',
     .name = "verbose",
     .offset = AT(count),
     .help = "more"},
    {.kind = BASE_OPTION_SECONDS,
     .name = "time",
     .arg = "TIME",
     .offset = AT(time),
     .max = 3600,
     .help = "a time"},
    {.kind = BASE_OPTION_CHOICE,
     .name = "choice",
     .arg = "COLOUR",
     .offset = AT(choice),
     .choices = choices,
     .help = "a choice"},
    {.kind = BASE_OPTION_LIST, .name = "list", .arg = "ITEM", .offset = AT(list), .help = "a list"},
    {.kind = BASE_OPTION_PAIR,
     .name = "setting",
     .arg = "VALUE",
     .offset = AT(pairs),
     .help = "handed on"},
    {.kind = BASE_OPTION_PAIR, .name = "switch", .offset = AT(pairs), .help = "handed on bare"},
    {.kind = BASE_OPTION_REFUSED, .name = "teleport", .help = "there is no machine for it"},
    {.kind = BASE_OPTION_END},
};

static struct values v;
static struct base_error e;
static const char *operands[4];
static size_t operand_count;

static enum ws_err parse(int argc, const char **argv) {
    v = (struct values){.cleared = true};
    e = (struct base_error){0};
    return base_option_parse(table, &v, argc, (char *const *)argv, operands, 4, &operand_count, &e);
}

#define PARSE(...)                                                                                 \
    parse((int)(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)),                           \
          (const char *[]){__VA_ARGS__})

static void every_spelling(void **state) {
    (void)state;
    static const char *const spellings[][2] = {
        {"--text=x", NULL}, {"-text=x", NULL}, {"--text", "x"}, {"-text", "x"},
        {"-t", "x"},        {"-tx", NULL},     {"-t=x", NULL},  {"--words=x", NULL},
        {"--phrase", "x"},  {"--tex", "x"},
    };
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
        const char *argv[] = {spellings[i][0], spellings[i][1]};
        if (parse(spellings[i][1] ? 2 : 1, argv) != WS_OK || !v.text)
            print_error("%s: %s\n", spellings[i][0], base_error_message(&e));
        assert_non_null(v.text);
        assert_string_equal(v.text, "x");
    }
    assert_int_equal(PARSE("-fovv", "-n5", "--no-clear", "a", "--choice=green", "b"), WS_OK);
    assert_true(v.flag && v.other && !v.cleared);
    assert_int_equal(v.count, 2);
    assert_int_equal(v.number, 5);
    assert_int_equal(v.choice, 1);
    assert_int_equal(operand_count, 2);
    assert_string_equal(operands[1], "b");
    assert_int_equal(PARSE("--", "--flag", "-x"), WS_OK);
    assert_int_equal(operand_count, 2);
    assert_false(v.flag);
    assert_int_equal(PARSE("-"), WS_OK); /* a lone dash is an operand */
    assert_int_equal(operand_count, 1);
    assert_int_equal(PARSE("--text="), WS_OK);
    assert_string_equal(v.text, "");
    assert_int_equal(PARSE("--text", "--flag"), WS_OK); /* an argument may look like an option */
    assert_string_equal(v.text, "--flag");
}

static void every_mistake_is_named(void **state) {
    static const struct {
        const char *word, *says;
    } rows[] = {
        {"--nonsense", "--nonsense"},
        {"--flog", "--flag?"},
        {"--flag=1", "takes no value"},
        {"--text", "--text TEXT"},
        {"--number=1", "2 to 100"},
        {"--number=101", "2 to 100"},
        {"--number=x", "'x'"},
        {"--number=-5", "'-5'"},
        {"--number=", "''"},
        {"--choice=blue", "red, green"},
        {"--choice=", "red, green"},
        {"--time=soon", "500ms"},
        {"--time=", "500ms"},
        {"--time=1.2.3", "500ms"},
        {"--time=-1", "500ms"},
        {"--time=5 s", "500ms"},
        {"--time=3601", "3600"},
        {"--time=99999999999999999999", "500ms"},
        {"--te", "several"},
        {"--t", "unknown option --t"},
        {"-q", "-q"},
        {"-fq", "-fq"},
        {"--=x", "--=x"},
        {"-n", "--number N"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum ws_err err = PARSE(rows[i].word);
        if (err != WS_USAGE || !strstr(base_error_message(&e), rows[i].says))
            print_error("%s: %s\n", rows[i].word, base_error_message(&e));
        assert_int_equal(err, WS_USAGE);
        assert_non_null(strstr(base_error_message(&e), rows[i].says));
        assert_null(strchr(base_error_message(&e), '\n'));
    }
}

static void times(void **state) {
    static const struct {
        const char *text;
        base_usec value;
    } rows[] = {
        {"5", 5 * BASE_SECOND},    {"0.5", 500 * BASE_MSEC},   {"500ms", 500 * BASE_MSEC},
        {"2m", 120 * BASE_SECOND}, {"1h", 3600 * BASE_SECOND}, {"1.5m", 90 * BASE_SECOND},
        {"0.000001", 1},           {"3s", 3 * BASE_SECOND},    {"0", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(PARSE("--time", rows[i].text), WS_OK);
        assert_true(v.time == rows[i].value);
    }
}

static void lists_and_operands_have_an_end(void **state) {
    static const char *many[2 * BASE_OPTION_LIST_MAX + 2];
    (void)state;
    for (size_t i = 0; i < sizeof many / sizeof many[0]; i++)
        many[i] = i % 2 ? "item" : "--list";
    assert_int_equal(parse(2 * BASE_OPTION_LIST_MAX, many), WS_OK);
    assert_int_equal(v.list.count, BASE_OPTION_LIST_MAX);
    assert_int_equal(parse(2 * BASE_OPTION_LIST_MAX + 2, many), WS_USAGE);
    assert_int_equal(PARSE("1", "2", "3", "4"), WS_OK);
    assert_int_equal(PARSE("1", "2", "3", "4", "5"), WS_USAGE);
}

static void pairs_keep_their_order(void **state) {
    (void)state;
    assert_int_equal(PARSE("-setting", "a", "--switch", "-setting=-b"), WS_OK);
    assert_int_equal(v.pairs.count, 3);
    assert_string_equal(v.pairs.items[0].name, "setting");
    assert_string_equal(v.pairs.items[0].value, "a");
    assert_string_equal(v.pairs.items[1].name, "switch");
    assert_null(v.pairs.items[1].value);
    assert_string_equal(v.pairs.items[2].value, "-b");
    assert_int_equal(PARSE("--switch=on"), WS_USAGE);
    const char *many[2 * BASE_OPTION_PAIRS_MAX + 2];
    for (size_t i = 0; i < sizeof many / sizeof many[0]; i += 2) {
        many[i] = "--setting";
        many[i + 1] = "x";
    }
    assert_int_equal(parse(2 * BASE_OPTION_PAIRS_MAX, many), WS_OK);
    assert_int_equal(parse(2 * BASE_OPTION_PAIRS_MAX + 2, many), WS_USAGE);
}

static void foreign_options_are_refused_by_name(void **state) {
    struct base_buf out;
    (void)state;
    assert_int_equal(PARSE("-teleport"), WS_USAGE);
    assert_string_equal(base_error_message(&e),
                        "--teleport is not taken: there is no machine for it");
    assert_int_equal(PARSE("--teleport=x"), WS_USAGE);
    assert_non_null(strstr(base_error_message(&e), "no machine"));
    assert_int_equal(PARSE("--telepor"), WS_USAGE); /* never offered, never guessed */
    assert_null(strstr(base_error_message(&e), "teleport?"));
    base_buf_init(&out, 1 << 16);
    base_option_help(table, &out, 80);
    base_option_man(table, &out);
    base_option_bash(table, &out);
    base_option_zsh(table, &out);
    assert_null(strstr(base_buf_cstr(&out), "teleport"));
    assert_non_null(strstr(base_buf_cstr(&out), "--setting=VALUE"));
    base_buf_release(&out);
}

static void an_error_is_one_printable_line(void **state) {
    (void)state;
    assert_int_equal(PARSE("--number", "1\n2\x1b[31m"), WS_USAGE);
    assert_null(strchr(base_error_message(&e), '\n'));
    assert_null(strchr(base_error_message(&e), 0x1b));
    assert_non_null(strstr(base_error_message(&e), "1\\n2\\x1B[31m"));
}

static void the_table_is_shown(void **state) {
    struct base_buf out;
    (void)state;
    base_buf_init(&out, 1 << 16);
    base_option_help(table, &out, 40);
    const char *s = base_buf_cstr(&out);
    assert_non_null(strstr(s, "First:\n"));
    assert_non_null(strstr(s, "  -t, --text=TEXT"));
    for (const char *line = s; *line;) {
        size_t n = strcspn(line, "\n");
        assert_true(n <= 48);
        line += n + 1;
    }
    base_buf_clear(&out);
    base_option_man(table, &out);
    assert_non_null(strstr(base_buf_cstr(&out),
                           ".TP\n\\fB\\-t\\fR, \\fB\\-\\-text\\fR=\\fITEXT\\fR\na text\n"));
    base_buf_clear(&out);
    base_option_bash(table, &out);
    assert_non_null(strstr(base_buf_cstr(&out), "--choice "));
    base_buf_clear(&out);
    base_option_zsh(table, &out);
    assert_non_null(strstr(base_buf_cstr(&out), "{-,--}'choice=[a choice]:COLOUR:(red green)'"));
    assert_non_null(strstr(base_buf_cstr(&out), "{-,--}'no-clear[clears\\: it'\\''s \\[so\\]]'"));
    base_buf_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_spelling),
        cmocka_unit_test(every_mistake_is_named),
        cmocka_unit_test(times),
        cmocka_unit_test(lists_and_operands_have_an_end),
        cmocka_unit_test(pairs_keep_their_order),
        cmocka_unit_test(foreign_options_are_refused_by_name),
        cmocka_unit_test(an_error_is_one_printable_line),
        cmocka_unit_test(the_table_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
