/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for every text report, whatever the facts: no control bytes but line ends and our own
 * colours, no line wider than asked for, ASCII where ASCII was asked for. */
#include "base/text.h"
#include "report/report.h"
#include "scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define OUT_MAX ((size_t)4 << 20)

static void render(const struct scene *s, const struct report_style *style, struct base_buf *out) {
    for (size_t i = 0; i < s->report.target_count; i++)
        report_text_target(&s->report, &s->report.targets[i], style, out);
    report_text_summary(&s->report, style, out);
    assert_false(out->failed);
}

/* The length of one of our own colour sequences at the start of b, or 0. */
static size_t colour_length(struct base_bytes b) {
    static const char *const known[] = {"\033[0m",  "\033[1m",  "\033[2m",
                                        "\033[31m", "\033[32m", "\033[33m"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (base_bytes_equal_str(base_bytes_slice(b, 0, strlen(known[i])), known[i]))
            return strlen(known[i]);
    return 0;
}

static void check_line(struct base_bytes line, const struct report_style *style) {
    size_t columns = 0;
    assert_true(line.len == 0 || line.data[line.len - 1] != ' ');
    while (line.len > 0) {
        uint32_t cp = 0;
        size_t n = style->colour ? colour_length(line) : 0;
        if (n == 0) {
            n = base_text_utf8_next(line, &cp);
            assert_true(n > 0);
            assert_true(cp >= 0x20 && cp != 0x7f && !(cp >= 0x80 && cp < 0xa0));
            assert_true(cp < 0x202a || cp > 0x202e);
            assert_true(!style->ascii || cp < 0x80);
            columns++;
        }
        line = base_bytes_slice(line, n, line.len);
    }
    assert_true(columns <= style->columns);
}

static void check_all(const struct scene *s, const struct report_style *style) {
    struct base_buf out;
    base_buf_init(&out, OUT_MAX);
    render(s, style, &out);
    struct base_bytes rest = base_buf_view(&out);
    assert_true(rest.len > 0 && rest.data[rest.len - 1] == '\n');
    while (rest.len > 0) {
        struct base_bytes line = base_bytes_slice(rest, 0, base_bytes_find(rest, '\n'));
        check_line(line, style);
        rest = base_bytes_slice(rest, line.len + 1, rest.len);
    }
    base_buf_release(&out);
}

static void in_every_style(const struct scene *s) {
    static const unsigned widths[] = {80, 60, 132};
    for (unsigned i = 0; i < 8; i++)
        for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++) {
            struct report_style style = {.colour = i & 1,
                                         .ascii = (i & 2) != 0,
                                         .verbose = (i & 4) != 0,
                                         .columns = widths[w]};
            check_all(s, &style);
        }
}

static void every_scene_is_fit_for_a_terminal(void **state) {
    (void)state;
    for (const struct scene_row *row = scene_rows; row->name; row++) {
        struct scene s;
        scene_init(&s);
        row->make(&s);
        scene_judge(&s);
        in_every_style(&s);
        scene_release(&s);
    }
}

static void every_fault_is_fit_for_a_terminal(void **state) {
    (void)state;
    for (const struct scene_fault *f = scene_faults; f->name; f++) {
        struct scene s;
        scene_init(&s);
        struct facts_endpoint *e = scene_single(&s);
        f->spoil(&s, &s.report.targets[0], e);
        scene_judge(&s);
        in_every_style(&s);
        scene_release(&s);
    }
}

/* The same words with and without colour. */
static void colour_changes_no_words(void **state) {
    struct scene s;
    struct base_buf with, without;
    (void)state;
    scene_init(&s);
    (void)scene_single(&s);
    scene_judge(&s);
    base_buf_init(&with, OUT_MAX);
    base_buf_init(&without, OUT_MAX);
    render(&s, &(struct report_style){.columns = 80, .colour = true}, &with);
    render(&s, &(struct report_style){.columns = 80}, &without);
    struct base_buf bare;
    base_buf_init(&bare, OUT_MAX);
    struct base_bytes rest = base_buf_view(&with);
    while (rest.len > 0) {
        size_t n = colour_length(rest);
        if (n == 0) {
            base_buf_append_byte(&bare, rest.data[0]);
            n = 1;
        }
        rest = base_bytes_slice(rest, n, rest.len);
    }
    assert_true(bare.len < with.len);
    assert_string_equal(base_buf_cstr(&bare), base_buf_cstr(&without));
    base_buf_release(&bare);
    base_buf_release(&with);
    base_buf_release(&without);
    scene_release(&s);
}

/* The first line answers, and says the target's name. */
static void the_answer_comes_first(void **state) {
    (void)state;
    for (const struct scene_fault *f = scene_faults; f->name; f++) {
        struct scene s;
        struct base_buf out;
        scene_init(&s);
        struct facts_endpoint *e = scene_single(&s);
        f->spoil(&s, &s.report.targets[0], e);
        scene_judge(&s);
        base_buf_init(&out, OUT_MAX);
        render(&s, &(struct report_style){.columns = 200, .ascii = true}, &out);
        struct base_bytes first =
            base_bytes_slice(base_buf_view(&out), 0, base_bytes_find(base_buf_view(&out), '\n'));
        assert_true(base_bytes_find_str(first, "example.org: ") < first.len);
        base_buf_release(&out);
        scene_release(&s);
    }
}

/* 512 keywords, 200 names, a subject of 20 kB: shown in part, on lines that are not too long. */
static void a_talkative_server_is_cut_short(void **state) {
    struct scene s;
    struct base_buf out, endless;
    (void)state;
    scene_init(&s);
    struct facts_endpoint *e = scene_single(&s);
    base_buf_init(&endless, OUT_MAX);
    for (int i = 0; i < 512; i++)
        base_buf_printf(&endless, "%sX-KEYWORD-%d %0200d", i ? ";" : "", i, i);
    scene_keywords(&s, &e->ehlo, base_buf_cstr(&endless));
    e->certificates[0].subject = base_buf_cstr(&endless);
    for (int i = 0; i < 200; i++)
        scene_san(&s, &e->certificates[0], base_arena_printf(&s.arena, "n%d.example.org", i), "");
    e->certificates[0].days_left = 1;
    e->verification.name_ok = e->verification.ok = false;
    scene_judge(&s);
    assert_false(s.arena.failed);
    in_every_style(&s);
    base_buf_init(&out, OUT_MAX);
    render(&s, &(struct report_style){.columns = 80, .verbose = true}, &out);
    assert_true(out.len < 100000);
    assert_non_null(strstr(base_buf_cstr(&out), "412 more"));
    base_buf_release(&out);
    base_buf_release(&endless);
    scene_release(&s);
}

static void a_full_buffer_is_told(void **state) {
    struct scene s;
    struct base_buf out;
    (void)state;
    scene_init(&s);
    (void)scene_single(&s);
    scene_judge(&s);
    base_buf_init(&out, 100);
    report_text_target(&s.report, &s.report.targets[0], &(struct report_style){.columns = 80},
                       &out);
    assert_true(out.failed);
    base_buf_clear(&out);
    report_json(&s.report, &out);
    assert_true(out.failed);
    base_buf_release(&out);
    scene_release(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scene_is_fit_for_a_terminal),
        cmocka_unit_test(every_fault_is_fit_for_a_terminal),
        cmocka_unit_test(colour_changes_no_words),
        cmocka_unit_test(the_answer_comes_first),
        cmocka_unit_test(a_talkative_server_is_cut_short),
        cmocka_unit_test(a_full_buffer_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
