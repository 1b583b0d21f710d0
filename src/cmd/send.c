/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_send - any SMTP transaction; also what runs when the program is called as swaks. */
#include "cmd/command.h"

#include "swaks/args_help.h"
#include "swaks/program.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int call(enum swaks_manner manner, const char *program, int argc, char *const *argv) {
    const struct swaks_call c = {
        .sources = {.argc = argc,
                    .argv = argv,
                    .environment = environ,
                    .program_file = "/proc/self/exe"},
        .manner = manner,
        .in = STDIN_FILENO,
        .out = STDOUT_FILENO,
        .err = STDERR_FILENO,
        .program = program,
        .version = getenv("WAXSEAL_SWAKS_VERSION"),
        .paged = true,
    };
    return swaks_run(&c);
}

bool cmd_is_swaks(const char *program) {
    const char *slash = strrchr(program, '/');
    return strcmp(slash ? slash + 1 : program, "swaks") == 0;
}

int cmd_swaks(int argc, char *const *argv) {
    return call(SWAKS_MANNER_SWAKS, argv[0], argc - 1, argv + 1);
}

static int run(const struct cmd_command *self, int argc, char *const *argv) {
    (void)self;
    return call(SWAKS_MANNER_WAXSEAL, "waxseal send", argc, argv);
}

const struct cmd_command cmd_send = {
    .name = "send",
    .summary = "make any SMTP transaction, step by step (swaks)",
    .synopsis = "--to ADDRESS [OPTION...]",
    .description = "Speaks SMTP, ESMTP or LMTP with a server as the options say, and shows every "
                   "line. Takes the options of swaks, and more. `waxseal send --help` is its "
                   "manual.",
    .table = swaks_option_table,
    .run = run,
};
