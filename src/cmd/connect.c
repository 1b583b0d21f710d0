/* SPDX-License-Identifier: Apache-2.0 */
/* waxseal connect - one TLS session looked at in full, then a conversation inside it. */
#include "connect/connect.h"

#include "cmd/command.h"

#include <unistd.h>

static int run_parsed(const struct cmd_command *self, const struct connect_options *o,
                      const char *operand) {
    struct base_error e = {0};
    struct report_style style;
    struct base_log log = {.level = cmd_log_level(o->verbose, o->debug, o->debug_bytes || o->debug),
                           .sink = cmd_log_sink};
    const struct connect_io io = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
    int code = CMD_EXIT_OK;
    cmd_style(o->colour, o->ascii, o->columns, o->verbose > 0, &style);
    enum ws_err err = connect_run_command(o, operand, &style, &log, &io, &code, &e);
    if (err == WS_OK)
        return code;
    if (err == WS_USAGE)
        return cmd_usage_error(self, &e);
    cmd_complain("%s", base_error_message(&e));
    return err == WS_IO ? CMD_EXIT_OUTPUT : CMD_EXIT_SOFTWARE;
}

static int run(const struct cmd_command *self, int argc, char *const *argv) {
    static struct connect_options o;
    struct base_error e = {0};
    const char *operand = NULL;
    size_t count = 0;
    connect_options_defaults(&o);
    if (base_option_parse(connect_option_table(), &o, argc, argv, &operand, 1, &count, &e) != WS_OK)
        return cmd_usage_error(self, &e);
    if (o.help)
        return cmd_print_help(self);
    if (connect_options_apply(&o, &e) != WS_OK)
        return cmd_usage_error(self, &e);
    return run_parsed(self, &o, count > 0 ? operand : NULL);
}

const struct cmd_command cmd_connect = {
    .name = "connect",
    .summary = "one TLS session in full, then an SMTP session to type in (openssl s_client)",
    .synopsis = "[OPTION...] HOST[:PORT] | -connect HOST:PORT [OPTION...]",
    .description =
        "Opens one TLS session with a mail server, shows all there is to know about it and\n"
        "lets you talk to the server inside it; lines from a pipe go out in step with the\n"
        "replies. When TLS can't be begun it says which side refused, what clashed and what\n"
        "to change. Understands the options of `openssl s_client` that concern mail.",
    .table = connect_option_table,
    .run = run,
};
