/* SPDX-License-Identifier: Apache-2.0 */
/* waxseal - finds the command and runs it; without a command, `check`. */
#include "cmd/command.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool is_one_of(const char *arg, const char *const *words) {
    for (; *words; words++)
        if (strcmp(arg, *words) == 0)
            return true;
    return false;
}

/* A connection must never get the number of a standard stream that was closed when we were started:
 * our words would go to the server. Input reads as empty then; output can't be written, and a
 * command says so. */
static bool fill_standard_streams(void) {
    static const int modes[] = {O_RDONLY, O_RDONLY, O_WRONLY};
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) != fd)
            return false;
    return true;
}

int main(int argc, char **argv) {
    static const char *const version[] = {"--version", "-version", "-V", NULL};
    static const char *const help[] = {"--help", "-help", "-h", NULL};

    if (!fill_standard_streams())
        return CMD_EXIT_SOFTWARE;
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN);
    if (argc > 0 && cmd_is_swaks(argv[0]))
        return cmd_swaks(argc, argv);
    if (argc < 2 || is_one_of(argv[1], help))
        return cmd_help.run(&cmd_help, 0, NULL);
    if (is_one_of(argv[1], version)) {
        puts("waxseal " WAXSEAL_VERSION);
        return CMD_EXIT_OK;
    }
    const struct cmd_command *c = cmd_find(argv[1]);
    if (c)
        return c->run(c, argc - 2, argv + 2);
    return cmd_check.run(&cmd_check, argc - 1, argv + 1);
}
