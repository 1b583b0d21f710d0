/* SPDX-License-Identifier: Apache-2.0 */
/* waxseal check - can these mail servers STARTTLS, who can't deliver and why, what to fix. */
#include "cmd/session.h"

#include <stdlib.h>

static int run_targets(struct check_options *o, const char *const *targets, size_t count) {
    struct base_error e = {0};
    struct net_loop *loop = NULL;
    struct cmd_session s = {.options = o, .list = {.targets = targets, .target_count = count}};
    if (net_loop_new(&loop, &e) != WS_OK) {
        cmd_complain("%s", base_error_message(&e));
        return CMD_EXIT_SOFTWARE;
    }
    int code = cmd_session_run(&s, loop);
    net_loop_free(loop);
    return code;
}

static int run_words(const struct cmd_command *self, int argc, char *const *argv,
                     const char **targets, size_t targets_max) {
    static struct check_options o;
    struct base_error e = {0};
    size_t count = 0;
    check_options_defaults(&o);
    if (base_option_parse(check_option_table(), &o, argc, argv, targets, targets_max, &count, &e) !=
        WS_OK)
        return cmd_usage_error(self, &e);
    if (o.help)
        return cmd_print_help(self);
    if (count == 0 && o.targets_given.count == 0) {
        (void)base_error_set(&e, WS_USAGE,
                             "no target: give a domain, a host, host:port or an address");
        return cmd_usage_error(self, &e);
    }
    if (check_options_apply(&o, &e) != WS_OK)
        return cmd_usage_error(self, &e);
    return run_targets(&o, targets, count);
}

static int run(const struct cmd_command *self, int argc, char *const *argv) {
    size_t most = argc > 0 ? (size_t)argc : 1;
    const char **targets = calloc(most, sizeof *targets);
    if (!targets) {
        cmd_complain("%s", base_error_text(WS_NOMEM));
        return CMD_EXIT_SOFTWARE;
    }
    int code = run_words(self, argc, argv, targets, most);
    free(targets);
    return code;
}

const struct cmd_command cmd_check = {
    .name = "check",
    .summary = "can this mail server STARTTLS, who can't deliver and why, what to fix (default)",
    .synopsis = "[OPTION...] [--targets FILE] [TARGET...]",
    .description =
        "Looks at every address of every mail server behind each TARGET and reports what it\n"
        "offers and negotiates, which certificate it shows, what is wrong and how to mend it.\n"
        "A TARGET is a domain (example.org: through its MX), a host with its port\n"
        "(mx.example.org:587), an address (192.0.2.1, [2001:db8::1]:25) or the path of a unix\n"
        "socket; more of them may come from a file. The command's name may be left out.",
    .table = check_option_table,
    .run = run,
};
