/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CMD_SESSION_H
#define WAXSEAL_CMD_SESSION_H

#include "check/options.h"
#include "cmd/command.h"
#include "report/report.h"

/* One run of the check with its output: text as targets complete, JSON at the end, progress on a
 * terminal. `check` and `demo` share it. */
struct cmd_session {
    struct check_options *options;
    struct base_log log;
    struct base_arena arena;
    struct facts_report report;
    struct report_style style;
    size_t printed;
    int write_error;
    bool progress_shown;
    /* Called before each target's text (demo: a heading). May be NULL. */
    void (*heading)(void *arg, const struct facts_target *t, struct base_buf *out);
    void *arg;
};

/* Runs the targets and prints; returns the exit code. */
int cmd_session_run(struct cmd_session *s, struct net_loop *loop, const char *const *targets,
                    size_t target_count, const struct pki_trust *trust,
                    const struct check_overrides *overrides, size_t override_count);
void cmd_session_release(struct cmd_session *s);

#endif
