/* SPDX-License-Identifier: Apache-2.0 */
/* base_option - reads a command line against one table.
 *
 * A word with one or two dashes is first looked up as a long option, whole, then as a unique prefix
 * of one; with one dash it may also be a run of letters. Errors name the option and the remedy. */
#include "base/option.h"

#include "base/clock.h"

#include <stdint.h>
#include <string.h>

struct parser {
    const struct base_option *table;
    uint8_t *values;
    int argc;
    char *const *argv;
    int at;
    struct base_error *error;
};

static bool takes_argument(const struct base_option *o) {
    if (o->kind == BASE_OPTION_PAIR)
        return o->arg != NULL;
    return o->kind != BASE_OPTION_FLAG && o->kind != BASE_OPTION_CLEAR &&
           o->kind != BASE_OPTION_COUNT && o->kind != BASE_OPTION_HEADING &&
           o->kind != BASE_OPTION_REFUSED;
}

/* --- finding the row --- */

static bool has_alias(const struct base_option *o, struct base_bytes name) {
    struct base_bytes rest = base_bytes_of_str(o->aliases);
    while (rest.len > 0) {
        size_t end = base_bytes_find(rest, ' ');
        if (base_bytes_equal(base_bytes_slice(rest, 0, end), name))
            return true;
        rest = base_bytes_slice(rest, end + 1, rest.len);
    }
    return false;
}

static const struct base_option *find_whole(const struct base_option *table,
                                            struct base_bytes name) {
    for (; table->kind != BASE_OPTION_END; table++)
        if (table->name && (base_bytes_equal_str(name, table->name) || has_alias(table, name)))
            return table;
    return NULL;
}

/* The only row that begins like this; *many is set when there are several. */
static const struct base_option *find_prefix(const struct base_option *table,
                                             struct base_bytes name, bool *many) {
    const struct base_option *found = NULL;
    *many = false;
    for (; name.len > 1 && table->kind != BASE_OPTION_END; table++) {
        if (!table->name || table->kind == BASE_OPTION_REFUSED || strlen(table->name) <= name.len ||
            !base_bytes_equal(base_bytes_slice(base_bytes_of_str(table->name), 0, name.len), name))
            continue;
        *many = found != NULL;
        if (*many)
            return NULL;
        found = table;
    }
    return found;
}

static const struct base_option *find_letter(const struct base_option *table, char letter) {
    for (; table->kind != BASE_OPTION_END; table++)
        if (table->letter && table->letter == letter)
            return table;
    return NULL;
}

/* Edit distance of two short words, cut off at lengths no option has. */
static size_t distance(struct base_bytes a, struct base_bytes b) {
    enum { MOST = 32 };
    size_t row[MOST + 1];
    if (a.len > MOST || b.len > MOST)
        return MOST;
    for (size_t k = 0; k <= b.len; k++)
        row[k] = k;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t k = 1; k <= b.len; k++) {
            size_t change = diagonal + (a.data[i - 1] != b.data[k - 1]);
            diagonal = row[k];
            size_t best = row[k - 1] + 1 < row[k] + 1 ? row[k - 1] + 1 : row[k] + 1;
            row[k] = change < best ? change : best;
        }
    }
    return row[b.len];
}

static const char *nearest_name(const struct base_option *table, struct base_bytes name) {
    const char *nearest = NULL;
    size_t best = 3;
    for (; table->kind != BASE_OPTION_END; table++) {
        if (!table->name || table->kind == BASE_OPTION_REFUSED)
            continue;
        size_t d = distance(name, base_bytes_of_str(table->name));
        if (d < best && d < name.len) {
            best = d;
            nearest = table->name;
        }
    }
    return nearest;
}

/* --- reading values --- */

static enum ws_err wrong_value(struct parser *p, const struct base_option *o, const char *value,
                               const char *remedy) {
    return base_error_set(p->error, WS_USAGE, "--%s: '%s' %s", o->name, value, remedy);
}

static enum ws_err set_uint(struct parser *p, const struct base_option *o, const char *value) {
    uint64_t v = 0;
    unsigned *out = (void *)(p->values + o->offset);
    if (!base_bytes_to_uint(base_bytes_of_str(value), UINT32_MAX, &v) || v < o->min || v > o->max)
        return base_error_set(p->error, WS_USAGE, "--%s: '%s' is not a number from %u to %u",
                              o->name, value, o->min, o->max);
    *out = (unsigned)v;
    return WS_OK;
}

/* Microseconds of one unit; 0 for a suffix that is none. */
static base_usec unit_of(struct base_bytes suffix) {
    if (suffix.len == 0 || base_bytes_equal_str(suffix, "s"))
        return BASE_SECOND;
    if (base_bytes_equal_str(suffix, "ms"))
        return BASE_MSEC;
    if (base_bytes_equal_str(suffix, "m"))
        return 60 * BASE_SECOND;
    if (base_bytes_equal_str(suffix, "h"))
        return 3600 * BASE_SECOND;
    return 0;
}

static size_t digits_at(struct base_bytes b, size_t from) {
    size_t n = 0;
    while (from + n < b.len && base_ascii_is_digit(b.data[from + n]))
        n++;
    return n;
}

/* "5", "0.5", "500ms", "2m", "1h"; at most six decimals. */
static bool parse_time(struct base_bytes b, base_usec *out) {
    static const base_usec powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    uint64_t whole = 0, part = 0;
    size_t n = digits_at(b, 0), decimals = 0;
    if (!base_bytes_to_uint(base_bytes_slice(b, 0, n), 100000000, &whole))
        return false;
    if (n < b.len && b.data[n] == '.') {
        decimals = digits_at(b, n + 1);
        if (decimals > 6 ||
            !base_bytes_to_uint(base_bytes_slice(b, n + 1, decimals), 999999, &part))
            return false;
        n += 1 + decimals;
    }
    base_usec unit = unit_of(base_bytes_slice(b, n, b.len));
    *out = whole * unit + part * unit / powers[decimals];
    return unit != 0;
}

static enum ws_err set_seconds(struct parser *p, const struct base_option *o, const char *value) {
    base_usec v = 0, *out = (void *)(p->values + o->offset);
    if (!parse_time(base_bytes_of_str(value), &v))
        return wrong_value(p, o, value, "is not a time; write 5, 0.5, 500ms, 2m or 1h");
    if (v < o->min * BASE_SECOND || v > o->max * BASE_SECOND)
        return base_error_set(p->error, WS_USAGE, "--%s: '%s' is not between %u and %u seconds",
                              o->name, value, o->min, o->max);
    *out = v;
    return WS_OK;
}

static enum ws_err set_choice(struct parser *p, const struct base_option *o, const char *value) {
    struct base_buf remedy;
    int *out = (void *)(p->values + o->offset);
    for (int i = 0; o->choices[i]; i++)
        if (strcmp(o->choices[i], value) == 0) {
            *out = i;
            return WS_OK;
        }
    base_buf_init(&remedy, 1024);
    base_buf_append_str(&remedy, "is not one of");
    for (int i = 0; o->choices[i]; i++)
        base_buf_printf(&remedy, "%s %s", i ? "," : "", o->choices[i]);
    enum ws_err err = wrong_value(p, o, value, base_buf_cstr(&remedy));
    base_buf_release(&remedy);
    return err;
}

static enum ws_err add_to_list(struct parser *p, const struct base_option *o, const char *value) {
    struct base_option_list *list = (void *)(p->values + o->offset);
    if (list->count == BASE_OPTION_LIST_MAX)
        return base_error_set(p->error, WS_USAGE, "--%s may be given at most %d times", o->name,
                              BASE_OPTION_LIST_MAX);
    list->items[list->count++] = value;
    return WS_OK;
}

static enum ws_err add_pair(struct parser *p, const struct base_option *o, const char *value) {
    struct base_option_pairs *pairs = (void *)(p->values + o->offset);
    if (pairs->count == BASE_OPTION_PAIRS_MAX)
        return base_error_set(p->error, WS_USAGE, "--%s: more than %d such options", o->name,
                              BASE_OPTION_PAIRS_MAX);
    pairs->items[pairs->count++] = (struct base_option_pair){o->name, value};
    return WS_OK;
}

static enum ws_err set_value(struct parser *p, const struct base_option *o, const char *value) {
    void *out = p->values + o->offset;
    switch (o->kind) {
    case BASE_OPTION_FLAG:
        *(bool *)out = true;
        return WS_OK;
    case BASE_OPTION_CLEAR:
        *(bool *)out = false;
        return WS_OK;
    case BASE_OPTION_COUNT:
        ++*(unsigned *)out;
        return WS_OK;
    case BASE_OPTION_STRING:
        *(const char **)out = value;
        return WS_OK;
    case BASE_OPTION_UINT:
        return set_uint(p, o, value);
    case BASE_OPTION_SECONDS:
        return set_seconds(p, o, value);
    case BASE_OPTION_CHOICE:
        return set_choice(p, o, value);
    case BASE_OPTION_LIST:
        return add_to_list(p, o, value);
    case BASE_OPTION_PAIR:
        return add_pair(p, o, value);
    case BASE_OPTION_REFUSED:
        return base_error_set(p->error, WS_USAGE, "--%s is not taken: %s", o->name, o->help);
    case BASE_OPTION_END:
    case BASE_OPTION_HEADING:
        break;
    }
    return base_error_set(p->error, WS_INTERNAL, "--%s: no such kind of option", o->name);
}

/* --- words of the command line --- */

/* `value` is what followed "=", or NULL: then the next word is the argument. */
static enum ws_err apply(struct parser *p, const struct base_option *o, const char *value) {
    if (!takes_argument(o)) {
        if (value && o->kind != BASE_OPTION_REFUSED)
            return base_error_set(p->error, WS_USAGE, "--%s takes no value; leave out '=%s'",
                                  o->name, value);
        return set_value(p, o, NULL);
    }
    if (!value) {
        if (p->at + 1 >= p->argc)
            return base_error_set(p->error, WS_USAGE, "--%s needs an argument: --%s %s", o->name,
                                  o->name, o->arg);
        value = p->argv[++p->at];
    }
    return set_value(p, o, value);
}

/* "-4v", "-p25": letters until one takes an argument. */
static enum ws_err apply_letters(struct parser *p, const char *word) {
    for (const char *c = word + 1; *c; c++) {
        const struct base_option *o = find_letter(p->table, *c);
        if (!o)
            return WS_SYNTAX;
        if (takes_argument(o))
            return apply(p, o, c[1] == '=' ? c + 2 : c[1] ? c + 1 : NULL);
        enum ws_err err = apply(p, o, NULL);
        if (err != WS_OK)
            return err;
    }
    return WS_OK;
}

/* All letters of the word are options, up to the first that takes an argument. */
static bool are_letters(const struct base_option *table, const char *word) {
    for (const char *c = word + 1; *c; c++) {
        const struct base_option *o = find_letter(table, *c);
        if (!o)
            return false;
        if (takes_argument(o))
            return true;
    }
    return word[1] != 0;
}

static enum ws_err unknown_option(struct parser *p, const char *word, struct base_bytes name,
                                  bool many) {
    const char *nearest = nearest_name(p->table, name);
    if (many)
        return base_error_set(p->error, WS_USAGE,
                              "%s: several options begin like this; write it out", word);
    if (nearest)
        return base_error_set(p->error, WS_USAGE, "unknown option %s; did you mean --%s?", word,
                              nearest);
    return base_error_set(p->error, WS_USAGE, "unknown option %s", word);
}

static enum ws_err parse_word(struct parser *p, const char *word) {
    bool two = word[1] == '-', many = false;
    struct base_bytes name = base_bytes_of_str(word + (two ? 2 : 1));
    size_t equals = base_bytes_find(name, '=');
    const char *value = equals < name.len ? (const char *)name.data + equals + 1 : NULL;
    name = base_bytes_slice(name, 0, equals);

    const struct base_option *o = name.len > 1 || two ? find_whole(p->table, name) : NULL;
    if (o)
        return apply(p, o, value);
    if (!two && are_letters(p->table, word))
        return apply_letters(p, word);
    o = find_prefix(p->table, name, &many);
    if (o)
        return apply(p, o, value);
    return unknown_option(p, word, name, many);
}

enum ws_err base_option_parse(const struct base_option *table, void *values, int argc,
                              char *const *argv, const char **operands, size_t operands_max,
                              size_t *operand_count, struct base_error *e) {
    struct parser p = {table, values, argc, argv, 0, e};
    bool options_over = false;
    *operand_count = 0;
    for (; p.at < argc; p.at++) {
        const char *word = argv[p.at];
        if (!options_over && strcmp(word, "--") == 0) {
            options_over = true;
            continue;
        }
        if (!options_over && word[0] == '-' && word[1]) {
            enum ws_err err = parse_word(&p, word);
            if (err != WS_OK)
                return err;
            continue;
        }
        if (*operand_count == operands_max)
            return operands_max == 0
                       ? base_error_set(e, WS_USAGE, "this command takes no operand: '%s'", word)
                       : base_error_set(e, WS_USAGE, "more than %zu operands; split the list",
                                        operands_max);
        operands[(*operand_count)++] = word;
    }
    return WS_OK;
}
