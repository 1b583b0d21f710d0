/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_session - a run of the check with its output.
 *
 * JSON lines appear as their targets complete. Text and the one JSON document keep the order given:
 * what is ready before its turn is rendered at once, its facts are freed and the words wait. When
 * too many words wait, nothing more is begun until the first is ready. Text says nothing that hangs
 * on the answer to our goodbye (but with -v, which counts round trips), so it does not wait for it.
 * Progress goes to stderr, on a terminal only. */
#include "cmd/session.h"

#include "base/text.h"
#include "diagnose/diagnose.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define OUTPUT_MAX ((size_t)1 << 30)
#define HELD_MAX ((size_t)24 << 20)
#define RING_FIRST 64u

/* The words of one target, and behind them its line of the summary. */
struct cmd_piece {
    struct base_buf text;
    size_t line_at;
    bool ready;
};

/* --- progress --- */

static void clear_progress(struct cmd_session *s) {
    if (s->progress_shown)
        fputs("\r\033[K", stderr);
    s->progress_shown = false;
}

static void show_progress(struct cmd_session *s, const char *what) {
    size_t total = s->list.target_count;
    bool open_end = s->options->targets_file != NULL;
    struct base_buf line;
    if ((total < 2 && !open_end) || !isatty(STDERR_FILENO))
        return;
    base_buf_init(&line, 4096);
    base_text_escape(&line, base_bytes_slice(base_bytes_of_str(what), 0, 50));
    if (open_end)
        fprintf(stderr, "\r\033[K%zu targets (%s)", s->done, base_buf_cstr(&line));
    else
        fprintf(stderr, "\r\033[K%zu of %zu targets (%s)", s->done, total, base_buf_cstr(&line));
    base_buf_release(&line);
    s->progress_shown = true;
    if (s->done == total && !open_end)
        clear_progress(s);
}

/* --- printing --- */

/* That it can't be written is told once. */
static void print(struct cmd_session *s, struct base_buf *text) {
    clear_progress(s);
    if (s->write_error != 0)
        base_buf_release(text);
    else
        s->write_error = cmd_write(text);
}

static void render(const struct cmd_session *s, const struct facts_target *t,
                   struct cmd_piece *out) {
    base_buf_init(&out->text, OUTPUT_MAX);
    out->ready = true;
    if (s->options->json) {
        if (t->index == 0)
            report_json_begin(s->head, &out->text);
        report_json_target(t, t->index == 0, &out->text);
        out->line_at = out->text.len;
        return;
    }
    if (t->index > 0)
        base_buf_append_str(&out->text, "\n");
    if (s->heading)
        s->heading(s->arg, t, &out->text);
    report_text_target(s->head, t, &s->style, &out->text);
    out->line_at = out->text.len;
    report_text_line(t, &s->style, &out->text);
}

static void print_piece(struct cmd_session *s, struct cmd_piece *p) {
    struct base_bytes all = base_buf_view(&p->text);
    base_buf_append_bytes(&s->lines, base_bytes_slice(all, p->line_at, all.len));
    base_buf_truncate(&p->text, p->line_at);
    print(s, &p->text);
    *p = (struct cmd_piece){0};
}

/* --- in the order given --- */

static struct cmd_piece *place_of(struct cmd_session *s, size_t index) {
    return &s->held[index & (s->held_size - 1)];
}

/* Room for the words of `index`. */
static bool make_room(struct cmd_session *s, size_t index) {
    size_t size = s->held_size ? s->held_size : RING_FIRST;
    while (index - s->next >= size)
        size *= 2;
    if (size == s->held_size)
        return true;
    struct cmd_piece *larger = calloc(size, sizeof *larger);
    if (!larger)
        return false;
    for (size_t i = s->next; i < s->next + s->held_size; i++)
        larger[i & (size - 1)] = *place_of(s, i);
    free(s->held);
    s->held = larger;
    s->held_size = size;
    return true;
}

/* Its words are printed now, or kept until those before it are. */
static void put_in_order(struct cmd_session *s, const struct facts_target *t) {
    struct cmd_piece piece;
    render(s, t, &piece);
    if (t->index != s->next && make_room(s, t->index)) {
        s->held_bytes += piece.text.cap;
        *place_of(s, t->index) = piece;
        return;
    }
    print_piece(s, &piece); /* without memory the order is lost, not the words */
    s->next += t->index == s->next;
    while (s->held_size > 0 && place_of(s, s->next)->ready) {
        s->held_bytes -= place_of(s, s->next)->text.cap;
        print_piece(s, place_of(s, s->next++));
    }
}

static void free_held(struct cmd_session *s) {
    for (size_t i = 0; i < s->held_size; i++)
        if (s->held[i].ready)
            base_buf_release(&s->held[i].text);
    free(s->held);
}

/* --- the run --- */

static bool keeps_order(const struct cmd_session *s) {
    return !s->options->jsonl;
}

/* Everything that will be printed is known before the goodbye is answered. */
static bool prints_early(const struct cmd_session *s) {
    return !s->options->jsonl && !s->options->json && !s->style.verbose;
}

static void on_begin(void *arg, const struct facts_report *head) {
    struct cmd_session *s = arg;
    s->head = head;
}

static enum check_pace pace(void *arg) {
    const struct cmd_session *s = arg;
    if (s->write_error != 0)
        return CHECK_STOP;
    return s->held_bytes + s->held_size * sizeof *s->held > HELD_MAX ? CHECK_WAIT : CHECK_GO_ON;
}

static void on_known(void *arg, struct check_item *item) {
    put_in_order(arg, &item->facts);
}

static void on_done(void *arg, struct check_item *item) {
    struct cmd_session *s = arg;
    struct base_buf line;
    s->done++;
    if (s->options->jsonl) {
        base_buf_init(&line, OUTPUT_MAX);
        report_json_line(s->head, &item->facts, &line);
        print(s, &line);
    } else if (!prints_early(s)) {
        put_in_order(s, &item->facts);
    }
    show_progress(s, item->facts.input);
    check_item_free(item);
}

static void configure(struct cmd_session *s) {
    struct check_options *o = s->options;
    cmd_style(o->colour, o->ascii, o->columns, o->verbose > 0, &s->style);
    s->log.sink = cmd_log_sink;
    s->log.level = cmd_log_level(o->verbose, o->debug, o->debug_bytes);
    o->config.log = &s->log;
    s->list.options = o;
    s->list.interruptible = true;
    s->list.begin = on_begin;
    s->list.pace = pace;
    s->list.known = prints_early(s) ? on_known : NULL;
    s->list.done = on_done;
    s->list.arg = s;
    base_buf_init(&s->lines, OUTPUT_MAX);
}

/* What comes after the last target. */
static void print_end(struct cmd_session *s, const struct check_list_result *r) {
    struct base_buf out;
    const struct facts_report end = {.ms = r->ms};
    base_buf_init(&out, OUTPUT_MAX);
    if (s->options->json)
        report_json_end(&end, false, &out);
    else if (keeps_order(s) && r->count > 1)
        report_text_above_lines(r->count, r->ms, &s->style, &out);
    if (!s->options->json && r->count > 1)
        base_buf_append_bytes(&out, base_buf_view(&s->lines));
    print(s, &out);
}

static int exit_code(const struct cmd_session *s, const struct check_list_result *r) {
    if (s->write_error != 0)
        return s->write_error;
    if (r->too_large > 0) {
        cmd_complain("%zu targets took more memory than one may have", r->too_large);
        return CMD_EXIT_SOFTWARE;
    }
    if (r->cut)
        cmd_complain("%s after %zu targets; whatever follows in the file was not read", r->cut,
                     r->count);
    if (r->wrong > 0)
        return CMD_EXIT_USAGE;
    return diagnose_exit_code(r->cut ? diagnose_worse(r->worst, FACTS_VERDICT_UNKNOWN) : r->worst);
}

int cmd_session_run(struct cmd_session *s, struct net_loop *loop) {
    struct base_error e = {0};
    struct check_list_result r;
    configure(s);
    enum ws_err err = check_list_run(loop, &s->list, &r, &e);
    clear_progress(s);
    if (err == WS_OK && r.count == 0 && !r.cut)
        err = base_error_set(&e, WS_USAGE, "--targets %s: there is no target in it",
                             s->options->targets_file);
    if (err == WS_OK)
        print_end(s, &r);
    free_held(s);
    base_buf_release(&s->lines);
    if (err == WS_OK)
        return exit_code(s, &r);
    cmd_complain("%s", base_error_message(&e));
    return err == WS_USAGE ? CMD_EXIT_USAGE : CMD_EXIT_SOFTWARE;
}
