/* SPDX-License-Identifier: Apache-2.0 */
/* waxseal completion - bash and zsh completion, made from the option tables. */
#include "cmd/command.h"

#include <string.h>

static void bash_script(struct base_buf *out) {
    base_buf_append_str(out, "# bash completion for waxseal\n_waxseal()\n{\n"
                             "    local cur=${COMP_WORDS[COMP_CWORD]} command=check words i\n"
                             "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                             "        case ${COMP_WORDS[i]} in\n");
    for (const struct cmd_command *const *c = cmd_all(); *c; c++)
        base_buf_printf(out, "        %s) command=%s; break ;;\n", (*c)->name, (*c)->name);
    base_buf_append_str(out, "        esac\n    done\n    case $command in\n");
    for (const struct cmd_command *const *c = cmd_all(); *c; c++) {
        base_buf_printf(out, "    %s) words='", (*c)->name);
        if ((*c)->table)
            base_option_bash((*c)->table(), out);
        base_buf_append_str(out, "' ;;\n");
    }
    base_buf_append_str(out, "    esac\n    [[ $cur == -[!-]* ]] && words=${words//--/-}\n"
                             "    if [[ $cur == -* ]]; then\n"
                             "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
                             "    elif ((COMP_CWORD == 1)); then\n"
                             "        mapfile -t COMPREPLY < <(compgen -A hostname -W '");
    for (const struct cmd_command *const *c = cmd_all(); *c; c++)
        base_buf_printf(out, "%s ", (*c)->name);
    base_buf_append_str(
        out, "' -- \"$cur\")\n    else\n"
             "        mapfile -t COMPREPLY < <(compgen -A hostname -A file -- \"$cur\")\n"
             "    fi\n}\ncomplete -F _waxseal waxseal\n");
}

/* Words that stand in single quotes in both shells. */
static void quoted(struct base_buf *out, const char *s) {
    for (; *s; s++)
        if (*s == '\'')
            base_buf_append_str(out, "'\\''");
        else
            base_buf_append_byte(out, (uint8_t)*s);
}

static void zsh_commands(struct base_buf *out) {
    base_buf_append_str(out, "    local -a commands=(\n");
    for (const struct cmd_command *const *c = cmd_all(); *c; c++) {
        base_buf_printf(out, "        '%s:", (*c)->name);
        quoted(out, (*c)->summary);
        base_buf_append_str(out, "'\n");
    }
    base_buf_append_str(out, "    )\n    if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then\n"
                             "        _alternative 'targets:target:_hosts' \\\n"
                             "            'commands:command:{_describe command commands}'\n"
                             "        return\n    fi\n");
}

/* As a file in $fpath it is the function; read with `source` it makes itself known. */
static void zsh_script(struct base_buf *out) {
    base_buf_append_str(out, "#compdef waxseal\n_waxseal()\n{\n    local command=check word\n");
    zsh_commands(out);
    base_buf_append_str(out, "    for word in $words[2,CURRENT-1]; do\n        case $word in\n");
    for (const struct cmd_command *const *c = cmd_all(); *c; c++)
        base_buf_printf(out, "        %s) command=%s; break ;;\n", (*c)->name, (*c)->name);
    base_buf_append_str(out, "        esac\n    done\n    case $command in\n");
    for (const struct cmd_command *const *c = cmd_all(); *c; c++) {
        base_buf_printf(out, "    %s)\n        _arguments \\\n", (*c)->name);
        if ((*c)->table)
            base_option_zsh((*c)->table(), out);
        base_buf_append_str(out, "            '*:target:_hosts' ;;\n");
    }
    base_buf_append_str(out, "    esac\n}\nif [[ $funcstack[1] == _waxseal ]]; then\n"
                             "    _waxseal \"$@\"\nelse\n    compdef _waxseal waxseal\nfi\n");
}

static int run(const struct cmd_command *self, int argc, char *const *argv) {
    struct base_error e = {0};
    struct base_buf out;
    base_buf_init(&out, 1u << 20);
    if (argc == 1 && strcmp(argv[0], "bash") == 0) {
        bash_script(&out);
        return cmd_write(&out);
    }
    if (argc == 1 && strcmp(argv[0], "zsh") == 0) {
        zsh_script(&out);
        return cmd_write(&out);
    }
    if (argc == 1 && (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0))
        return cmd_print_help(self);
    (void)base_error_set(&e, WS_USAGE, "name one shell: bash or zsh");
    return cmd_usage_error(self, &e);
}

const struct cmd_command cmd_completion = {
    .name = "completion",
    .summary = "print the completion script for bash or zsh",
    .synopsis = "bash|zsh",
    .description = "Prints a completion script made from the option tables, for\n"
                   "source <(waxseal completion bash); in zsh, after compinit,\n"
                   "source <(waxseal completion zsh).",
    .run = run,
};
