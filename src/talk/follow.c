/* SPDX-License-Identifier: Apache-2.0 */
/* talk_follower - where the server's reply ends.
 *
 * Replies pass through to the user as they come; this only watches them. Of each line its start is
 * kept, which says what the line is, and its last bytes, which may announce a literal. Lines that
 * make no sense are noted and passed over: the reply that was asked for may follow.
 *
 * Bytes that nobody asked for are followed too (IMAP speaks when it likes), so that a line that
 * began before a command went out is never taken for the start of its reply.
 *
 * RFC 5321 4.2, 3501 7, 1939 3, 5034, 5804 1.3, 2034. */
#include "talk/follow.h"

#include "mail/code.h"

/* --- announced literals --- */

void talk_tail_add(struct talk_tail *t, struct base_bytes piece) {
    if (piece.len >= sizeof t->bytes) {
        t->len = base_bytes_copy(t->bytes, sizeof t->bytes,
                                 base_bytes_slice(piece, piece.len - sizeof t->bytes, piece.len));
        return;
    }
    size_t keep = t->len + piece.len > sizeof t->bytes ? sizeof t->bytes - piece.len : t->len;
    for (size_t i = 0; i < keep; i++)
        t->bytes[i] = t->bytes[t->len - keep + i];
    t->len = keep + base_bytes_copy(t->bytes + keep, sizeof t->bytes - keep, piece);
}

bool talk_tail_announces(const struct talk_tail *t, uint64_t *n, bool *plus) {
    struct base_bytes b = base_bytes_view(t->bytes, t->len);
    if (b.len < 3 || b.data[b.len - 1] != '}')
        return false;
    size_t end = b.len - 1;
    *plus = b.data[end - 1] == '+';
    if (*plus)
        end--;
    size_t from = end;
    while (from > 0 && base_ascii_is_digit(b.data[from - 1]))
        from--;
    return from > 0 && b.data[from - 1] == '{' &&
           base_bytes_to_uint(base_bytes_slice(b, from, end - from), UINT64_MAX / 16, n);
}

/* --- one line, by form --- */

static struct base_bytes first_word(struct base_bytes line) {
    return base_bytes_slice(line, 0, base_bytes_find(line, ' '));
}

static bool done(struct talk_follower *f, enum talk_answer answer, struct base_bytes text) {
    f->reply.answer = answer;
    f->reply.text[base_bytes_copy(f->reply.text, sizeof f->reply.text - 1, text)] = '\0';
    return true;
}

static bool noise(struct talk_follower *f) {
    f->reply.noise = true;
    return false;
}

/* RFC 3463 section 2: "5.7.1" at the start of a text. */
static void take_enhanced(struct talk_reply *r, struct base_bytes text) {
    struct base_bytes word = first_word(text);
    size_t dots = 0;
    if (word.len < 5 || word.len > 9 || word.data[1] != '.')
        return;
    for (size_t i = 0; i < word.len; i++) {
        if (word.data[i] == '.')
            dots++;
        else if (!base_ascii_is_digit(word.data[i]))
            return;
    }
    if (dots == 2)
        r->enhanced[base_bytes_copy(r->enhanced, sizeof r->enhanced - 1, word)] = '\0';
}

static bool smtp_line(struct talk_follower *f, struct base_bytes line) {
    uint64_t code = 0;
    bool more = line.len > 3 && line.data[3] == '-';
    if (line.len < 3 || !base_bytes_to_uint(base_bytes_slice(line, 0, 3), 599, &code) ||
        code < 200 || (line.len > 3 && line.data[3] != ' ' && !more))
        return noise(f);
    if (!f->reply.enhanced[0])
        take_enhanced(&f->reply, base_bytes_slice(line, 4, line.len));
    if (more)
        return false;
    f->reply.code = (int)code;
    f->reply.leaving = code == 421;
    return done(f,
                code < 300   ? TALK_ANSWER_YES
                : code < 400 ? TALK_ANSWER_MORE
                             : TALK_ANSWER_NO,
                line);
}

static bool imap_line(struct talk_follower *f, struct base_bytes line) {
    struct base_bytes word = first_word(line);
    struct base_bytes text = base_bytes_slice(line, word.len + 1, line.len);
    if (base_bytes_equal_str(word, "+"))
        return done(f, TALK_ANSWER_MORE, line);
    if (base_bytes_equal_str(word, "*")) {
        if (base_bytes_equal_nocase(first_word(text), "BYE"))
            f->reply.leaving = true;
        /* RFC 3501 section 7.1.3: an untagged BAD answers a line whose tag could not be read */
        return base_bytes_equal_nocase(first_word(text), "BAD") && done(f, TALK_ANSWER_NO, text);
    }
    if (!base_bytes_equal(word, base_bytes_of_str(f->tag)))
        return noise(f);
    bool agreed = base_bytes_equal_nocase(first_word(text), "OK");
    return done(f, agreed ? TALK_ANSWER_YES : TALK_ANSWER_NO, text);
}

static bool imap_greeting_line(struct talk_follower *f, struct base_bytes line) {
    struct base_bytes text = base_bytes_slice(line, 2, line.len);
    struct base_bytes word = first_word(text);
    if (!base_bytes_starts_with_nocase(line, "* "))
        return noise(f);
    f->reply.leaving = base_bytes_equal_nocase(word, "BYE");
    return done(f, f->reply.leaving ? TALK_ANSWER_NO : TALK_ANSWER_YES, text);
}

static bool pop3_line(struct talk_follower *f, struct base_bytes line) {
    struct base_bytes word = first_word(line);
    if (f->in_list)
        return base_bytes_equal_str(line, ".");
    if (base_bytes_equal_nocase(word, "-ERR"))
        return done(f, TALK_ANSWER_NO, line);
    if (base_bytes_equal_str(word, "+"))
        return done(f, TALK_ANSWER_MORE, line);
    if (!base_bytes_equal_nocase(word, "+OK"))
        return noise(f);
    f->in_list = f->form == TALK_FORM_POP3_LIST;
    (void)done(f, TALK_ANSWER_YES, line);
    return !f->in_list;
}

static bool sieve_line(struct talk_follower *f, struct base_bytes line) {
    struct base_bytes word = first_word(line);
    bool string = line.len > 0 && (line.data[0] == '"' || line.data[0] == '{');
    if (base_bytes_equal_nocase(word, "OK"))
        return done(f, TALK_ANSWER_YES, line);
    f->reply.leaving = base_bytes_equal_nocase(word, "BYE");
    if (f->reply.leaving || base_bytes_equal_nocase(word, "NO"))
        return done(f, TALK_ANSWER_NO, line);
    if (!string)
        return noise(f);
    return f->form == TALK_FORM_SIEVE_CHALLENGE && done(f, TALK_ANSWER_MORE, line);
}

static bool take_line(struct talk_follower *f, struct base_bytes line) {
    if (f->skip_line || !f->awaiting)
        return false;
    switch (f->form) {
    case TALK_FORM_SMTP:
        return smtp_line(f, line);
    case TALK_FORM_IMAP_GREETING:
        return imap_greeting_line(f, line);
    case TALK_FORM_IMAP:
        return imap_line(f, line);
    case TALK_FORM_POP3:
    case TALK_FORM_POP3_LIST:
        return pop3_line(f, line);
    case TALK_FORM_SIEVE:
    case TALK_FORM_SIEVE_CHALLENGE:
        return sieve_line(f, line);
    }
    return false;
}

/* --- bytes --- */

void talk_follower_begin(struct talk_follower *f, enum talk_form form, struct base_bytes tag) {
    f->form = form;
    f->tag[base_bytes_copy(f->tag, sizeof f->tag - 1, tag)] = '\0';
    f->skip_line = f->in_line;
    f->in_list = false;
    f->awaiting = true;
    f->reply = (struct talk_reply){0};
}

static bool has_literals(const struct talk_follower *f) {
    return f->form == TALK_FORM_IMAP || f->form == TALK_FORM_SIEVE ||
           f->form == TALK_FORM_SIEVE_CHALLENGE;
}

static void keep(struct talk_follower *f, struct base_bytes piece) {
    f->head_len += base_bytes_copy(f->head + f->head_len, sizeof f->head - f->head_len, piece);
    talk_tail_add(&f->tail, piece);
    f->in_line = true;
}

/* The CR of a line's end is kept like any byte until the LF shows what it was. */
static void drop_cr(struct talk_follower *f) {
    if (f->tail.len == 0 || f->tail.bytes[f->tail.len - 1] != '\r')
        return;
    f->tail.len--;
    if (f->head_len > 0 && f->head_len < sizeof f->head)
        f->head_len--;
}

/* A LF has come. Behind an announced literal the line goes on. */
static bool end_line(struct talk_follower *f) {
    bool plus = false;
    drop_cr(f);
    if (has_literals(f) && talk_tail_announces(&f->tail, &f->literal_left, &plus)) {
        f->tail.len = 0;
        return false;
    }
    bool whole = take_line(f, base_bytes_view(f->head, f->head_len));
    f->head_len = f->tail.len = 0;
    f->in_line = f->skip_line = false;
    if (whole)
        f->awaiting = false;
    return whole;
}

bool talk_follower_feed(struct talk_follower *f, struct base_bytes *in) {
    while (in->len > 0) {
        size_t before = in->len;
        bool ended = false;
        if (f->literal_left > 0) {
            size_t part = f->literal_left < in->len ? (size_t)f->literal_left : in->len;
            f->literal_left -= part;
            *in = base_bytes_slice(*in, part, in->len);
        } else {
            size_t end = base_bytes_find(*in, '\n');
            ended = end < in->len;
            if (end > 0)
                keep(f, base_bytes_slice(*in, 0, end));
            *in = base_bytes_slice(*in, ended ? end + 1 : end, in->len);
        }
        f->reply.bytes += before - in->len;
        if (ended && end_line(f))
            return true;
    }
    return false;
}

bool talk_reply_is(const struct talk_reply *r, const char *expected) {
    struct base_bytes text = base_bytes_of_str(r->text);
    if (r->code != 0 && mail_code_is_pattern(expected))
        return mail_code_fits(expected, r->code);
    if (base_bytes_starts_with_nocase(text, expected))
        return true;
    bool sign = text.len > 0 && (text.data[0] == '+' || text.data[0] == '-');
    return sign && base_bytes_starts_with_nocase(base_bytes_slice(text, 1, text.len), expected);
}
