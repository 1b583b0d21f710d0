/* SPDX-License-Identifier: Apache-2.0 */
/* waxseal.h - the public library: the same check, without a process around it.
 *
 * Options are the table of `waxseal check`, so that command line and library can't drift apart.
 * Ownership: everything belongs to the object; texts handed out live until the next call. */
#include "waxseal.h"

#include "base/buf.h"
#include "check/list.h"
#include "diagnose/diagnose.h"
#include "report/report.h"

#include <stdlib.h>

#define ARENA_MAX ((size_t)2 << 30)
#define OUTPUT_MAX ((size_t)1 << 30)

struct waxseal {
    struct check_options options;
    struct base_arena strings; /* targets and option values */
    struct base_arena head;    /* of the last check's report */
    struct check_items items;  /* its targets, in the order of completion */
    const char **targets;
    size_t target_count;
    size_t targets_cap;
    struct facts_report report;
    bool checked;
    struct base_buf json;
    struct base_buf text;
    struct base_error error;
};

struct waxseal *waxseal_new(void) {
    struct waxseal *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    check_options_defaults(&w->options);
    base_arena_init(&w->strings, ARENA_MAX);
    base_arena_init(&w->head, ARENA_MAX);
    TAILQ_INIT(&w->items);
    base_buf_init(&w->json, OUTPUT_MAX);
    base_buf_init(&w->text, OUTPUT_MAX);
    return w;
}

/* What the last check found. */
static void forget(struct waxseal *w) {
    for (struct check_item *i; (i = TAILQ_FIRST(&w->items));) {
        TAILQ_REMOVE(&w->items, i, entry);
        check_item_free(i);
    }
    base_arena_release(&w->head);
    w->report = (struct facts_report){0};
    w->checked = false;
}

void waxseal_free(struct waxseal *w) {
    if (!w)
        return;
    forget(w);
    base_arena_release(&w->strings);
    base_buf_release(&w->json);
    base_buf_release(&w->text);
    free(w);
}

int waxseal_option(struct waxseal *w, const char *name, const char *value) {
    const char *operands[1];
    size_t operand_count = 0;
    base_error_clear(&w->error);
    if (!name || name[0] != '-') {
        (void)base_error_set(&w->error, WS_USAGE, "'%s' is no option; options begin with a dash",
                             name ? name : "");
        return -1;
    }
    char *argv[2] = {(char *)(uintptr_t)base_arena_str(&w->strings, name),
                     (char *)(uintptr_t)base_arena_str(&w->strings, value)};
    enum ws_err err = base_option_parse(check_option_table(), &w->options, value ? 2 : 1, argv,
                                        operands, 1, &operand_count, &w->error);
    if (err == WS_OK && operand_count > 0)
        err = base_error_set(&w->error, WS_USAGE, "%s takes no value", name);
    return err == WS_OK ? 0 : -1;
}

int waxseal_target(struct waxseal *w, const char *target) {
    base_error_clear(&w->error);
    const char **slot = base_arena_append(&w->strings, &w->targets, &w->target_count,
                                          &w->targets_cap, sizeof *w->targets);
    if (!slot) {
        (void)base_error_set(&w->error, WS_NOMEM, "no memory for one more target");
        return -1;
    }
    *slot = base_arena_str(&w->strings, target);
    return 0;
}

static void on_begin(void *arg, const struct facts_report *head) {
    struct waxseal *w = arg;
    w->report = *head;
    w->report.helo = base_arena_str(&w->head, head->helo);
}

static void on_done(void *arg, struct check_item *item) {
    struct waxseal *w = arg;
    TAILQ_INSERT_TAIL(&w->items, item, entry);
}

/* The targets side by side in the order given, as a report has them. */
static enum ws_err put_in_order(struct waxseal *w, size_t count) {
    const struct check_item *i = NULL;
    w->report.targets = base_arena_array(&w->head, count ? count : 1, sizeof *w->report.targets);
    if (!w->report.targets || w->head.failed)
        return base_error_set(&w->error, WS_NOMEM, "no memory for the report");
    w->report.target_count = count;
    TAILQ_FOREACH(i, &w->items, entry) {
        w->report.targets[i->facts.index] = i->facts;
    }
    return WS_OK;
}

int waxseal_check(struct waxseal *w) {
    const struct check_list_config c = {.options = &w->options,
                                        .targets = w->targets,
                                        .target_count = w->target_count,
                                        .begin = on_begin,
                                        .done = on_done,
                                        .arg = w};
    struct check_list_result r = {0};
    struct net_loop *loop = NULL;
    base_error_clear(&w->error);
    forget(w);
    enum ws_err err = check_options_apply(&w->options, &w->error);
    if (err == WS_OK)
        err = net_loop_new(&loop, &w->error);
    if (err == WS_OK)
        err = check_list_run(loop, &c, &r, &w->error);
    net_loop_free(loop);
    if (err == WS_OK && r.too_large > 0)
        err = base_error_set(&w->error, WS_NOMEM, "out of memory for the report");
    if (err == WS_OK)
        err = put_in_order(w, r.count);
    if (err != WS_OK)
        return -1;
    w->report.ms = r.ms;
    w->checked = true;
    return diagnose_exit_code(r.worst);
}

const char *waxseal_json(struct waxseal *w) {
    if (!w->checked)
        return NULL;
    base_buf_clear(&w->json);
    report_json(&w->report, &w->json);
    return base_buf_cstr(&w->json);
}

const char *waxseal_text(struct waxseal *w) {
    struct report_style style = {
        .columns = 80, .verbose = w->options.verbose > 0, .ascii = w->options.ascii};
    if (!w->checked)
        return NULL;
    base_buf_clear(&w->text);
    for (size_t i = 0; i < w->report.target_count; i++)
        report_text_target(&w->report, &w->report.targets[i], &style, &w->text);
    report_text_summary(&w->report, &style, &w->text);
    return base_buf_cstr(&w->text);
}

const char *waxseal_error(const struct waxseal *w) {
    return base_error_message(&w->error);
}

const char *waxseal_version(void) {
    return WAXSEAL_VERSION;
}
