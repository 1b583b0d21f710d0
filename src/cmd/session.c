/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_session - a run of the check with its output.
 *
 * Text and JSON lines appear as soon as a target is complete, in the order given; one JSON document
 * comes at the end. Progress goes to stderr, on a terminal only. */
#include "cmd/session.h"

#include "diagnose/diagnose.h"
#include "base/text.h"

#include <stdio.h>
#include <unistd.h>

#define ARENA_MAX ((size_t)2 << 30)
#define OUTPUT_MAX ((size_t)1 << 30)

static void clear_progress(struct cmd_session *s) {
    if (s->progress_shown)
        fputs("\r\033[K", stderr);
    s->progress_shown = false;
}

static void on_progress(void *arg, const char *what, size_t done, size_t total) {
    struct cmd_session *s = arg;
    struct base_buf line;
    if (total < 2 || !isatty(STDERR_FILENO))
        return;
    base_buf_init(&line, 4096);
    base_text_escape(&line, base_bytes_slice(base_bytes_of_str(what), 0, 50));
    fprintf(stderr, "\r\033[K%zu of %zu targets (%s)", done, total, base_buf_cstr(&line));
    base_buf_release(&line);
    s->progress_shown = done < total;
    if (done == total)
        fputs("\r\033[K", stderr);
}

static void on_target(void *arg, const struct facts_report *r, const struct facts_target *t) {
    struct cmd_session *s = arg;
    struct base_buf out;
    if (s->options->json)
        return;
    clear_progress(s);
    base_buf_init(&out, OUTPUT_MAX);
    if (s->options->jsonl) {
        report_json_line(r, t, &out);
    } else {
        if (s->printed++ > 0)
            base_buf_append_str(&out, "\n");
        if (s->heading)
            s->heading(s->arg, t, &out);
        report_text_target(r, t, &s->style, &out);
    }
    int code = cmd_write(&out);
    if (s->write_error == 0)
        s->write_error = code;
}

static void configure(struct cmd_session *s) {
    struct check_options *o = s->options;
    s->log.sink = cmd_log_sink;
    s->log.level = cmd_log_level(o->verbose, o->debug, o->debug_bytes);
    o->config.log = &s->log;
    o->config.progress = on_progress;
    o->config.target_done = on_target;
    o->config.arg = s;
}

/* What comes after the last target. */
static int print_end(struct cmd_session *s) {
    struct base_buf out;
    base_buf_init(&out, OUTPUT_MAX);
    if (s->options->json)
        report_json(&s->report, &out);
    else if (!s->options->jsonl)
        report_text_summary(&s->report, &s->style, &out);
    return cmd_write(&out);
}

static bool any_wrong_target(const struct facts_report *r) {
    for (size_t i = 0; i < r->target_count; i++)
        if (r->targets[i].error && r->targets[i].error[0])
            return true;
    return false;
}

int cmd_session_run(struct cmd_session *s, struct net_loop *loop, const char *const *targets,
                    size_t target_count, const struct pki_trust *trust,
                    const struct check_overrides *overrides, size_t override_count) {
    struct base_error e = {0};
    const struct check_options *o = s->options;
    cmd_style(o->colour, o->ascii, o->columns, o->verbose > 0, &s->style);
    base_arena_init(&s->arena, ARENA_MAX);
    configure(s);
    enum ws_err err = check_run(loop, &s->options->config, targets, target_count, trust, overrides,
                                override_count, &s->arena, &s->report, &e);
    clear_progress(s);
    if (err != WS_OK) {
        cmd_complain("%s", base_error_message(&e));
        return err == WS_USAGE ? CMD_EXIT_USAGE : CMD_EXIT_SOFTWARE;
    }
    int code = print_end(s);
    if (s->write_error != 0 || code != 0)
        return s->write_error ? s->write_error : code;
    if (any_wrong_target(&s->report))
        return CMD_EXIT_USAGE;
    return diagnose_exit_code(&s->report);
}

void cmd_session_release(struct cmd_session *s) {
    base_arena_release(&s->arena);
}
