/* SPDX-License-Identifier: Apache-2.0 */
/* netrc - user names and passwords from ~/.netrc.
 *
 * Words separated by white space; a word may be quoted, a backslash protects a character. A macro
 * (macdef) lasts to the next empty line and is passed over.
 */
#include "swaks/process_private.h"

#include "base/buf.h"
#include "base/bytes.h"

#include <string.h>

#define WORD_MAX_LEN 65536

struct netrc {
    struct base_arena *arena;
    struct base_bytes rest;
};

static bool is_blank(uint8_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip(struct netrc *n, size_t count) {
    n->rest = base_bytes_slice(n->rest, count, n->rest.len);
}

/* The next word; NULL at the end. */
static const char *next_word(struct netrc *n) {
    struct base_buf word;
    while (n->rest.len > 0 && is_blank(n->rest.data[0]))
        skip(n, 1);
    if (n->rest.len == 0)
        return NULL;
    bool quoted = n->rest.data[0] == '"';
    if (quoted)
        skip(n, 1);
    base_buf_init(&word, WORD_MAX_LEN);
    while (n->rest.len > 0 && (quoted ? n->rest.data[0] != '"' : !is_blank(n->rest.data[0]))) {
        if (n->rest.data[0] == '\\' && n->rest.len > 1)
            skip(n, 1);
        base_buf_append_byte(&word, n->rest.data[0]);
        skip(n, 1);
    }
    if (quoted)
        skip(n, 1);
    const char *text = base_arena_str(n->arena, base_buf_cstr(&word));
    base_buf_release(&word);
    return text;
}

static void skip_macro(struct netrc *n) {
    size_t end = base_bytes_find_str(n->rest, "\n\n");
    skip(n, end < n->rest.len ? end + 2 : end);
}

/* One entry; `machine` is NULL for "default". */
struct entry {
    bool begun;
    const char *machine, *login, *password;
};

static bool fits(const struct entry *e, const char *machine, const char *login) {
    if (!e->begun || (e->machine && strcmp(e->machine, machine) != 0))
        return false;
    return !login || (e->login && strcmp(e->login, login) == 0);
}

/* Reads one entry. `word` is the word that begins it and becomes the one that begins the next. */
static struct entry read_entry(struct netrc *n, const char **word) {
    struct entry e = {0};
    for (; *word; *word = next_word(n)) {
        bool machine = strcmp(*word, "machine") == 0, other = strcmp(*word, "default") == 0;
        if ((machine || other) && e.begun)
            break;
        const char *name = machine ? next_word(n) : NULL;
        if (machine)
            e.machine = name ? name : "";
        else if (strcmp(*word, "login") == 0)
            e.login = next_word(n);
        else if (strcmp(*word, "password") == 0)
            e.password = next_word(n);
        else if (strcmp(*word, "account") == 0)
            next_word(n);
        else if (strcmp(*word, "macdef") == 0)
            skip_macro(n);
        e.begun |= machine || other;
    }
    return e;
}

bool swaks_netrc_find(struct base_arena *arena, struct base_bytes text, const char *machine,
                      const char *login, const char **found_login, const char **found_password) {
    struct netrc n = {.arena = arena, .rest = text};
    const char *word = next_word(&n);
    while (word) {
        struct entry e = read_entry(&n, &word);
        if (!fits(&e, machine, login))
            continue;
        *found_login = e.login;
        *found_password = e.password;
        return true;
    }
    return false;
}
