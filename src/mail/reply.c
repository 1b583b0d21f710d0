/* SPDX-License-Identifier: Apache-2.0 */
/* mail_reply - one whole reply of a server, in the words of its protocol.
 *
 * A reply is data: wrong codes, codes that change, control bytes and endless lines become facts of
 * the reply. Limits: MAIL_LINE_MAX bytes of a line and MAIL_REPLY_LINES lines are kept; after
 * MAIL_REPLY_BYTES the reader gives up. RFC 5321, 3501, 1939, 2449, 5804, 3463. */
#include "mail/reply.h"

#include "mail/dialogue.h"

#define ODD_BYTES 256u

void mail_reply_init(struct mail_reply_reader *r, struct base_arena *arena) {
    *r = (struct mail_reply_reader){.arena = arena};
    mail_line_init(&r->lines, false);
}

void mail_reply_release(struct mail_reply_reader *r) {
    mail_line_release(&r->lines);
}

void mail_reply_begin(struct mail_reply_reader *r, enum mail_reply_form form, const char *tag,
                      struct facts_reply *out) {
    *out = (struct facts_reply){.status = "", .enhanced = ""};
    r->out = out;
    r->form = form;
    r->tag = tag;
    r->bytes = 0;
    r->lines.literals = form == MAIL_REPLY_IMAP || form == MAIL_REPLY_SIEVE;
    r->lines.literal_left = 0;
    mail_line_next(&r->lines);
}

const char *mail_enhanced_status(struct base_arena *arena, struct base_bytes text) {
    size_t at = 0;
    if (text.len < 5 || (text.data[0] != '2' && text.data[0] != '4' && text.data[0] != '5'))
        return "";
    for (int part = 0; part < 3; part++) {
        size_t from = at;
        while (at < text.len && base_ascii_is_digit(text.data[at]))
            at++;
        if (at == from || at - from > (part == 0 ? 1u : 3u))
            return "";
        if (part < 2 && (at >= text.len || text.data[at++] != '.'))
            return "";
    }
    if (at < text.len && !base_ascii_is_space(text.data[at]))
        return "";
    return base_arena_str_bytes(arena, base_bytes_slice(text, 0, at));
}

/* --- keeping --- */

static void note_flags(struct mail_reply_reader *r) {
    r->out->bare_lf |= r->lines.bare_lf;
    r->out->bare_cr |= r->lines.bare_cr;
    r->out->control_bytes |= r->lines.control_bytes;
    r->out->truncated_line |= r->lines.truncated;
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

static enum mail_reply_state bad(struct mail_reply_reader *r, struct base_bytes line) {
    r->odd = base_arena_bytes(r->arena, base_bytes_slice(line, 0, ODD_BYTES));
    return MAIL_REPLY_BAD;
}

static enum mail_reply_state done(struct mail_reply_reader *r) {
    r->out->received = true;
    return MAIL_REPLY_DONE;
}

/* --- one line, by form --- */

static enum mail_reply_state smtp_line(struct mail_reply_reader *r, struct base_bytes line) {
    uint64_t code = 0;
    bool last = line.len == 3 || (line.len > 3 && line.data[3] == ' ');
    bool more = line.len > 3 && line.data[3] == '-';
    if (!base_bytes_to_uint(base_bytes_slice(line, 0, 3), 599, &code) || code < 200 ||
        (!last && !more))
        return bad(r, line);
    struct base_bytes text = base_bytes_slice(line, 4, line.len);
    if (r->out->line_count == 0)
        r->out->enhanced = mail_enhanced_status(r->arena, text);
    else if (r->out->code != (int)code)
        r->out->mixed_codes = true;
    r->out->code = (int)code;
    keep_line(r, text);
    return last ? done(r) : MAIL_REPLY_MORE;
}

/* Takes the first word as status when it is one of `words`; the rest of the line is kept. */
static bool take_status(struct mail_reply_reader *r, struct base_bytes line,
                        const char *const *words) {
    size_t end = base_bytes_find(line, ' ');
    struct base_bytes word = base_bytes_slice(line, 0, end);
    for (; *words; words++)
        if (base_bytes_equal_nocase(word, *words)) {
            r->out->status = *words;
            keep_line(r, base_bytes_slice(line, end + 1, line.len));
            return true;
        }
    return false;
}

static enum mail_reply_state imap_greeting_line(struct mail_reply_reader *r,
                                                struct base_bytes line) {
    static const char *const words[] = {"OK", "PREAUTH", "BYE", NULL};
    if (!base_bytes_starts_with_nocase(line, "* ") ||
        !take_status(r, base_bytes_slice(line, 2, line.len), words))
        return bad(r, line);
    return done(r);
}

static enum mail_reply_state imap_line(struct mail_reply_reader *r, struct base_bytes line) {
    static const char *const words[] = {"OK", "NO", "BAD", NULL};
    size_t tag_len = base_bytes_of_str(r->tag).len;
    if (base_bytes_starts_with_nocase(line, "* ") || base_bytes_starts_with_nocase(line, "+ ")) {
        struct base_bytes text = base_bytes_slice(line, 2, line.len);
        if (base_bytes_equal_nocase(base_bytes_slice(text, 0, base_bytes_find(text, ' ')), "BYE"))
            r->out->status = "BYE";
        keep_line(r, text);
        return MAIL_REPLY_MORE;
    }
    if (!base_bytes_equal_nocase(base_bytes_slice(line, 0, tag_len), r->tag) ||
        line.len <= tag_len || line.data[tag_len] != ' ' ||
        !take_status(r, base_bytes_slice(line, tag_len + 1, line.len), words))
        return bad(r, line);
    return done(r);
}

static enum mail_reply_state pop3_line(struct mail_reply_reader *r, struct base_bytes line) {
    static const char *const words[] = {"+OK", "-ERR", NULL};
    if (r->out->line_count == 0) {
        if (!take_status(r, line, words))
            return bad(r, line);
        bool list = r->form == MAIL_REPLY_POP3_LIST && r->out->status[0] == '+';
        return list ? MAIL_REPLY_MORE : done(r);
    }
    if (base_bytes_equal_str(line, "."))
        return done(r);
    if (line.len > 0 && line.data[0] == '.') /* RFC 1939 section 3: byte-stuffed */
        line = base_bytes_slice(line, 1, line.len);
    keep_line(r, line);
    return MAIL_REPLY_MORE;
}

static enum mail_reply_state sieve_line(struct mail_reply_reader *r, struct base_bytes line) {
    static const char *const words[] = {"OK", "NO", "BYE", NULL};
    if (line.len > 0 && (line.data[0] == '"' || line.data[0] == '{')) {
        keep_line(r, line);
        return MAIL_REPLY_MORE;
    }
    return take_status(r, line, words) ? done(r) : bad(r, line);
}

static enum mail_reply_state take_line(struct mail_reply_reader *r) {
    struct base_bytes line = base_buf_view(&r->lines.line);
    switch (r->form) {
    case MAIL_REPLY_SMTP:
        return smtp_line(r, line);
    case MAIL_REPLY_IMAP_GREETING:
        return imap_greeting_line(r, line);
    case MAIL_REPLY_IMAP:
        return imap_line(r, line);
    case MAIL_REPLY_POP3:
    case MAIL_REPLY_POP3_LIST:
        return pop3_line(r, line);
    case MAIL_REPLY_SIEVE:
        return sieve_line(r, line);
    }
    return MAIL_REPLY_BAD;
}

/* No reply of a mail protocol begins with these bytes: no need to wait for the end of a line. */
static bool never_mail(const struct mail_reply_reader *r) {
    struct base_bytes b = base_buf_view(&r->lines.line);
    return r->out->line_count == 0 && b.len >= 2 && (b.data[0] == 0x15 || b.data[0] == 0x16) &&
           b.data[1] == 3;
}

enum mail_reply_state mail_reply_feed(struct mail_reply_reader *r, struct base_bytes *in) {
    while (in->len > 0) {
        size_t before = in->len;
        bool whole = mail_line_feed(&r->lines, in);
        r->bytes += before - in->len;
        if (r->bytes > MAIL_REPLY_BYTES || r->lines.literal_left > MAIL_REPLY_BYTES - r->bytes)
            return MAIL_REPLY_LIMIT;
        if (!whole)
            return never_mail(r) ? bad(r, base_buf_view(&r->lines.line)) : MAIL_REPLY_MORE;
        note_flags(r);
        enum mail_reply_state state = take_line(r);
        mail_line_next(&r->lines);
        if (state != MAIL_REPLY_MORE)
            return state;
    }
    return MAIL_REPLY_MORE;
}
