/* SPDX-License-Identifier: Apache-2.0 */
/* layers - collects the options from all places that swaks reads.
 *
 * In this order, each replacing what came before: text behind the program file (a line "__END__"
 * and a configuration, so that a copy of the program carries its defaults), the configuration file
 * (--config FILE, else SWAKS_OPT_config, else .swaksrc in SWAKS_HOME, HOME or LOGDIR), variables
 * SWAKS_OPT_name sorted by name, the command line. The first layer with a mistake ends it all.
 * Empty lines of a configuration are skipped, where swaks stops with an error.
 */
#include "swaks/layers.h"

#include "base/file.h"
#include "swaks/mistake.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONFIG_MAX (1u << 20)
#define ENVIRONMENT_PREFIX "SWAKS_OPT_"

/* --- words --- */

/* The part of `word` behind "-h-", "--header-" or with "no-" in between; NULL: none there. */
static const char *header_name(const char *word, bool *negated) {
    if (*word != '-')
        return NULL;
    word += word[1] == '-' ? 2 : 1;
    *negated = strncmp(word, "no-", 3) == 0;
    if (*negated)
        word += 3;
    if (strncmp(word, "header-", 7) == 0)
        return word + 7;
    return strncmp(word, "h-", 2) == 0 ? word + 2 : NULL;
}

/* "Name", or "Name:" without its colon; "" when it is no name of a header field. */
static const char *clean_name(struct base_arena *arena, const char *name) {
    size_t len = strcspn(name, ":");
    if (name[len] && name[len + 1])
        return "";
    return base_arena_str_bytes(arena, base_bytes_view(name, len));
}

/* Words with one of them taken apart: "-x=y" is two. */
struct word_walk {
    struct base_arena *arena;
    const struct swaks_words *in;
    size_t next;
    const char *pending; /* what stood behind the "=" */
    bool headers_only;   /* nothing else is taken apart */
};

static bool more_words(const struct word_walk *w) {
    return w->pending || w->next < w->in->count;
}

static const char *plain_word(struct word_walk *w) {
    const char *word = w->pending;
    w->pending = NULL;
    return word ? word : w->in->items[w->next++];
}

/* The same, split at the first "=" if it begins with a dash. swaks does that with every word;
 * otherwise only a header field needs it, and the "=" of other options is read with them. */
static const char *option_word(struct word_walk *w) {
    bool whole = !w->pending, negated;
    const char *word = plain_word(w);
    const char *equals = whole && word[0] == '-' ? strchr(word + 1, '=') : NULL;
    if (!equals || equals == word + 1 || (w->headers_only && !header_name(word, &negated)))
        return word;
    w->pending = equals + 1;
    return base_arena_str_bytes(w->arena, base_bytes_view(word, (size_t)(equals - word)));
}

static void prepare(struct base_arena *arena, const struct swaks_words *in, bool headers_only,
                    struct swaks_words *out) {
    struct word_walk w = {.arena = arena, .in = in, .headers_only = headers_only};
    while (more_words(&w)) {
        bool negated = false;
        const char *word = option_word(&w);
        const char *name = header_name(word, &negated);
        const char *cleaned = name ? clean_name(arena, name) : "";
        if (name && negated) {
            swaks_words_add(out, arena, "--no-header");
        } else if (*cleaned) {
            const char *value = more_words(&w) ? plain_word(&w) : "";
            swaks_words_add(out, arena, "--header");
            swaks_words_add(out, arena, base_arena_printf(arena, "%s: %s", cleaned, value));
        } else {
            swaks_words_add(out, arena, word);
        }
    }
}

void swaks_layers_prepare(struct base_arena *arena, const struct swaks_words *in,
                          struct swaks_words *out) {
    prepare(arena, in, false, out);
}

/* An option of a layer where it is known that no value belongs to it. A header field must not take
 * the next option for its value then, as it does with swaks. */
static void end_without_value(struct base_arena *arena, struct swaks_words *words) {
    bool negated = false;
    const char *word = words->items[words->count - 1], *name = header_name(word, &negated);
    if (name && !negated && !strchr(word, '=') && *clean_name(arena, name))
        swaks_words_add(words, arena, "");
}

/* One line: dashes may lead, the name ends at the first white space, all behind it is the value. */
static void split_line(struct base_arena *arena, struct base_bytes line, struct swaks_words *out) {
    size_t end = 0;
    while (end < line.len && !strchr(" \t\r\f\v", line.data[end]))
        end++;
    const char *dashes = line.data[0] == '-' ? "" : "--";
    const char *name = base_arena_str_bytes(arena, base_bytes_slice(line, 0, end));
    swaks_words_add(out, arena, base_arena_printf(arena, "%s%s", dashes, name));
    if (end < line.len)
        swaks_words_add(out, arena,
                        base_arena_str_bytes(arena, base_bytes_slice(line, end + 1, line.len)));
    else if (out->count > 0)
        end_without_value(arena, out);
}

void swaks_layers_split(struct base_arena *arena, struct base_bytes text, struct swaks_words *out) {
    while (text.len > 0) {
        size_t end = base_bytes_find(text, '\n');
        struct base_bytes line = base_bytes_slice(text, 0, end);
        if (line.len > 0 && line.data[0] != '#')
            split_line(arena, line, out);
        text = base_bytes_slice(text, end + 1, text.len);
    }
}

/* --- layers --- */

struct load {
    const struct swaks_sources *from;
    struct swaks_args *args;
    struct base_buf *complaints;
    bool good;
};

static void complain_left(struct load *l, const struct swaks_words *left, const char *where) {
    struct base_buf words;
    base_buf_init(&words, CONFIG_MAX);
    for (size_t i = 0; i < left->count; i++)
        base_buf_printf(&words, "%s'%s'", i ? ", " : "", left->items[i]);
    swaks_mistake_line(SWAKS_MISTAKE_LEFT, l->args->manner, where, base_buf_cstr(&words),
                       l->complaints);
    base_buf_release(&words);
    l->good = false;
}

/* Names the place in the complaints behind `mark`, where it is not the command line. */
static void locate(struct load *l, size_t mark, const char *where) {
    size_t skip = mark + strlen(SWAKS_MISTAKE_PREFIX);
    if (l->args->manner == SWAKS_MANNER_SWAKS || strcmp(where, "command line") == 0 ||
        l->complaints->len < skip)
        return;
    struct base_bytes all = base_buf_view(l->complaints);
    const char *text = base_arena_str_bytes(l->args->arena, base_bytes_slice(all, skip, all.len));
    base_buf_truncate(l->complaints, skip);
    base_buf_printf(l->complaints, "%s: %s", where, text);
}

/* `where` is for messages. */
static void add_layer(struct load *l, const struct swaks_words *words, const char *where) {
    struct base_arena *arena = l->args->arena;
    struct swaks_words prepared = {0}, left = {0};
    if (!l->good)
        return;
    size_t mark = l->complaints->len;
    prepare(arena, words, l->args->manner == SWAKS_MANNER_WAXSEAL, &prepared);
    l->good = swaks_args_parse(l->args, &prepared, &left, l->complaints);
    if (l->good && left.count > 0)
        complain_left(l, &left, where);
    else if (!l->good)
        locate(l, mark, where);
}

static const char *variable(const struct load *l, const char *name) {
    size_t len = strlen(name);
    for (char *const *v = l->from->environment; v && *v; v++)
        if (strncmp(*v, name, len) == 0 && (*v)[len] == '=')
            return *v + len + 1;
    return NULL;
}

/* The last --config of the command line, before anything else is known: exactly that word, and the
 * next one unless it begins with a dash. NULL: there is none; "" it has no argument. */
static const char *config_on_command_line(const struct load *l) {
    const char *found = NULL;
    for (int i = 0; i < l->from->argc; i++) {
        const char *word = l->from->argv[i];
        if (strcmp(word, "--config") != 0 && strcmp(word, "-config") != 0)
            continue;
        found = i + 1 < l->from->argc && l->from->argv[i + 1][0] != '-' ? l->from->argv[i + 1] : "";
    }
    return found;
}

/* What follows a name on its line is its value, whatever it begins with. */
static void join_value(struct base_arena *arena, struct swaks_words *words) {
    const char *both = base_arena_printf(arena, "%s=%s", words->items[0], words->items[1]);
    *words = (struct swaks_words){0};
    swaks_words_add(words, arena, both);
}

/* The options of a configuration; in waxseal send's manner line by line, so that a mistake has its
 * number. */
static void add_text(struct load *l, struct base_bytes text, const char *name, const char *where) {
    struct base_arena *arena = l->args->arena;
    bool by_line = l->args->manner == SWAKS_MANNER_WAXSEAL;
    for (unsigned number = 1; text.len > 0 && l->good; number++) {
        size_t end = by_line ? base_bytes_find(text, '\n') + 1 : text.len;
        struct swaks_words words = {0};
        swaks_layers_split(arena, base_bytes_slice(text, 0, end), &words);
        if (by_line && words.count == 2)
            join_value(arena, &words);
        add_layer(l, &words, by_line ? base_arena_printf(arena, "%s:%u", name, number) : where);
        text = base_bytes_slice(text, end, text.len);
    }
}

/* Reads the file if it is there. */
static bool add_config_file(struct load *l, const char *path) {
    struct base_arena *arena = l->args->arena;
    struct base_bytes text;
    if (!base_file_read(arena, path, CONFIG_MAX, &text))
        return false;
    add_text(l, text, path, base_arena_printf(arena, "Config file %s", path));
    return true;
}

static void add_default_config(struct load *l) {
    static const char *const homes[] = {"SWAKS_HOME", "HOME", "LOGDIR"};
    for (size_t i = 0; i < sizeof homes / sizeof *homes; i++) {
        const char *home = variable(l, homes[i]);
        if (home && *home &&
            add_config_file(l, base_arena_printf(l->args->arena, "%s/.swaksrc", home)))
            return;
    }
}

static void add_named_config(struct load *l, const char *path) {
    if (add_config_file(l, path))
        return;
    swaks_mistake_line(SWAKS_MISTAKE_CONFIG, l->args->manner, path, strerror(errno), l->complaints);
    l->good = false;
}

/* Where an ELF file of 64 bits ends by its own account: behind the table of sections, which linkers
 * put last. 0: not such a file. */
static uint64_t elf_end(int fd) {
    Elf64_Ehdr head;
    if (pread(fd, &head, sizeof head, 0) != (ssize_t)sizeof head ||
        strncmp((const char *)head.e_ident, ELFMAG, SELFMAG) != 0 ||
        head.e_ident[EI_CLASS] != ELFCLASS64)
        return 0;
    return head.e_shoff + (uint64_t)head.e_shentsize * head.e_shnum;
}

bool swaks_layers_tail(struct base_arena *arena, const char *path, size_t max,
                       struct base_bytes *out) {
    struct stat st;
    bool good = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    uint64_t end = elf_end(fd);
    if (end > 0 && fstat(fd, &st) == 0 && (uint64_t)st.st_size > end &&
        lseek(fd, (off_t)end, SEEK_SET) == (off_t)end)
        good = base_file_read_fd(arena, fd, max, out);
    close(fd);
    return good;
}

/* What stands behind the program file's own bytes, from a line "__END__" on. */
static void add_tail(struct load *l) {
    struct base_bytes tail;
    if (!l->from->program_file ||
        !swaks_layers_tail(l->args->arena, l->from->program_file, CONFIG_MAX, &tail))
        return;
    size_t at = base_bytes_find_str(tail, "__END__\n");
    if (at >= tail.len || (at > 0 && tail.data[at - 1] != '\n'))
        return;
    add_text(l, base_bytes_slice(tail, at + 8, tail.len), "__END__", "program file");
}

static int by_name(const void *a, const void *b) {
    const char *x = *(const char *const *)a, *y = *(const char *const *)b;
    while (*x == *y && *x != '=')
        x++, y++;
    return (*x == '=' ? 0 : (unsigned char)*x) - (*y == '=' ? 0 : (unsigned char)*y);
}

/* The word "--name" of a variable "SWAKS_OPT_name=value". */
static const char *option_of_variable(struct base_arena *arena, const char *setting) {
    const char *name = setting + strlen(ENVIRONMENT_PREFIX);
    struct base_buf word;
    base_buf_init(&word, 4096);
    base_buf_append_str(&word, "--");
    for (; *name && *name != '='; name++)
        base_buf_append_byte(&word, *name == '_' ? '-' : (uint8_t)*name);
    const char *text = base_arena_str(arena, base_buf_cstr(&word));
    base_buf_release(&word);
    return text;
}

static const char *name_of_variable(struct base_arena *arena, const char *setting) {
    return base_arena_str_bytes(arena, base_bytes_view(setting, strcspn(setting, "=")));
}

static void add_environment(struct load *l) {
    struct base_arena *arena = l->args->arena;
    struct swaks_words settings = {0}, words = {0};
    for (char *const *v = l->from->environment; v && *v; v++)
        if (strncmp(*v, ENVIRONMENT_PREFIX, strlen(ENVIRONMENT_PREFIX)) == 0 && strchr(*v, '='))
            swaks_words_add(&settings, arena, *v);
    if (settings.count > 1)
        qsort(settings.items, settings.count, sizeof *settings.items, by_name);
    for (size_t i = 0; i < settings.count; i++) {
        const char *value = strchr(settings.items[i], '=') + 1;
        swaks_words_add(&words, arena, option_of_variable(arena, settings.items[i]));
        if (*value)
            swaks_words_add(&words, arena, value);
        else if (words.count > 0)
            end_without_value(arena, &words);
        if (l->args->manner == SWAKS_MANNER_SWAKS)
            continue;
        add_layer(l, &words, name_of_variable(arena, settings.items[i]));
        words = (struct swaks_words){0};
    }
    add_layer(l, &words, "environment");
}

bool swaks_layers_load(const struct swaks_sources *from, struct swaks_args *args,
                       struct base_buf *complaints) {
    struct load l = {.from = from, .args = args, .complaints = complaints, .good = true};
    struct swaks_words words = {0};
    const char *config = config_on_command_line(&l);
    if (!config)
        config = variable(&l, ENVIRONMENT_PREFIX "config");
    if (!config || *config)
        add_tail(&l);
    if (l.good && config && *config)
        add_named_config(&l, config);
    else if (l.good && !config)
        add_default_config(&l);
    add_environment(&l);
    for (int i = 0; i < from->argc; i++)
        swaks_words_add(&words, args->arena, from->argv[i]);
    add_layer(&l, &words, "command line");
    return l.good && !args->arena->failed;
}
