/* SPDX-License-Identifier: Apache-2.0 */
/* process_output - where the transcript goes and what of it is shown, and what to dump.
 */
#include "swaks/process_private.h"

#include "swaks/dump.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Opens an output file; "&STDOUT" and "&STDERR" are the program's own. */
static bool open_output(struct swaks_process *p, const char *name, int *fd) {
    if (strcmp(name, "&STDOUT") == 0)
        *fd = p->s->own_out;
    else if (strcmp(name, "&STDERR") == 0)
        *fd = p->s->own_err;
    else
        *fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
    if (*fd < 0) {
        int reason = errno;
        *fd = p->s->own_err;
        return swaks_wrong(p, SWAKS_MISTAKE_OUTPUT, name, strerror(reason), NULL);
    }
    return true;
}

/* The two streams. A single file for both is opened once. */
static bool open_outputs(struct swaks_process *p) {
    struct send_output *o = &p->s->plan.output;
    const char *both = swaks_value(p, SWAKS_OPT_OUTPUT);
    const char *err = p->exit == SEND_EXIT_OK ? swaks_value(p, SWAKS_OPT_OUTPUT_FILE_STDERR) : NULL;
    const char *out = p->exit == SEND_EXIT_OK ? swaks_value(p, SWAKS_OPT_OUTPUT_FILE_STDOUT) : NULL;
    if (p->exit != SEND_EXIT_OK)
        return false;
    p->s->out_name = out ? out : both ? both : "STDOUT";
    p->s->err_name = err ? err : both ? both : "STDERR";
    if ((err || both) && !open_output(p, p->s->err_name, &o->err_fd))
        return false;
    if (!out && !both)
        return true;
    if ((err || both) && strcmp(p->s->out_name, p->s->err_name) == 0) {
        o->out_fd = o->err_fd;
        return true;
    }
    return open_output(p, p->s->out_name, &o->out_fd);
}

static enum send_silence silence(struct swaks_process *p) {
    const char *level = swaks_args_value(p->args, SWAKS_OPT_SILENT);
    if (!level)
        return SEND_TALKATIVE;
    long n = strtol(level, NULL, 10);
    return n == 2 ? SEND_ERRORS_ONLY : n == 3 ? SEND_SILENT : SEND_FROM_FIRST_ERROR;
}

/* The files come first: that one can't be written is said whatever is hidden. */
bool swaks_process_output(struct swaks_process *p) {
    struct send_output *o = &p->s->plan.output;
    if (!open_outputs(p))
        return false;
    bool none = swaks_has(p, SWAKS_OPT_NO_HINTS);
    o->no_info_hints = none || swaks_has(p, SWAKS_OPT_NO_INFO_HINTS);
    o->no_send_hints = none || swaks_has(p, SWAKS_OPT_NO_SEND_HINTS);
    o->no_receive_hints = none || swaks_has(p, SWAKS_OPT_NO_RECEIVE_HINTS);
    o->hide_informational = swaks_has(p, SWAKS_OPT_HIDE_INFORMATIONAL);
    o->hide_send = swaks_has(p, SWAKS_OPT_HIDE_SEND);
    o->hide_receive = swaks_has(p, SWAKS_OPT_HIDE_RECEIVE);
    o->hide_all = swaks_has(p, SWAKS_OPT_HIDE_ALL);
    o->raw = swaks_has(p, SWAKS_OPT_SHOW_RAW_TEXT);
    o->suppress_data = swaks_has(p, SWAKS_OPT_SUPPRESS_DATA);
    o->escape = p->s->manner == SWAKS_MANNER_WAXSEAL;
    o->silence = silence(p);
    p->s->protect_prompt = p->prompt->protect = swaks_has(p, SWAKS_OPT_PROTECT_PROMPT);
    p->s->dump_mail = swaks_has(p, SWAKS_OPT_DUMP_MAIL);
    const char *dump = swaks_args_value(p->args, SWAKS_OPT_DUMP);
    p->s->dump_given = dump != NULL;
    p->s->dump = dump ? swaks_dump_parse(p->arena, dump) : 0;
    return true;
}
