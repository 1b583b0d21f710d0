/* SPDX-License-Identifier: Apache-2.0 */
/* mail_reply - one whole reply of a server, in the words of its protocol.
 *
 * The grammar stands here once, for every reader: what a line is within a reply of its form. The
 * reader's manner says what becomes of lines that are none. A reply is data: wrong codes, codes
 * that change, control bytes and endless lines become facts of the reply.
 *
 * CRLF ends a line (RFC 5321 section 2.3.8). A lone LF ends it too and is noted, a CR inside stays
 * and is noted, as are NUL and other control bytes. Literals (RFC 3501 section 4.3, RFC 5804
 * section 4) become part of their line; they are watched for byte by byte, so that one behind a
 * line too long to keep is followed as well, and the bytes of a literal never announce another.
 *
 * Limits: MAIL_LINE_MAX bytes of a line and MAIL_REPLY_LINES lines are kept; after MAIL_REPLY_BYTES
 * all but the patient reader give up. RFC 5321, 3501, 1939, 2449, 5034, 5804, 3463. */
#include "mail/reply.h"

#include "mail/code.h"

#define ODD_BYTES 256u

/* --- lines, however the bytes arrive, in linear time --- */

static void next_line(struct mail_line_reader *r) {
    base_buf_clear(&r->line);
    r->truncated = r->bare_lf = r->bare_cr = r->control_bytes = r->cr_pending = r->begun = false;
    r->literal = (struct mail_literal){0};
}

static void keep_bytes(struct mail_line_reader *r, struct base_bytes b) {
    size_t room = MAIL_LINE_MAX - r->line.len;
    if (b.len > room)
        r->truncated = true;
    base_buf_append_bytes(&r->line, base_bytes_slice(b, 0, room));
    for (size_t i = 0; i < b.len && !r->control_bytes; i++)
        r->control_bytes =
            (b.data[i] < ' ' && b.data[i] != '\t' && b.data[i] != '\r') || b.data[i] == 0x7f;
}

static enum mail_literal_mark next_mark(struct mail_literal *l, uint8_t c) {
    bool number = l->mark == MAIL_MARK_OPEN || l->mark == MAIL_MARK_DIGIT;
    if (c == '{') {
        l->announced = 0;
        l->plus = false;
        return MAIL_MARK_OPEN;
    }
    if (number && base_ascii_is_digit(c)) {
        if (l->announced < MAIL_LITERAL_MAX)
            l->announced = l->announced * 10 + (uint64_t)(c - '0');
        return MAIL_MARK_DIGIT;
    }
    if (l->mark == MAIL_MARK_DIGIT && c == '+') {
        l->plus = true;
        return MAIL_MARK_PLUS;
    }
    if ((l->mark == MAIL_MARK_DIGIT || l->mark == MAIL_MARK_PLUS) && c == '}')
        return MAIL_MARK_CLOSED;
    return MAIL_MARK_NONE;
}

void mail_literal_follow(struct mail_literal *l, struct base_bytes text) {
    for (size_t i = 0; i < text.len; i++)
        l->mark = next_mark(l, text.data[i]);
}

/* Text of a line, outside literals. */
static void take_text(struct mail_line_reader *r, struct base_bytes text) {
    keep_bytes(r, text);
    if (r->literals)
        mail_literal_follow(&r->literal, text);
}

static void keep_pending_cr(struct mail_line_reader *r) {
    if (!r->cr_pending)
        return;
    r->cr_pending = false;
    r->bare_cr = true;
    take_text(r, base_bytes_of_str("\r"));
}

static void take_literal(struct mail_line_reader *r, struct base_bytes *in) {
    size_t most = r->literal_left < in->len ? (size_t)r->literal_left : in->len;
    struct base_bytes part = base_bytes_slice(*in, 0, most);
    keep_bytes(r, part);
    r->literal_left -= part.len;
    *in = base_bytes_slice(*in, part.len, in->len);
}

/* Takes bytes from the front of *in until a line is complete (true: it is in r->line, flags tell
 * how it was; next_line comes before going on) or *in is empty (false). */
static bool feed_line(struct mail_line_reader *r, struct base_bytes *in) {
    while (in->len > 0) {
        r->begun = true;
        if (r->literal_left > 0) {
            take_literal(r, in);
            continue;
        }
        size_t end = 0;
        while (end < in->len && in->data[end] != '\n' && in->data[end] != '\r')
            end++;
        if (end > 0) {
            keep_pending_cr(r);
            take_text(r, base_bytes_slice(*in, 0, end));
        }
        if (end == in->len) {
            *in = BASE_BYTES_EMPTY;
            return false;
        }
        bool lf = in->data[end] == '\n';
        *in = base_bytes_slice(*in, end + 1, in->len);
        if (!lf) {
            keep_pending_cr(r);
            r->cr_pending = true;
            continue;
        }
        if (!r->cr_pending)
            r->bare_lf = true;
        r->cr_pending = false;
        if (r->literal.mark != MAIL_MARK_CLOSED)
            return true;
        r->literal_left = r->literal.announced;
        r->literal.mark = MAIL_MARK_NONE;
    }
    return false;
}

/* --- the reader --- */

void mail_reply_init(struct mail_reply_reader *r, enum mail_reply_manner manner,
                     struct base_arena *arena) {
    *r = (struct mail_reply_reader){.manner = manner, .arena = arena};
    base_buf_init(&r->lines.line, MAIL_LINE_MAX);
}

void mail_reply_release(struct mail_reply_reader *r) {
    base_buf_release(&r->lines.line);
}

void mail_reply_keep(struct mail_reply_reader *r, struct base_arena *arena,
                     struct facts_reply *out) {
    if (out)
        *out = (struct facts_reply){.status = "", .enhanced = ""};
    r->arena = arena;
    r->out = out;
}

static bool has_literals(enum mail_reply_form form) {
    return form == MAIL_REPLY_IMAP || form == MAIL_REPLY_SIEVE ||
           form == MAIL_REPLY_SIEVE_CHALLENGE;
}

void mail_reply_begin(struct mail_reply_reader *r, enum mail_reply_form form, const char *tag,
                      struct facts_reply *out) {
    r->form = form;
    if (tag != r->tag)
        r->tag[base_bytes_copy(r->tag, sizeof r->tag - 1, base_bytes_of_str(tag))] = '\0';
    r->answer = (struct mail_answer){0};
    r->awaiting = true;
    r->in_list = false;
    r->lines.literals = has_literals(form);
    mail_reply_keep(r, r->arena, out);
    r->passes_line = r->manner == MAIL_PATIENT && r->lines.begun;
    if (r->passes_line)
        return;
    r->lines.literal_left = 0;
    next_line(&r->lines);
}

/* --- the grammar: what a line is, by form --- */

struct line {
    enum {
        LINE_ODD,  /* none of this form */
        LINE_PART, /* of a reply that goes on */
        LINE_ASK,  /* the server asks back, or can't tell what it answers */
        LINE_LAST, /* ends the reply */
    } role;
    enum mail_agreement agreement; /* of LINE_LAST */
    bool coded;                    /* SMTP */
    int code;                      /* three digits */
    const char *status;            /* a word of the protocol, NULL none */
    bool bye;                      /* the server leaves */
    struct base_bytes text;        /* without code or status */
    struct base_bytes shown;       /* without the tag */
};

static struct base_bytes first_word(struct base_bytes line) {
    return base_bytes_slice(line, 0, base_bytes_find(line, ' '));
}

static struct base_bytes behind(struct base_bytes line, struct base_bytes word) {
    return base_bytes_slice(line, word.len + 1, line.len);
}

static struct line odd_line(struct base_bytes line) {
    return (struct line){.role = LINE_ODD, .text = line, .shown = line};
}

static struct line part_line(struct base_bytes text) {
    return (struct line){.role = LINE_PART, .text = text, .shown = text};
}

static struct line asking_line(struct base_bytes line, struct base_bytes text) {
    return (struct line){.role = LINE_ASK, .agreement = MAIL_GO_ON, .text = text, .shown = line};
}

/* A line that begins with a word of `words`, the first of which (and PREAUTH) say yes; an unknown
 * one says no and has no status. */
static struct line status_line(struct base_bytes line, const char *const *words) {
    struct base_bytes word = first_word(line);
    struct line l = {.role = LINE_LAST, .agreement = MAIL_NO, .text = line, .shown = line};
    for (size_t i = 0; words[i]; i++)
        if (base_bytes_equal_nocase(word, words[i])) {
            l.status = words[i];
            l.text = behind(line, word);
            l.agreement = i == 0 ? MAIL_YES : MAIL_NO;
            l.bye = base_bytes_equal_nocase(word, "BYE");
        }
    return l;
}

/* RFC 5321 section 4.2: three digits, then "-" and more lines, or a blank, or nothing. */
static struct line smtp_line(struct base_bytes line) {
    uint64_t code = 0;
    bool last = line.len == 3 || (line.len > 3 && line.data[3] == ' ');
    bool more = line.len > 3 && line.data[3] == '-';
    struct line l = odd_line(line);
    if ((!last && !more) || !base_bytes_to_uint(base_bytes_slice(line, 0, 3), 999, &code))
        return l;
    l.role = last ? LINE_LAST : LINE_PART;
    l.coded = true;
    l.code = (int)code;
    l.text = base_bytes_slice(line, 4, line.len);
    l.agreement = code < 300 ? MAIL_YES : code < 400 ? MAIL_GO_ON : MAIL_NO;
    l.bye = code == 421;
    return l;
}

/* RFC 3501 section 7.1. */
static struct line imap_greeting_line(struct base_bytes line) {
    static const char *const words[] = {"OK", "PREAUTH", "BYE", NULL};
    if (!base_bytes_starts_with_nocase(line, "* "))
        return odd_line(line);
    struct line l = status_line(base_bytes_slice(line, 2, line.len), words);
    l.agreement = l.bye ? MAIL_NO : MAIL_YES;
    return l;
}

/* "* BYE", "* CAPABILITY ..." and, answering a line whose tag could not be read, "* BAD" (RFC 3501
 * section 7.1.3). */
static struct line untagged_line(struct base_bytes text) {
    struct line l = part_line(text);
    l.bye = base_bytes_equal_nocase(first_word(text), "BYE");
    if (base_bytes_equal_nocase(first_word(text), "BAD")) {
        l.role = LINE_ASK;
        l.agreement = MAIL_NO;
    }
    return l;
}

/* RFC 3501 section 2.2.2. A tag comes back as it was given. */
static struct line imap_line(const char *tag, struct base_bytes line) {
    static const char *const words[] = {"OK", "NO", "BAD", NULL};
    struct base_bytes word = first_word(line);
    struct base_bytes text = behind(line, word);
    if (base_bytes_equal_str(word, "*") && line.len > 1)
        return untagged_line(text);
    if (base_bytes_equal_str(word, "+"))
        return asking_line(line, text);
    return base_bytes_equal_str(word, tag) ? status_line(text, words) : odd_line(line);
}

/* RFC 1939 section 3; "+ " is AUTH's (RFC 5034). */
static struct line pop3_line(struct base_bytes line) {
    static const char *const words[] = {"+OK", "-ERR", NULL};
    struct base_bytes word = first_word(line);
    if (base_bytes_equal_str(word, "+"))
        return asking_line(line, behind(line, word));
    struct line l = status_line(line, words);
    return l.status ? l : odd_line(line);
}

/* A list's line: the first dot is stuffed (RFC 1939 section 3). */
static struct line list_line(struct base_bytes line) {
    if (base_bytes_equal_str(line, "."))
        return (struct line){.role = LINE_LAST, .agreement = MAIL_YES};
    return part_line(base_bytes_slice(line, line.len > 0 && line.data[0] == '.', line.len));
}

/* RFC 5804 section 1.3. */
static struct line sieve_line(struct base_bytes line, bool challenged) {
    static const char *const words[] = {"OK", "NO", "BYE", NULL};
    if (line.len > 0 && (line.data[0] == '"' || line.data[0] == '{'))
        return challenged ? asking_line(line, line) : part_line(line);
    struct line l = status_line(line, words);
    return l.status ? l : odd_line(line);
}

static struct line line_of(const struct mail_reply_reader *r, struct base_bytes line) {
    switch (r->form) {
    case MAIL_REPLY_SMTP:
        return smtp_line(line);
    case MAIL_REPLY_IMAP_GREETING:
        return imap_greeting_line(line);
    case MAIL_REPLY_IMAP:
        return imap_line(r->tag, line);
    case MAIL_REPLY_POP3:
    case MAIL_REPLY_POP3_LIST:
        return r->in_list ? list_line(line) : pop3_line(line);
    case MAIL_REPLY_SIEVE:
    case MAIL_REPLY_SIEVE_CHALLENGE:
        return sieve_line(line, r->form == MAIL_REPLY_SIEVE_CHALLENGE);
    }
    return odd_line(line);
}

/* --- keeping --- */

/* The length of "4.7.1" at the start of a text, or 0 (RFC 3463 section 2). */
static size_t enhanced_length(struct base_bytes text) {
    size_t at = 0;
    if (text.len < 5 || (text.data[0] != '2' && text.data[0] != '4' && text.data[0] != '5'))
        return 0;
    for (int part = 0; part < 3; part++) {
        size_t from = at;
        while (at < text.len && base_ascii_is_digit(text.data[at]))
            at++;
        if (at == from || at - from > (part == 0 ? 1u : 3u))
            return 0;
        if (part < 2 && (at >= text.len || text.data[at++] != '.'))
            return 0;
    }
    return at < text.len && !base_ascii_is_space(text.data[at]) ? 0 : at;
}

static void keep_line(struct mail_reply_reader *r, struct base_bytes text) {
    struct facts_reply *out = r->out;
    if (out->line_count == MAIL_REPLY_LINES) {
        out->lines_dropped++;
        return;
    }
    struct base_bytes *slot = base_arena_append(r->arena, &out->lines, &out->line_count,
                                                &out->lines_cap, sizeof *out->lines);
    if (slot)
        *slot = base_arena_bytes(r->arena, text);
}

/* The end of a list is no line of it. */
static bool is_kept(const struct mail_reply_reader *r, const struct line *l) {
    return r->out && !(r->in_list && l->role == LINE_LAST);
}

static void keep_facts(struct mail_reply_reader *r, const struct line *l) {
    struct facts_reply *out = r->out;
    bool first = out->line_count == 0;
    if (first && r->answer.enhanced[0])
        out->enhanced = base_arena_str(r->arena, r->answer.enhanced);
    if (!first && l->coded && out->code != l->code)
        out->mixed_codes = true;
    if (l->coded)
        out->code = l->code;
    if (l->bye && !l->coded)
        out->status = "BYE";
    if (l->status)
        out->status = l->status;
    keep_line(r, l->text);
}

static void keep(struct mail_reply_reader *r, const struct line *l) {
    struct mail_answer *a = &r->answer;
    if (l->coded && !a->code) {
        struct base_bytes enhanced = base_bytes_slice(l->text, 0, enhanced_length(l->text));
        a->enhanced[base_bytes_copy(a->enhanced, sizeof a->enhanced - 1, enhanced)] = '\0';
    }
    if (l->coded)
        a->code = l->code;
    a->leaving |= l->bye;
    if (is_kept(r, l))
        keep_facts(r, l);
}

static enum mail_reply_state done(struct mail_reply_reader *r, const struct line *l) {
    struct mail_answer *a = &r->answer;
    if (!r->in_list) {
        a->agreement = l->agreement;
        a->text[base_bytes_copy(a->text, sizeof a->text - 1, l->shown)] = '\0';
    }
    if (r->form == MAIL_REPLY_POP3_LIST && l->agreement == MAIL_YES && !r->in_list) {
        r->in_list = true;
        return MAIL_REPLY_MORE;
    }
    if (r->out)
        r->out->received = true;
    r->awaiting = false;
    return MAIL_REPLY_DONE;
}

/* --- manners --- */

static enum mail_reply_state bad(struct mail_reply_reader *r, struct base_bytes line) {
    r->odd = base_arena_bytes(r->arena, base_bytes_slice(line, 0, ODD_BYTES));
    r->awaiting = false;
    return MAIL_REPLY_BAD;
}

/* What the grammar takes and this reader does not: codes that RFC 5321 does not know, words that
 * the protocol does not, questions. */
static void judge(const struct mail_reply_reader *r, struct line *l) {
    bool unknown = l->coded && (l->code < 200 || l->code > 599);
    if (unknown && (r->manner != MAIL_AS_SWAKS || l->role != LINE_LAST))
        l->role = LINE_ODD;
    if (r->manner == MAIL_PATIENT)
        return;
    if (l->role == LINE_ASK)
        l->role = r->form == MAIL_REPLY_IMAP ? LINE_PART : LINE_ODD;
    else if (l->role == LINE_LAST && r->form != MAIL_REPLY_SMTP && !l->status && !r->in_list)
        l->role = LINE_ODD;
}

static enum mail_reply_state take_line(struct mail_reply_reader *r) {
    struct base_bytes whole = base_buf_view(&r->lines.line);
    struct line l = line_of(r, whole);
    judge(r, &l);
    if (l.role == LINE_ODD) {
        r->answer.noise = true;
        return r->manner == MAIL_STRICT ? bad(r, whole) : MAIL_REPLY_MORE;
    }
    keep(r, &l);
    return l.role == LINE_PART ? MAIL_REPLY_MORE : done(r, &l);
}

/* --- bytes --- */

static void note_flags(struct mail_reply_reader *r) {
    if (!r->out)
        return;
    r->out->bare_lf |= r->lines.bare_lf;
    r->out->bare_cr |= r->lines.bare_cr;
    r->out->control_bytes |= r->lines.control_bytes;
    r->out->truncated_line |= r->lines.truncated;
}

/* No reply of a mail protocol begins with these bytes: no need to wait for the end of a line. */
static bool never_mail(const struct mail_reply_reader *r) {
    struct base_bytes b = base_buf_view(&r->lines.line);
    return r->manner == MAIL_STRICT && r->out && r->out->line_count == 0 && b.len >= 2 &&
           (b.data[0] == 0x15 || b.data[0] == 0x16) && b.data[1] == 3;
}

static bool beyond_limit(const struct mail_reply_reader *r) {
    return r->manner != MAIL_PATIENT &&
           (r->answer.bytes > MAIL_REPLY_BYTES ||
            r->lines.literal_left > MAIL_REPLY_BYTES - r->answer.bytes);
}

enum mail_reply_state mail_reply_feed(struct mail_reply_reader *r, struct base_bytes *in) {
    while (in->len > 0) {
        size_t before = in->len;
        bool whole = feed_line(&r->lines, in);
        r->answer.bytes += before - in->len;
        if (beyond_limit(r))
            return MAIL_REPLY_LIMIT;
        if (!whole)
            return never_mail(r) ? bad(r, base_buf_view(&r->lines.line)) : MAIL_REPLY_MORE;
        enum mail_reply_state state = MAIL_REPLY_MORE;
        if (r->awaiting && !r->passes_line) {
            note_flags(r);
            state = take_line(r);
        }
        r->passes_line = false;
        next_line(&r->lines);
        if (state != MAIL_REPLY_MORE)
            return state;
    }
    return MAIL_REPLY_MORE;
}

bool mail_answer_is(const struct mail_answer *a, const char *expected) {
    struct base_bytes text = base_bytes_of_str(a->text);
    if (a->code != 0 && mail_code_is_pattern(expected))
        return mail_code_fits(expected, a->code);
    if (base_bytes_starts_with_nocase(text, expected))
        return true;
    bool sign = text.len > 0 && (text.data[0] == '+' || text.data[0] == '-');
    return sign && base_bytes_starts_with_nocase(base_bytes_slice(text, 1, text.len), expected);
}
