/* SPDX-License-Identifier: Apache-2.0 */
#include "case.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

void options_case_init(struct options_case *c, enum swaks_manner manner) {
    memset(c, 0, sizeof *c);
    base_arena_init(&c->arena, 1u << 24);
    base_buf_init(&c->complaints, 1u << 20);
    swaks_args_init(&c->args, &c->arena, manner);
}

void options_case_release(struct options_case *c) {
    base_buf_release(&c->complaints);
    base_arena_release(&c->arena);
}

static void split(struct options_case *c, const char *text, struct swaks_words *out) {
    char word[8192];
    size_t len = 0;
    while (*text) {
        if (text[0] == '\\' && text[1] == '|')
            text++;
        else if (*text == '|') {
            swaks_words_add(out, &c->arena,
                            base_arena_str_bytes(&c->arena, base_bytes_view(word, len)));
            len = 0;
            text++;
            continue;
        }
        word[len++] = *text++;
    }
    if (len > 0)
        swaks_words_add(out, &c->arena,
                        base_arena_str_bytes(&c->arena, base_bytes_view(word, len)));
}

bool options_case_parse(struct options_case *c, const char *words, struct swaks_words *left) {
    struct swaks_words list = {0}, prepared = {0}, rest = {0};
    split(c, words, &list);
    swaks_layers_prepare(&c->arena, &list, &prepared);
    return swaks_args_parse(&c->args, &prepared, left ? left : &rest, &c->complaints);
}

bool options_case_load(struct options_case *c, const char *words, char *const *environment) {
    struct swaks_words list = {0};
    split(c, words, &list);
    const struct swaks_sources from = {
        .argc = (int)list.count, .argv = (char *const *)list.items, .environment = environment};
    return swaks_layers_load(&from, &c->args, &c->complaints);
}

int options_case_process(struct options_case *c, const char *input) {
    struct swaks_prompt prompt;
    int in[2], out[2];
    size_t len = 0;
    ssize_t n;
    if (pipe(in) != 0 || pipe(out) != 0)
        return -1;
    n = write(in[1], input, strlen(input));
    close(in[1]);
    fcntl(out[0], F_SETFL, O_NONBLOCK);
    c->settings = (struct swaks_settings){.manner = c->args.manner,
                                          .arena = &c->arena,
                                          .args = &c->args,
                                          .program = "swaks",
                                          .version = "1",
                                          .own_out = out[1],
                                          .own_err = out[1]};
    swaks_prompt_init(&prompt, &c->arena, in[0], out[1]);
    int code = (int)swaks_process(&c->settings, &prompt);
    swaks_prompt_release(&prompt);
    while (len < sizeof c->printed - 1 &&
           (n = read(out[0], c->printed + len, sizeof c->printed - 1 - len)) > 0)
        len += (size_t)n;
    c->printed[len] = '\0';
    close(in[0]);
    close(out[0]);
    close(out[1]);
    return code;
}

const char *options_case_dump(struct options_case *c, unsigned sections) {
    struct base_buf out;
    base_buf_init(&out, 1u << 20);
    swaks_dump_sections(&c->settings, sections, false, &out);
    const char *text = base_arena_str(&c->arena, base_buf_cstr(&out));
    base_buf_release(&out);
    return text;
}
