/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CMD_SESSION_H
#define WAXSEAL_CMD_SESSION_H

#include "check/list.h"
#include "cmd/command.h"
#include "report/report.h"

struct cmd_piece;

/* One run of the check with its output: text and one JSON document in the order of the targets,
 * JSON lines as they complete, progress on a terminal. `check` and `demo` share it. */
struct cmd_session {
    struct check_options *options;
    struct check_list_config list; /* targets, trust, overrides, greeting: the caller's */
    /* Called before each target's text (demo: a heading). May be NULL. */
    void (*heading)(void *arg, const struct facts_target *t, struct base_buf *out);
    void *arg;

    struct base_log log;
    struct report_style style;
    const struct facts_report *head;
    struct cmd_piece *held; /* a ring: what is ready but not yet its turn, by index */
    size_t held_size;       /* a power of two, or 0 */
    size_t next;            /* whose turn it is to be printed */
    size_t held_bytes;
    struct base_buf lines; /* the summary's */
    size_t done;
    int write_error;
    bool progress_shown;
};

/* Runs the targets and prints; returns the exit code. */
int cmd_session_run(struct cmd_session *s, struct net_loop *loop);

#endif
