/* SPDX-License-Identifier: Apache-2.0 */
/* mail_ehlo - what a server says that it can do.
 *
 * A keyword is the first token of its line, whole, compared without case; what follows is its
 * parameters. The old "AUTH=LOGIN" form counts as AUTH. A firewall that hides STARTTLS writes eight
 * X's, or seven and an A, in its place. MAIL_KEYWORDS are kept; a list that was cut says so,
 * because what is missing from it is not known to be missing. */
#include "mail/ehlo.h"

#include "base/text.h"
#include "mail/internal.h"

#define NAME_MAX_BYTES 64u

static const char *escaped(struct base_arena *arena, struct base_bytes b) {
    struct base_buf out;
    base_buf_init(&out, (size_t)1 << 16);
    base_text_escape(&out, b);
    const char *s = base_arena_str_bytes(arena, base_buf_view(&out));
    base_buf_release(&out);
    return s;
}

static const char *upper_name(struct base_arena *arena, struct base_bytes name) {
    uint8_t upper[NAME_MAX_BYTES];
    size_t n = base_bytes_copy(upper, sizeof upper, name);
    for (size_t i = 0; i < n; i++)
        upper[i] = base_ascii_upper(upper[i]);
    struct base_buf out;
    base_buf_init(&out, 1024);
    base_text_escape_ascii(&out, base_bytes_view(upper, n));
    const char *s = base_arena_str_bytes(arena, base_buf_view(&out));
    base_buf_release(&out);
    return s;
}

static void add(struct facts_ehlo *ehlo, struct base_arena *arena, struct base_bytes name,
                struct base_bytes params) {
    if (name.len == 0)
        return;
    if (ehlo->keyword_count == MAIL_KEYWORDS) {
        ehlo->keywords_dropped++;
        return;
    }
    struct facts_keyword *k = base_arena_append(arena, &ehlo->keywords, &ehlo->keyword_count,
                                                &ehlo->keywords_cap, sizeof *k);
    if (k)
        *k = (struct facts_keyword){upper_name(arena, name),
                                    escaped(arena, base_bytes_trim(params))};
}

static size_t token_length(struct base_bytes line) {
    size_t n = 0;
    while (n < line.len && !base_ascii_is_space(line.data[n]))
        n++;
    return n;
}

/* "SIZE 1000", "STARTTLS", "AUTH=LOGIN PLAIN" */
static void read_keyword_line(struct facts_ehlo *ehlo, struct base_arena *arena,
                              struct base_bytes line) {
    line = base_bytes_trim(line);
    size_t n = token_length(line);
    if (base_bytes_starts_with_nocase(line, "AUTH="))
        n = 4;
    add(ehlo, arena, base_bytes_slice(line, 0, n), base_bytes_slice(line, n + 1, line.len));
}

/* "IMAP4rev1 STARTTLS AUTH=PLAIN": each word a capability. */
static void read_capability_words(struct facts_ehlo *ehlo, struct base_arena *arena,
                                  struct base_bytes words) {
    for (words = base_bytes_trim(words); words.len > 0; words = base_bytes_trim(words)) {
        size_t n = token_length(words);
        struct base_bytes word = base_bytes_slice(words, 0, n);
        size_t equals = base_bytes_find(word, '=');
        add(ehlo, arena, base_bytes_slice(word, 0, equals),
            base_bytes_slice(word, equals + 1, word.len));
        words = base_bytes_slice(words, n, words.len);
    }
}

/* The text of a quoted string that begins at *rest, without its backslashes. */
static struct base_bytes take_quoted(struct base_arena *arena, struct base_bytes *rest) {
    struct base_buf text;
    size_t at = 1;
    base_buf_init(&text, MAIL_LINE_MAX);
    for (; at < rest->len && rest->data[at] != '"'; at++) {
        if (rest->data[at] == '\\' && at + 1 < rest->len)
            at++;
        base_buf_append_byte(&text, rest->data[at]);
    }
    *rest = base_bytes_slice(*rest, at + 1, rest->len);
    struct base_bytes kept = base_arena_bytes(arena, base_buf_view(&text));
    base_buf_release(&text);
    return kept;
}

/* The bytes behind "{n}" or "{n+}"; the line reader took the line break between them away. */
static struct base_bytes take_literal(struct base_bytes *rest) {
    size_t close = base_bytes_find(*rest, '}');
    struct base_bytes number = base_bytes_slice(*rest, 1, close ? close - 1 : 0);
    uint64_t n = 0;
    if (number.len > 0 && number.data[number.len - 1] == '+')
        number.len--;
    if (!base_bytes_to_uint(number, MAIL_REPLY_BYTES, &n))
        n = 0;
    struct base_bytes text = base_bytes_slice(*rest, close + 1, (size_t)n);
    *rest = base_bytes_slice(*rest, close + 1 + text.len, rest->len);
    return text;
}

/* A string of RFC 5804 section 4; bytes that are none are taken as they are. */
static struct base_bytes take_string(struct base_arena *arena, struct base_bytes *rest) {
    struct base_bytes all = *rest = base_bytes_trim(*rest);
    if (all.len > 0 && all.data[0] == '"')
        return take_quoted(arena, rest);
    if (all.len > 0 && all.data[0] == '{')
        return take_literal(rest);
    *rest = BASE_BYTES_EMPTY;
    return all;
}

/* `"NAME" "value"` of RFC 5804 section 1.7. */
static void read_string_line(struct facts_ehlo *ehlo, struct base_arena *arena,
                             struct base_bytes line) {
    struct base_bytes name = take_string(arena, &line);
    struct base_bytes value = take_string(arena, &line);
    add(ehlo, arena, base_bytes_slice(name, 0, token_length(name)), value);
}

/* IMAP and ManageSieve: the lines before the one with the status. Its text is for people, though
 * "OK CAPABILITY completed" and `OK "STARTTLS"` look like lists. */
static size_t listed_lines(const struct facts_reply *r) {
    return r->lines_dropped > 0 || r->line_count == 0 ? r->line_count : r->line_count - 1;
}

/* Untagged CAPABILITY lines. */
static void read_capability_lines(struct facts_ehlo *ehlo, struct base_arena *arena) {
    for (size_t i = 0; i < listed_lines(&ehlo->reply); i++)
        if (base_bytes_starts_with_nocase(ehlo->reply.lines[i], "CAPABILITY "))
            read_capability_words(ehlo, arena,
                                  base_bytes_slice(ehlo->reply.lines[i], 11, SIZE_MAX));
}

void mail_ehlo_read_code(struct facts_ehlo *ehlo, const struct facts_reply *from,
                         struct base_arena *arena) {
    size_t before = listed_lines(from);
    struct base_bytes text = before < from->line_count ? from->lines[before] : BASE_BYTES_EMPTY;
    if (base_bytes_starts_with_nocase(text, "[CAPABILITY "))
        read_capability_words(ehlo, arena,
                              base_bytes_slice(text, 12, base_bytes_find(text, ']') - 12));
}

static void read_domain(struct facts_ehlo *ehlo, struct base_arena *arena) {
    struct base_bytes first =
        ehlo->reply.line_count ? base_bytes_trim(ehlo->reply.lines[0]) : BASE_BYTES_EMPTY;
    ehlo->domain = escaped(arena, base_bytes_slice(first, 0, token_length(first)));
}

static void read_keyword_lines(struct facts_ehlo *ehlo, struct base_arena *arena) {
    for (size_t i = 1; i < ehlo->reply.line_count; i++)
        read_keyword_line(ehlo, arena, ehlo->reply.lines[i]);
}

static void read_string_lines(struct facts_ehlo *ehlo, struct base_arena *arena) {
    for (size_t i = 0; i < listed_lines(&ehlo->reply); i++)
        read_string_line(ehlo, arena, ehlo->reply.lines[i]);
}

void mail_ehlo_read(struct facts_ehlo *ehlo, enum facts_protocol protocol,
                    struct base_arena *arena) {
    ehlo->domain = "";
    switch (protocol) {
    case FACTS_PROTOCOL_SMTP:
    case FACTS_PROTOCOL_LMTP:
        read_domain(ehlo, arena);
        read_keyword_lines(ehlo, arena);
        return;
    case FACTS_PROTOCOL_POP3:
        read_keyword_lines(ehlo, arena);
        return;
    case FACTS_PROTOCOL_IMAP:
        read_capability_lines(ehlo, arena);
        if (ehlo->keyword_count == 0)
            mail_ehlo_read_code(ehlo, &ehlo->reply, arena);
        return;
    case FACTS_PROTOCOL_SIEVE:
        read_string_lines(ehlo, arena);
        return;
    }
}

bool mail_ehlo_was_cut(const struct facts_ehlo *ehlo, enum facts_protocol protocol) {
    return ehlo->reply.lines_dropped > 0 || ehlo->keywords_dropped > 0 ||
           (protocol == FACTS_PROTOCOL_IMAP && ehlo->reply.truncated_line);
}

/* Eight bytes that begin with X and are X's but for a last letter: Cisco's "XXXXXXXA". */
static bool is_mask(const char *name) {
    struct base_bytes b = base_bytes_of_str(name);
    if (b.len != 8)
        return false;
    for (size_t i = 0; i < 7; i++)
        if (b.data[i] != 'X')
            return false;
    return b.data[7] >= 'A' && b.data[7] <= 'Z';
}

/* The line as sent, when it was not plainly "STARTTLS". The first line greets and lists nothing. */
static const char *unusual_spelling(const struct facts_ehlo *ehlo, struct base_arena *arena,
                                    const char *word) {
    for (size_t i = 1; i < ehlo->reply.line_count; i++) {
        struct base_bytes line = ehlo->reply.lines[i], trimmed = base_bytes_trim(line);
        if (base_bytes_equal_nocase(base_bytes_slice(trimmed, 0, token_length(trimmed)), word))
            return base_bytes_equal_str(line, word) ? "" : escaped(arena, line);
    }
    return "";
}

void mail_ehlo_find_starttls(const struct facts_ehlo *ehlo, enum facts_protocol protocol,
                             struct base_arena *arena, struct facts_starttls *out) {
    const char *word = protocol == FACTS_PROTOCOL_POP3 ? "STLS" : "STARTTLS";
    bool lines_are_keywords = protocol != FACTS_PROTOCOL_IMAP && protocol != FACTS_PROTOCOL_SIEVE;
    out->offered_as = "";
    for (size_t i = 0; i < ehlo->keyword_count; i++) {
        /* IMAP: "STARTTLS=X" is another capability */
        if (base_bytes_equal_nocase(base_bytes_of_str(ehlo->keywords[i].name), word) &&
            (protocol != FACTS_PROTOCOL_IMAP || ehlo->keywords[i].params[0] == '\0'))
            out->offered = true;
        if (is_mask(ehlo->keywords[i].name))
            out->offered_masked = true;
    }
    if (out->offered && lines_are_keywords)
        out->offered_as = unusual_spelling(ehlo, arena, word);
    if (out->offered)
        out->offered_masked = false;
}
