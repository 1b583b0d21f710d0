/* SPDX-License-Identifier: Apache-2.0 */
/* Where options come from: files, environment, command line, the program's own tail; .netrc;
 * questions and answers. */
#include "case.h"
#include "swaks/process_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct options_case c;
static char folder[] = "/tmp/waxseal-layers-XXXXXX";

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

static const char *path(const char *name) {
    return base_arena_printf(&c.arena, "%s/%s", folder, name);
}

static const char *write_file(const char *name, const void *text, size_t len) {
    FILE *f = fopen(path(name), "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, len, f), len);
    fclose(f);
    return path(name);
}

static const char *write_text(const char *name, const char *text) {
    return write_file(name, text, strlen(text));
}

static const char *value(enum swaks_option_id id) {
    const char *v = swaks_args_value(&c.args, id);
    return v ? v : "(none)";
}

static bool load(const char *words, const char *const *environment) {
    return options_case_load(&c, words, (char *const *)environment);
}

static void split_gives(const char *text, const char *expected) {
    struct swaks_words w = {0};
    struct base_buf joined;
    swaks_layers_split(&c.arena, base_bytes_of_str(text), &w);
    base_buf_init(&joined, 4096);
    for (size_t i = 0; i < w.count; i++)
        base_buf_printf(&joined, "[%s]", w.items[i]);
    assert_string_equal(base_buf_cstr(&joined), expected);
    base_buf_release(&joined);
}

static void test_lines_of_a_configuration(void **state) {
    (void)state;
    split_gives("", "");
    split_gives("\n\n#x\n\nbody foo", "[--body][foo]");
    split_gives("body\n", "[--body]");
    split_gives("body \n", "[--body][]");
    split_gives("-body  a b \n", "[-body][ a b ]");
    split_gives("body\tx\r\n", "[--body][x\r]");
    split_gives("tls\r\n", "[--tls][]");
    split_gives("  tls\n #c\n", "[--][ tls][--][#c]");
    split_gives("---x\n-\n", "[---x][-]");
    split_gives("h-X\nh-X=1\n-header-Y=\nh-A:B\n", "[--h-X][][--h-X=1][-header-Y=][--h-A:B]");
}

static void test_order_of_layers(void **state) {
    (void)state;
    const char *config = write_text("config", "from config\nbody config\nno-tls\n");
    const char *setting = base_arena_printf(&c.arena, "SWAKS_OPT_config=%s", config);
    const char *const environment[] = {"SWAKS_OPT_no_pipeline=",
                                       "SWAKS_OPT_body=env",
                                       "SWAKS_OPT_from=long",
                                       "SWAKS_OPT_f=short",
                                       setting,
                                       "SWAKS_OPT_h_X_Y=",
                                       "OTHER=1",
                                       NULL};
    assert_true(load("--body|line|-tls", environment));
    assert_string_equal(value(SWAKS_OPT_BODY), "line");
    assert_string_equal(value(SWAKS_OPT_FROM), "long"); /* f comes before from */
    assert_string_equal(value(SWAKS_OPT_HEADER), "X-Y: ");
    assert_true(swaks_args_given(&c.args, SWAKS_OPT_TLS));
}

static void test_default_configuration(void **state) {
    (void)state;
    write_text(".swaksrc", "from home\n");
    char home[64];
    snprintf(home, sizeof home, "HOME=%s", folder);
    const char *const environment[] = {"SWAKS_HOME=/nonexistent", home, NULL};
    const char *const off[] = {home, "SWAKS_OPT_config=", NULL};
    assert_true(load("-tls", environment));
    assert_string_equal(value(SWAKS_OPT_FROM), "home");
    options_case_release(&c);
    options_case_init(&c, SWAKS_MANNER_SWAKS);
    assert_true(load("-tls|--config|-f|me", environment));
    assert_string_equal(value(SWAKS_OPT_FROM), "me");
    swaks_args_unset(&c.args, SWAKS_OPT_FROM);
    assert_true(load("-tls", off));
    assert_string_equal(value(SWAKS_OPT_FROM), "(none)");
}

static void refuses(const char *words, const char *const *environment, const char *complaint) {
    base_buf_clear(&c.complaints);
    assert_false(load(words, environment));
    assert_string_equal(base_buf_cstr(&c.complaints), complaint);
}

static void test_first_mistake_counts(void **state) {
    (void)state;
    const char *bad = write_text("bad", "tls x\n");
    const char *words = base_arena_printf(&c.arena, "--config|%s|--zz", bad);
    const char *const environment[] = {"SWAKS_OPT_yy=1", NULL};
    refuses(words, environment,
            base_arena_printf(&c.arena,
                              "*** Data left in option list when processing  Config file %s "
                              "('x').  Exiting\n",
                              bad));
    refuses("--zz", environment, "Unknown option: yy\n");
    refuses("a|-tls|b", NULL,
            "*** Data left in option list when processing  command line ('a', 'b').  Exiting\n");
    refuses("--config|/nonexistent", NULL,
            "*** Config file /nonexistent could not be opened ($!).  Exiting\n");
}

/* An ELF header that ends where its section table ends, and what was appended. */
static void test_tail_of_the_program(void **state) {
    (void)state;
    struct base_bytes tail;
    unsigned char elf[200] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    elf[0x28] = 64; /* e_shoff */
    elf[0x3a] = 64; /* e_shentsize */
    elf[0x3c] = 1;  /* e_shnum: ends at 128 */
    const char *text = "__END__\nbody tail\n";
    memcpy(elf + 128, text, strlen(text));
    const char *file = write_file("program", elf, 128 + strlen(text));
    assert_true(swaks_layers_tail(&c.arena, file, 4096, &tail));
    assert_true(base_bytes_equal_str(tail, text));
    const struct swaks_sources from = {.program_file = file};
    assert_true(swaks_layers_load(&from, &c.args, &c.complaints));
    assert_string_equal(value(SWAKS_OPT_BODY), "tail");
    assert_false(swaks_layers_tail(&c.arena, write_file("program", elf, 128), 4096, &tail));
    assert_false(swaks_layers_tail(&c.arena, write_file("program", elf, 20), 4096, &tail));
    elf[0x2f] = 0xff; /* a section table beyond all bounds */
    assert_false(swaks_layers_tail(&c.arena, write_file("program", elf, 200), 4096, &tail));
    assert_false(swaks_layers_tail(&c.arena, write_text("program", text), 4096, &tail));
}

static void netrc_gives(const char *text, const char *machine, const char *login,
                        const char *expected) {
    const char *user = NULL, *password = NULL;
    char got[128] = "-";
    if (swaks_netrc_find(&c.arena, base_bytes_of_str(text), machine, login, &user, &password))
        snprintf(got, sizeof got, "%s/%s", user ? user : "?", password ? password : "?");
    assert_string_equal(got, expected);
}

static void test_netrc(void **state) {
    (void)state;
    const char *text = "machine a login u1 password p1\nmachine b\n login u2 password \"p 2\\\"\"\n"
                       "machine a login u3 account x password p\\ 3\n"
                       "machine m macdef init\nlogin trap\n\nmachine c password only\n"
                       "default login anon password guest\nmachine d login never";
    netrc_gives(text, "a", NULL, "u1/p1");
    netrc_gives(text, "a", "u3", "u3/p 3");
    netrc_gives(text, "b", NULL, "u2/p 2\"");
    netrc_gives(text, "c", NULL, "?/only");
    netrc_gives(text, "z", NULL, "anon/guest");
    netrc_gives(text, "a", "other", "-");
    netrc_gives("", "a", NULL, "-");
    netrc_gives("machine", "a", NULL, "-");
    netrc_gives("login x machine a login", "a", NULL, "?/?");
    netrc_gives("\"unclosed", "a", NULL, "-");
    netrc_gives("machine a login \\", "a", NULL, "\\/?");
}

static const char *ask(struct swaks_prompt *p, enum swaks_answer accept) {
    const char *answer = swaks_prompt_ask(p, "?", accept, false);
    return answer ? answer : "(end)";
}

static void test_questions(void **state) {
    (void)state;
    int in[2], out[2];
    struct swaks_prompt p;
    struct base_bytes rest;
    const char *typed = "\n\nyes\n\n5x\n5\n3\n2\nlast one\nand\nmore";
    char asked[64];
    assert_int_equal(pipe(in) | pipe(out), 0);
    assert_int_equal(write(in[1], typed, strlen(typed)), strlen(typed));
    close(in[1]);
    swaks_prompt_init(&p, &c.arena, in[0], out[1]);
    assert_string_equal(ask(&p, SWAKS_ANSWER_FILLED), "yes");
    assert_string_equal(ask(&p, SWAKS_ANSWER_ANY), "");
    assert_string_equal(ask(&p, SWAKS_ANSWER_TIME), "5");
    assert_string_equal(ask(&p, SWAKS_ANSWER_1_OR_2), "2");
    assert_string_equal(ask(&p, SWAKS_ANSWER_FILLED), "last one");
    assert_true(swaks_prompt_rest(&p, 4096, &rest));
    assert_true(base_bytes_equal_str(rest, "and\nmore"));
    assert_true(swaks_prompt_rest(&p, 4096, &rest)); /* again: the same */
    assert_true(base_bytes_equal_str(rest, "and\nmore"));
    assert_string_equal(ask(&p, SWAKS_ANSWER_FILLED), "(end)");
    swaks_prompt_release(&p);
    close(in[0]);
    close(out[1]);
    assert_int_equal(read(out[0], asked, sizeof asked), 3 + 1 + 2 + 2 + 1 + 1);
    close(out[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lines_of_a_configuration, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_order_of_layers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_default_configuration, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_first_mistake_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tail_of_the_program, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_netrc, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_questions, set_up, tear_down),
    };
    if (!mkdtemp(folder))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    options_case_init(&c, SWAKS_MANNER_SWAKS);
    unlink(path("config"));
    unlink(path("bad"));
    unlink(path("program"));
    unlink(path(".swaksrc"));
    rmdir(folder);
    options_case_release(&c);
    return failed;
}
