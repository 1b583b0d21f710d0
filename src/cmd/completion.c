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
    base_buf_append_str(out, "    esac\n    if [[ $cur == -* ]]; then\n"
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

static void zsh_script(struct base_buf *out) {
    base_buf_append_str(out, "#compdef waxseal\n_waxseal()\n{\n    local command=check word\n"
                             "    for word in $words[2,CURRENT-1]; do\n        case $word in\n");
    for (const struct cmd_command *const *c = cmd_all(); *c; c++)
        base_buf_printf(out, "        %s) command=%s; break ;;\n", (*c)->name, (*c)->name);
    base_buf_append_str(out, "        esac\n    done\n    case $command in\n");
    for (const struct cmd_command *const *c = cmd_all(); *c; c++) {
        base_buf_printf(out, "    %s)\n        _arguments \\\n", (*c)->name);
        if ((*c)->table)
            base_option_zsh((*c)->table(), out);
        base_buf_append_str(out, "            '*:target:_hosts' ;;\n");
    }
    base_buf_append_str(out, "    esac\n}\n_waxseal \"$@\"\n");
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
                   "source <(waxseal completion bash).",
    .run = run,
};
