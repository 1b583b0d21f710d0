/* SPDX-License-Identifier: Apache-2.0 */
/* args - reads option words the way swaks does, with the rules of Perl's Getopt::Long.
 *
 * One dash, two dashes and a plus begin an option; case counts; a unique abbreviation will do,
 * where several spellings of one option count as one; options and other words may be mixed; "--"
 * ends the options. swaks' own spellings come first, so that none of ours makes an abbreviation
 * ambiguous that swaks' users type.
 */
#include "swaks/args.h"

#include "base/bytes.h"
#include "swaks/mistake.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LEN 64
#define SPELLINGS_MAX 512

/* One way to write an option. */
struct spelling {
    char text[NAME_MAX_LEN];
    enum swaks_option_id option;
    bool negated;
};

struct spellings {
    struct spelling items[SPELLINGS_MAX];
    size_t count;
};

void swaks_words_add(struct swaks_words *w, struct base_arena *arena, const char *word) {
    const char **slot = base_arena_append(arena, &w->items, &w->count, &w->cap, sizeof *w->items);
    if (slot)
        *slot = word;
}

void swaks_args_init(struct swaks_args *a, struct base_arena *arena, enum swaks_manner manner) {
    *a = (struct swaks_args){.arena = arena, .manner = manner};
}

static void take_out(struct swaks_args *a, size_t i) {
    for (size_t k = i + 1; k < a->count; k++)
        a->given[k - 1] = a->given[k];
    a->count--;
}

void swaks_args_unset(struct swaks_args *a, enum swaks_option_id id) {
    for (size_t i = a->count; i-- > 0;)
        if (a->given[i].option == id)
            take_out(a, i);
}

/* As if it had been given so; `value` is copied. */
static void set(struct swaks_args *a, enum swaks_option_id id, const char *value) {
    if (!swaks_option_at(id)->list)
        swaks_args_unset(a, id);
    struct swaks_given *g =
        base_arena_append(a->arena, &a->given, &a->count, &a->cap, sizeof *a->given);
    if (g)
        *g = (struct swaks_given){.option = id, .value = base_arena_str(a->arena, value)};
}

const char *swaks_args_value(const struct swaks_args *a, enum swaks_option_id id) {
    for (size_t i = 0; i < a->count; i++)
        if (a->given[i].option == id)
            return a->given[i].value;
    return NULL;
}

bool swaks_args_given(const struct swaks_args *a, enum swaks_option_id id) {
    return swaks_args_value(a, id) != NULL;
}

/* --- spellings --- */

static void spell(struct spellings *s, const char *prefix, struct base_bytes name,
                  enum swaks_option_id id) {
    size_t lead = strlen(prefix);
    if (s->count == SPELLINGS_MAX || lead + name.len >= NAME_MAX_LEN)
        return;
    struct spelling *one = &s->items[s->count++];
    *one = (struct spelling){.option = id, .negated = lead > 0};
    base_bytes_copy(one->text, lead, base_bytes_of_str(prefix));
    base_bytes_copy(one->text + lead, name.len, name);
}

/* All spellings of the options in [from, to), and their negations. */
static void spell_all(struct spellings *s, int from, int to) {
    s->count = 0;
    for (int id = from; id < to; id++) {
        const char *names = swaks_option_at((enum swaks_option_id)id)->names;
        while (*names) {
            struct base_bytes name = base_bytes_view(names, strcspn(names, " "));
            spell(s, "", name, (enum swaks_option_id)id);
            spell(s, "no-", name, (enum swaks_option_id)id);
            names += name.len;
            names += strspn(names, " ");
        }
    }
}

static int by_text(const void *a, const void *b) {
    const struct spelling *x = a, *y = b;
    return strcmp(x->text, y->text);
}

/* Keeps the spellings that begin with `typed`, sorted; the exact one alone if there is one. */
static void narrow(struct spellings *s, const char *typed) {
    size_t kept = 0, len = strlen(typed);
    for (size_t i = 0; i < s->count; i++) {
        if (strcmp(s->items[i].text, typed) == 0) {
            s->items[0] = s->items[i];
            s->count = 1;
            return;
        }
        if (strncmp(s->items[i].text, typed, len) == 0)
            s->items[kept++] = s->items[i];
    }
    s->count = kept;
    qsort(s->items, kept, sizeof *s->items, by_text);
}

static bool all_the_same(const struct spellings *s) {
    for (size_t i = 1; i < s->count; i++)
        if (s->items[i].option != s->items[0].option || s->items[i].negated != s->items[0].negated)
            return false;
    return true;
}

static void complain_ambiguous(const struct swaks_args *a, const struct spellings *s,
                               const char *typed, struct base_buf *out) {
    const char *dashes = a->manner == SWAKS_MANNER_WAXSEAL ? "--" : "";
    struct base_buf list;
    base_buf_init(&list, SPELLINGS_MAX * (NAME_MAX_LEN + 4));
    for (size_t i = 0; i < s->count; i++)
        base_buf_printf(&list, "%s%s%s", i ? ", " : "", dashes, s->items[i].text);
    swaks_mistake_line(SWAKS_MISTAKE_AMBIGUOUS, a->manner, typed, base_buf_cstr(&list), out);
    base_buf_release(&list);
}

/* Letters to change, leave out or put in to get from one word to the other, at most `most`. */
static unsigned distance(const char *a, const char *b, unsigned most) {
    unsigned row[NAME_MAX_LEN];
    size_t len = strlen(b);
    if (len >= NAME_MAX_LEN)
        return most;
    for (size_t k = 0; k <= len; k++)
        row[k] = (unsigned)k;
    for (unsigned i = 1; *a; a++, i++) {
        unsigned corner = row[0];
        row[0] = i;
        for (size_t k = 1; k <= len; k++) {
            unsigned change = corner + (*a != b[k - 1]);
            corner = row[k];
            unsigned drop = (row[k] < row[k - 1] ? row[k] : row[k - 1]) + 1;
            row[k] = change < drop ? change : drop;
        }
    }
    return row[len] < most ? row[len] : most;
}

static void complain_unknown(const struct swaks_args *a, const char *typed, struct base_buf *out) {
    struct spellings s;
    unsigned best = strlen(typed) < 4 ? 2 : 3;
    const char *nearest = NULL;
    spell_all(&s, 0, SWAKS_OPT_COUNT);
    for (size_t i = 0; i < s.count && strlen(typed) > 1; i++) {
        unsigned d = distance(typed, s.items[i].text, best);
        if (d < best) {
            best = d;
            nearest = s.items[i].text;
        }
    }
    swaks_mistake_line(nearest ? SWAKS_MISTAKE_SIMILAR : SWAKS_MISTAKE_UNKNOWN, a->manner, typed,
                       nearest, out);
}

static const char *canonical(struct base_arena *arena, const struct spelling *s) {
    size_t len;
    const char *name = swaks_option_name(s->option, &len);
    return base_arena_printf(arena, "%s%.*s", s->negated ? "no-" : "", (int)len, name);
}

enum swaks_option_id swaks_args_find(const struct swaks_args *a, const char *spelling,
                                     bool *negated, const char **shown,
                                     struct base_buf *complaints) {
    struct spellings s;
    spell_all(&s, 0, SWAKS_OPT_FIRST_OURS);
    narrow(&s, spelling);
    if (s.count == 0) {
        spell_all(&s, SWAKS_OPT_FIRST_OURS, SWAKS_OPT_COUNT);
        narrow(&s, spelling);
    }
    if (s.count == 0 || !*spelling) {
        complain_unknown(a, spelling, complaints);
        return SWAKS_OPT_COUNT;
    }
    if (!all_the_same(&s)) {
        complain_ambiguous(a, &s, spelling, complaints);
        return SWAKS_OPT_COUNT;
    }
    *negated = s.items[0].negated;
    *shown =
        s.count == 1 ? base_arena_str(a->arena, s.items[0].text) : canonical(a->arena, &s.items[0]);
    return s.items[0].option;
}

/* --- words --- */

/* Length of what begins an option: 0 when the word is none. A dash alone is none. */
static size_t option_prefix(const char *word) {
    if (word[0] == '-' && word[1] == '-')
        return 2;
    if ((word[0] == '-' && word[1]) || word[0] == '+')
        return 1;
    return 0;
}

/* What the next word may be taken for when a value is optional. */
static bool looks_like_option(const char *word) {
    if (strcmp(word, "--") == 0)
        return true;
    size_t prefix = option_prefix(word);
    return prefix > 0 && word[prefix];
}

static bool is_number(const char *s) {
    if (*s == '-' || *s == '+')
        s++;
    return *s && s[strspn(s, "0123456789")] == '\0';
}

/* Where parsing stands. */
struct walk {
    struct swaks_args *args;
    const struct swaks_words *words;
    size_t next;
    struct swaks_words *left;
    struct base_buf *complaints;
    bool good;
};

static const char *peek(const struct walk *w) {
    return w->next < w->words->count ? w->words->items[w->next] : NULL;
}

/* The value of an option whose own word had `attached` behind a "=" (NULL: none). False: one is
 * missing. */
static bool take_value(struct walk *w, enum swaks_arg kind, const char *attached,
                       const char **value) {
    const char *word = attached ? attached : peek(w);
    if (!word || (attached && !*attached)) {
        *value = "";
        return kind != SWAKS_ARG_REQUIRED;
    }
    bool fits = attached || kind == SWAKS_ARG_REQUIRED || !looks_like_option(word);
    if (kind == SWAKS_ARG_NUMBER)
        fits = is_number(word);
    *value = fits ? word : "";
    if (fits && !attached)
        w->next++;
    return true;
}

static void take_option(struct walk *w, const char *text) {
    struct base_arena *arena = w->args->arena;
    const char *equals = text[0] ? strchr(text + 1, '=') : NULL;
    const char *name =
        equals ? base_arena_str_bytes(arena, base_bytes_view(text, (size_t)(equals - text))) : text;
    bool negated = false;
    const char *shown = "", *value = "";
    enum swaks_option_id id = swaks_args_find(w->args, name, &negated, &shown, w->complaints);
    if (id == SWAKS_OPT_COUNT) {
        w->good = false;
        return;
    }
    enum swaks_arg kind = negated ? SWAKS_ARG_NONE : swaks_option_at(id)->arg;
    if (kind == SWAKS_ARG_NONE && equals) {
        swaks_mistake_line(SWAKS_MISTAKE_NO_ARGUMENT, w->args->manner, shown, NULL, w->complaints);
        w->good = false;
    } else if (negated) {
        swaks_args_unset(w->args, id);
        w->args->refused[id] = true;
    } else if (kind != SWAKS_ARG_NONE && !take_value(w, kind, equals ? equals + 1 : NULL, &value)) {
        swaks_mistake_line(SWAKS_MISTAKE_ARGUMENT, w->args->manner, shown,
                           swaks_option_at(id)->value, w->complaints);
        w->good = false;
    } else {
        set(w->args, id, value);
    }
}

bool swaks_args_parse(struct swaks_args *a, const struct swaks_words *words,
                      struct swaks_words *left, struct base_buf *complaints) {
    struct walk w = {
        .args = a, .words = words, .left = left, .complaints = complaints, .good = true};
    bool ended = false;
    while (w.next < words->count) {
        const char *word = words->items[w.next++];
        size_t prefix = ended ? 0 : option_prefix(word);
        if (prefix == 2 && !word[2])
            ended = true;
        else if (prefix > 0)
            take_option(&w, word + prefix);
        else
            swaks_words_add(left, a->arena, word);
    }
    return w.good;
}
