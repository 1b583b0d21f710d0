/* SPDX-License-Identifier: Apache-2.0 */
/* What the renderers write for fixed facts is what tests/golden/ holds, byte for byte.
 * WAXSEAL_GOLDEN_UPDATE=1 writes the files anew: read the difference before it is committed. */
#include "diagnose/diagnose.h"
#include "report/report.h"
#include "scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define OUT_MAX ((size_t)4 << 20)

static const struct report_style plain = {.columns = 80};
static const struct report_style ascii = {.columns = 80, .ascii = true};
static const struct report_style colour = {.columns = 80, .colour = true};
static const struct report_style verbose = {.columns = 80, .verbose = true};

static void golden_path(char *path, size_t size, const char *name, const char *suffix) {
    const char *root = getenv("WAXSEAL_SOURCE");
    assert_non_null(root);
    snprintf(path, size, "%s/tests/golden/%s%s", root, name, suffix);
}

static void write_golden(const char *path, struct base_bytes is) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(is.data, 1, is.len, f), is.len);
    assert_int_equal(fclose(f), 0);
}

static void compare(const char *name, const char *suffix, struct base_buf *out) {
    char path[4096];
    static char want[OUT_MAX];
    struct base_bytes is = base_buf_view(out);
    assert_false(out->failed);
    assert_true(is.len > 0);
    golden_path(path, sizeof path, name, suffix);
    if (getenv("WAXSEAL_GOLDEN_UPDATE"))
        write_golden(path, is);
    FILE *f = fopen(path, "rb");
    if (!f)
        print_error("%s is missing\n", path);
    assert_non_null(f);
    size_t n = fread(want, 1, sizeof want, f);
    fclose(f);
    size_t same = 0;
    while (same < n && same < is.len && (uint8_t)want[same] == is.data[same])
        same++;
    if (same != n || same != is.len)
        print_error("%s differs at byte %zu: got \"%.60s\"\n", path, same,
                    base_buf_cstr(out) + same);
    assert_int_equal(same, n);
    assert_int_equal(n, is.len);
}

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
    base_buf_init(&out, OUT_MAX);
    render_text(s, style, &out);
    compare(name, suffix, &out);
    base_buf_release(&out);
}

static void check_json(const struct scene *s, const char *name) {
    struct base_buf out;
    base_buf_init(&out, OUT_MAX);
    report_json(&s->report, &out);
    compare(name, ".json", &out);
    base_buf_clear(&out);
    for (size_t i = 0; i < s->report.target_count; i++)
        report_json_line(&s->report, &s->report.targets[i], &out);
    if (s->report.target_count > 1)
        compare(name, ".jsonl", &out);
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
                    diagnose_exit_code(&s.report));
    render_text(&s, &plain, out);
    scene_release(&s);
}

/* One file for all: the words of the findings can be read through in one go. */
static void faults_read_as_recorded(void **state) {
    struct base_buf out;
    (void)state;
    base_buf_init(&out, OUT_MAX);
    for (const struct scene_fault *f = scene_faults; f->name; f++)
        render_fault(f, &out);
    compare("faults", ".txt", &out);
    base_buf_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scenes_look_as_recorded),
        cmocka_unit_test(faults_read_as_recorded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
