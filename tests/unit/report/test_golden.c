/* SPDX-License-Identifier: Apache-2.0 */
/* What the renderers write for fixed facts is what tests/golden/ holds, byte for byte.
 * WAXSEAL_GOLDEN_UPDATE=1 writes the files anew: read the difference before it is committed. */
#include "diagnose/diagnose.h"
#include "golden.h"
#include "report/report.h"
#include "scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const struct report_style plain = {.columns = 80};
static const struct report_style ascii = {.columns = 80, .ascii = true};
static const struct report_style colour = {.columns = 80, .colour = true};
static const struct report_style verbose = {.columns = 80, .verbose = true};

static void render_text(const struct scene *s, const struct report_style *style,
                        struct base_buf *out) {
    for (size_t i = 0; i < s->report.target_count; i++) {
        if (i > 0)
            base_buf_append_byte(out, '\n');
        report_text_target(&s->report, &s->report.targets[i], style, out);
    }
    report_text_summary(&s->report, style, out);
}

static void check_text(const struct scene *s, const struct report_style *style, const char *name,
                       const char *suffix) {
    struct base_buf out;
    base_buf_init(&out, GOLDEN_MAX);
    render_text(s, style, &out);
    golden_compare(name, suffix, &out);
    base_buf_release(&out);
}

static void check_json(const struct scene *s, const char *name) {
    struct base_buf out;
    base_buf_init(&out, GOLDEN_MAX);
    report_json(&s->report, &out);
    golden_compare(name, ".json", &out);
    base_buf_clear(&out);
    for (size_t i = 0; i < s->report.target_count; i++)
        report_json_line(&s->report, &s->report.targets[i], &out);
    if (s->report.target_count > 1)
        golden_compare(name, ".jsonl", &out);
    base_buf_release(&out);
}

static void scenes_look_as_recorded(void **state) {
    (void)state;
    for (const struct scene_row *row = scene_rows; row->name; row++) {
        struct scene s;
        scene_init(&s);
        row->make(&s);
        scene_judge(&s);
        assert_false(s.arena.failed);
        check_text(&s, &plain, row->name, ".txt");
        check_text(&s, &ascii, row->name, ".ascii.txt");
        check_text(&s, &colour, row->name, ".colour.txt");
        check_text(&s, &verbose, row->name, ".verbose.txt");
        check_json(&s, row->name);
        scene_release(&s);
    }
}

static void render_fault(const struct scene_fault *f, struct base_buf *out) {
    struct scene s;
    scene_init(&s);
    struct facts_endpoint *e = scene_single(&s);
    f->spoil(&s, &s.report.targets[0], e);
    scene_judge(&s);
    assert_false(s.arena.failed);
    base_buf_printf(out, "%s# %s: exit status %d\n", out->len ? "\n" : "", f->name,
                    diagnose_exit_code(s.report.targets[0].verdict));
    render_text(&s, &plain, out);
    scene_release(&s);
}

/* One file for all: the words of the findings can be read through in one go. */
static void faults_read_as_recorded(void **state) {
    struct base_buf out;
    (void)state;
    base_buf_init(&out, GOLDEN_MAX);
    for (const struct scene_fault *f = scene_faults; f->name; f++)
        render_fault(f, &out);
    golden_compare("faults", ".txt", &out);
    base_buf_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scenes_look_as_recorded),
        cmocka_unit_test(faults_read_as_recorded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
