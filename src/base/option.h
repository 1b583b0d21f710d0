/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_BASE_OPTION_H
#define WAXSEAL_BASE_OPTION_H

#include "base/buf.h"
#include "base/error.h"

/* One table per command feeds parsing, --help, the man page and shell completion.
 * `--long`, `-long`, `--long=value`, `-long=value`, `--long value`, `-x`, `-xVALUE` are understood;
 * `--` ends the options; a unique prefix of a long option counts as that option when the table says
 * so; `--no-x` is spelled out as its own row. */
enum base_option_kind {
    BASE_OPTION_END,
    BASE_OPTION_HEADING, /* help: a section title in `help` */
    BASE_OPTION_FLAG,    /* bool *: set to true */
    BASE_OPTION_CLEAR,   /* bool *: set to false */
    BASE_OPTION_STRING,  /* const char **: the argument itself, not copied */
    BASE_OPTION_UINT,    /* unsigned *: min..max */
    BASE_OPTION_SECONDS, /* base_usec *: "5", "0.5", "500ms", "2m" ; min..max in seconds */
    BASE_OPTION_CHOICE,  /* int *: index into `choices` */
    BASE_OPTION_LIST,    /* struct base_option_list *: may be given several times */
    BASE_OPTION_COUNT,   /* unsigned *: each -v adds one */
    BASE_OPTION_PAIR, /* struct base_option_pairs *: name and value (NULL without `arg`), in order
                       */
    BASE_OPTION_REFUSED, /* another program's option: `help` says why it is not taken; not shown */
};

#define BASE_OPTION_LIST_MAX 64
struct base_option_list {
    size_t count;
    const char *items[BASE_OPTION_LIST_MAX];
};

#define BASE_OPTION_PAIRS_MAX 64
/* Options that are handed on to a library, in the order given. */
struct base_option_pairs {
    size_t count;
    struct base_option_pair {
        const char *name; /* as in the table, without dashes */
        const char *value;
    } items[BASE_OPTION_PAIRS_MAX];
};

struct base_option {
    enum base_option_kind kind;
    char letter;                /* 0 = none */
    const char *name;           /* without dashes */
    const char *aliases;        /* further names, space-separated, or NULL */
    const char *arg;            /* name of the argument in help ("ADDR"), NULL for flags */
    const char *help;           /* one sentence, no full stop needed; wrapped by the printer */
    size_t offset;              /* of the value inside the options struct */
    unsigned min, max;          /* UINT and SECONDS */
    const char *const *choices; /* CHOICE: NULL-terminated */
    const char *complete;       /* completion hint: "file", "dir", "host" or NULL */
};

/* Parses argv[0..argc) (without program and command name) into `values`. Operands (non-options) are
 * collected in `operands`. Errors name the option and the remedy in `e` and return WS_USAGE. */
WS_MUST_USE enum ws_err base_option_parse(const struct base_option *table, void *values, int argc,
                                          char *const *argv, const char **operands,
                                          size_t operands_max, size_t *operand_count,
                                          struct base_error *e);

/* Renders the table: help text wrapped at `columns`; mdoc/man source; one line per option for the
 * completion generators ("--name<TAB>help"). */
void base_option_help(const struct base_option *table, struct base_buf *out, unsigned columns);
void base_option_man(const struct base_option *table, struct base_buf *out);
void base_option_bash(const struct base_option *table, struct base_buf *out); /* words */
void base_option_zsh(const struct base_option *table, struct base_buf *out);  /* _arguments specs */

#endif
