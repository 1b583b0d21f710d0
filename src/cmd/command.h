/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CMD_COMMAND_H
#define WAXSEAL_CMD_COMMAND_H

#include "base/log.h"
#include "base/option.h"

/* Exit codes, one documented table (docs/waxseal.1); 0 to 3 are diagnose_exit_code's. */
enum cmd_exit {
    CMD_EXIT_OK = 0,
    CMD_EXIT_PROBLEMS = 1,
    CMD_EXIT_NO_STARTTLS = 2,
    CMD_EXIT_UNKNOWN = 3,
    CMD_EXIT_USAGE = 64,
    CMD_EXIT_SOFTWARE = 70,
    CMD_EXIT_OUTPUT = 74,
};

/* One command: one file, one const struct. */
struct cmd_command {
    const char *name;
    const char *summary;     /* one line for `waxseal help` */
    const char *synopsis;    /* "[OPTION...] TARGET..." */
    const char *description; /* a paragraph for --help and the man page */
    const struct base_option *(*table)(void);
    int (*run)(const struct cmd_command *self, int argc, char *const *argv);
};

extern const struct cmd_command cmd_check;
extern const struct cmd_command cmd_connect;
extern const struct cmd_command cmd_demo;
extern const struct cmd_command cmd_send;
extern const struct cmd_command cmd_help;
extern const struct cmd_command cmd_completion;

/* NULL-terminated, in the order of `waxseal help`. */
const struct cmd_command *const *cmd_all(void);
const struct cmd_command *cmd_find(const char *name);

/* Whether the program was called by this name of swaks; then cmd_swaks does it all. */
bool cmd_is_swaks(const char *program);
int cmd_swaks(int argc, char *const *argv);

/* One line "waxseal: ..." on stderr. */
void cmd_complain(const char *fmt, ...) WS_PRINTF(1, 2);
/* A usage error with a pointer to the help; returns CMD_EXIT_USAGE. */
int cmd_usage_error(const struct cmd_command *c, const struct base_error *e);
/* --help of one command on stdout. */
int cmd_print_help(const struct cmd_command *c);
/* Writes the whole buffer to stdout; CMD_EXIT_OUTPUT with a message when that fails. */
int cmd_write(struct base_buf *out);
/* Log sink for stderr. */
void cmd_log_sink(void *arg, enum base_log_level level, const char *line);
/* Width of the terminal behind `fd`, at most 80 unless wider was asked for; 80 when it is none. */
unsigned cmd_columns(int fd);
/* How to paint on stdout: --color (enum check_colour), NO_COLOR, TERM, the locale; columns 0: of
 * the terminal, at most 80. */
struct report_style;
void cmd_style(int colour, bool ascii, unsigned columns, bool verbose, struct report_style *style);
/* What -v, --debug and --debug-bytes ask for. */
enum base_log_level cmd_log_level(unsigned verbose, bool debug, bool debug_bytes);

#endif
