/* SPDX-License-Identifier: Apache-2.0 */
/* waxseal help - the commands; one command's options; the option part of the man page. */
#include "cmd/command.h"

#include <string.h>

static int print_overview(void) {
    struct base_buf out;
    base_buf_init(&out, 1u << 16);
    base_buf_append_str(
        &out, "waxseal " WAXSEAL_VERSION " - every question about TLS on a mail server\n\n"
              "Usage: waxseal TARGET...          check a domain, a host or an address\n"
              "       waxseal COMMAND [ARG...]\n\nCommands:\n");
    for (const struct cmd_command *const *c = cmd_all(); *c; c++)
        base_buf_printf(&out, "  %-11s %s\n", (*c)->name, (*c)->summary);
    base_buf_append_str(
        &out,
        "\nTry first, offline:  waxseal demo\n"
        "Then:                waxseal example.org\n"
        "                     waxseal --json mx.example.org:587\n"
        "Options of a command: waxseal COMMAND --help\n"
        "Exit codes: 0 all fine, 1 problems found, 2 no STARTTLS, 3 could not tell, 64 usage\n");
    return cmd_write(&out);
}

/* Markup of man(7) for one command; docs/ puts it into the page. */
static int print_man(const struct cmd_command *c) {
    struct base_buf out;
    base_buf_init(&out, 1u << 20);
    base_buf_printf(&out, ".SS waxseal %s %s\n%s\n", c->name, c->synopsis, c->description);
    if (c->table)
        base_option_man(c->table(), &out);
    return cmd_write(&out);
}

static int run(const struct cmd_command *self, int argc, char *const *argv) {
    struct base_error e = {0};
    bool man = argc > 1 && strcmp(argv[0], "--man") == 0;
    if (argc == 0 || strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0)
        return print_overview();
    const struct cmd_command *c = cmd_find(argv[man ? 1 : 0]);
    if (!c) {
        (void)base_error_set(&e, WS_USAGE, "no command '%s'", argv[man ? 1 : 0]);
        return cmd_usage_error(self, &e);
    }
    return man ? print_man(c) : cmd_print_help(c);
}

const struct cmd_command cmd_help = {
    .name = "help",
    .summary = "this overview, or the options of one command",
    .synopsis = "[COMMAND]",
    .description = "Shows the commands, or the options of one.",
    .run = run,
};
