/* SPDX-License-Identifier: Apache-2.0 */
/* talk_complete - words for the Tab key.
 *
 * Commands of the protocol; behind them what the server offered: login mechanisms, parameters of
 * MAIL and RCPT. A command that stands for an extension is a word only when the server offers it,
 * or when nobody asked what it offers. What a server offers is hostile text: a keyword is a word
 * only when it is printable ASCII without blanks. */
#include "talk/complete.h"

#include "talk/dot.h"

#include <string.h>

#define ARENA_MAX ((size_t)1 << 20)
#define WORD_MAX 64u

void talk_completion_init(struct talk_completion *c) {
    c->count = c->from = 0;
    base_arena_init(&c->arena, ARENA_MAX);
}

void talk_completion_release(struct talk_completion *c) {
    base_arena_release(&c->arena);
}

/* --- collecting --- */

/* Does `word` begin with `start`, and go on? */
static bool begins(struct base_bytes start, const char *word) {
    if (strlen(word) == start.len)
        return false;
    for (size_t i = 0; i < start.len; i++)
        if (!word[i] || base_ascii_lower((uint8_t)word[i]) != base_ascii_lower(start.data[i]))
            return false;
    return true;
}

static void add(struct talk_completion *c, struct base_bytes start, const char *word) {
    if (c->count == TALK_WORDS_MAX || !begins(start, word))
        return;
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->words[i], word) == 0)
            return;
    c->words[c->count++] = word;
}

static bool may(const struct talk_offers *offers, const char *needs) {
    return !needs || !talk_offers_list(offers) || talk_offers_find(offers, needs);
}

static bool is_word(struct base_bytes b) {
    for (size_t i = 0; i < b.len; i++)
        if (b.data[i] <= ' ' || b.data[i] > '~' || b.data[i] == '"')
            return false;
    return b.len > 0 && b.len <= WORD_MAX;
}

/* --- commands --- */

static void add_verbs(struct talk_completion *c, enum facts_protocol protocol,
                      const struct talk_offers *offers, struct base_bytes start) {
    size_t count;
    const struct talk_verb *v = talk_verbs(&count);
    for (size_t i = 0; i < count; i++)
        if ((v[i].protocols & TALK_IN(protocol)) && may(offers, v[i].needs))
            add(c, start, base_arena_printf(&c->arena, "%s%s", v[i].name, v[i].rest));
}

static void add_dot_commands(struct talk_completion *c, struct base_bytes start) {
    size_t count;
    const struct talk_dot_command *d = talk_dot_commands(&count);
    for (size_t i = 0; i < count; i++)
        add(c, start, base_arena_printf(&c->arena, ".%s", d[i].name));
}

/* --- what stands behind commands --- */

static void add_list(struct talk_completion *c, struct base_bytes start, const char *list,
                     const char *quote) {
    struct base_bytes rest = base_bytes_of_str(list), word;
    while (talk_offers_word(&rest, &word))
        if (is_word(word))
            add(c, start,
                base_arena_printf(&c->arena, "%s%.*s%s", quote, (int)word.len,
                                  (const char *)word.data, quote));
}

/* IMAP lists its mechanisms one by one: "AUTH=PLAIN". */
static void add_imap_mechanisms(struct talk_completion *c, const struct talk_offers *offers,
                                struct base_bytes start) {
    const struct facts_ehlo *list = talk_offers_list(offers);
    for (size_t i = 0; list && i < list->keyword_count; i++) {
        const char *name = list->keywords[i].params;
        if (strcmp(list->keywords[i].name, "AUTH") == 0 && is_word(base_bytes_of_str(name)))
            add(c, start, name);
    }
}

static void add_mechanisms(struct talk_completion *c, enum facts_protocol protocol,
                           const struct talk_offers *offers, struct base_bytes start) {
    if (protocol == FACTS_PROTOCOL_IMAP)
        add_imap_mechanisms(c, offers, start);
    else if (protocol == FACTS_PROTOCOL_SMTP || protocol == FACTS_PROTOCOL_LMTP)
        add_list(c, start, talk_offers_find(offers, "AUTH"), "");
    else
        add_list(c, start, talk_offers_find(offers, "SASL"),
                 protocol == FACTS_PROTOCOL_SIEVE ? "\"" : "");
}

static void add_parameters(struct talk_completion *c, const struct talk_offers *offers,
                           const struct talk_verb *verb, struct base_bytes start) {
    size_t count;
    const struct talk_parameter *p = talk_parameters(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(p[i].verb, verb->name) == 0 && talk_offers_list(offers) &&
            may(offers, p[i].needs))
            add(c, start, p[i].text);
}

/* The word at the end of the line, behind `verb`. */
static void add_arguments(struct talk_completion *c, enum facts_protocol protocol,
                          const struct talk_offers *offers, const char *helo,
                          const struct talk_verb *verb, struct base_bytes start) {
    if (verb->follow == TALK_FOLLOW_CHALLENGE && verb->secret)
        add_mechanisms(c, protocol, offers, start);
    else if (verb->follow == TALK_FOLLOW_HELLO && verb->rest[0] == ' ' && helo)
        add(c, start, helo);
    else
        add_parameters(c, offers, verb, start);
}

static size_t last_word(struct base_bytes typed) {
    size_t at = typed.len;
    while (at > 0 && typed.data[at - 1] != ' ')
        at--;
    return at;
}

void talk_complete(struct talk_completion *c, enum facts_protocol protocol,
                   const struct talk_offers *offers, const char *helo, struct base_bytes typed) {
    size_t first = base_bytes_find(typed, ' ');
    const struct talk_verb *verb = talk_verb_find(protocol, base_bytes_slice(typed, 0, first));
    c->count = c->from = 0;
    if (typed.len > 0 && typed.data[0] == '.') {
        add_dot_commands(c, typed);
        return;
    }
    if (protocol == FACTS_PROTOCOL_IMAP && !verb && first < typed.len) { /* behind a tag */
        c->from = first + 1;
        typed = base_bytes_slice(typed, first + 1, typed.len);
        first = base_bytes_find(typed, ' ');
        verb = talk_verb_find(protocol, base_bytes_slice(typed, 0, first));
    }
    add_verbs(c, protocol, offers, typed); /* "MAIL F" is the start of "MAIL FROM:<", too */
    if (c->count > 0 || !verb || first == typed.len)
        return;
    size_t at = last_word(typed);
    add_arguments(c, protocol, offers, helo, verb, base_bytes_slice(typed, at, typed.len));
    c->from += at;
}

size_t talk_completion_common(const struct talk_completion *c) {
    size_t n = c->count > 0 ? strlen(c->words[0]) : 0;
    for (size_t i = 1; i < c->count; i++) {
        size_t k = 0;
        while (k < n && base_ascii_lower((uint8_t)c->words[i][k]) ==
                            base_ascii_lower((uint8_t)c->words[0][k]))
            k++;
        n = k;
    }
    return n;
}
