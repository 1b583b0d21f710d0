/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_command - what all commands share: the list, complaints, help, writing to stdout. */
#include "cmd/command.h"

#include "check/options.h"
#include "report/report.h"

#include <errno.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define HELP_MAX (1u << 20)

static const struct cmd_command *const all[] = {&cmd_check, &cmd_connect,    &cmd_send, &cmd_demo,
                                                &cmd_help,  &cmd_completion, NULL};

const struct cmd_command *const *cmd_all(void) {
    return all;
}

const struct cmd_command *cmd_find(const char *name) {
    for (size_t i = 0; all[i]; i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}

void cmd_complain(const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    fputs("waxseal: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
}

int cmd_usage_error(const struct cmd_command *c, const struct base_error *e) {
    cmd_complain("%s (see waxseal %s --help)", base_error_message(e), c->name);
    return CMD_EXIT_USAGE;
}

int cmd_print_help(const struct cmd_command *c) {
    struct base_buf out;
    base_buf_init(&out, HELP_MAX);
    base_buf_printf(&out, "Usage: waxseal %s %s\n\n%s\n", c->name, c->synopsis, c->description);
    if (c->table) {
        base_buf_append_str(&out, "\n");
        base_option_help(c->table(), &out, cmd_columns(STDOUT_FILENO));
    }
    return cmd_write(&out);
}

int cmd_write(struct base_buf *out) {
    bool complete = !out->failed;
    struct base_bytes v = base_buf_view(out);
    if (v.len > 0 && fwrite(v.data, 1, v.len, stdout) != v.len)
        complete = false;
    if (fflush(stdout) != 0)
        complete = false;
    base_buf_release(out);
    if (complete)
        return CMD_EXIT_OK;
    if (errno != EPIPE)
        cmd_complain("the output could not be written: %s", strerror(errno));
    return CMD_EXIT_OUTPUT;
}

void cmd_log_sink(void *arg, enum base_log_level level, const char *line) {
    (void)arg;
    (void)level;
    fputs(line, stderr);
    fputc('\n', stderr);
}

unsigned cmd_columns(int fd) {
    struct winsize w;
    if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &w) != 0 || w.ws_col < 40)
        return 80;
    return w.ws_col < 80 ? w.ws_col : 80;
}

static bool wants_colour(int choice) {
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    if (choice == CHECK_COLOUR_ALWAYS)
        return true;
    if (choice == CHECK_COLOUR_NEVER || (no_color && no_color[0]))
        return false;
    return isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0;
}

void cmd_style(int colour, bool ascii, unsigned columns, bool verbose, struct report_style *style) {
    *style = (struct report_style){
        .colour = wants_colour(colour),
        .ascii = ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
        .columns = columns ? columns : cmd_columns(STDOUT_FILENO),
        .verbose = verbose,
    };
}

enum base_log_level cmd_log_level(unsigned verbose, bool debug, bool debug_bytes) {
    return debug_bytes    ? BASE_LOG_BYTES
           : debug        ? BASE_LOG_DEBUG
           : verbose >= 2 ? BASE_LOG_INFO
                          : BASE_LOG_WARN;
}
