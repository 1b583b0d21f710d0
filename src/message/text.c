/* SPDX-License-Identifier: Apache-2.0 */
/* text - from what the user said to the text of the message
 *
 * The order of the steps is that of swaks, and users depend on it: the body is put in, \n becomes a
 * line end, header fields are replaced and added up to the first empty line there is by then, and
 * only then the tokens are replaced, one after the other: a %NEWLINE% never ends the header, an
 * address that looks like a token may become one. A "From " line and a final dot, as a message
 * copied from a mailbox or a session has them, are taken off.
 *
 * With --no-data-fixup nothing of this happens. RFC 5322 for what the default message holds. */
#include "message/private.h"

#include <stdio.h>
#include <string.h>

#define TOKEN_MAX 32

/* --- tokens --- */

void message_tokens_replace(struct base_buf *text, size_t *end, const char *name,
                            struct base_bytes value) {
    size_t all = text->len;
    char token[TOKEN_MAX + 1];
    for (int dots = 0; dots < 2; dots++) {
        (void)snprintf(token, sizeof token, dots ? "..%s.." : "%%%s%%", name);
        base_buf_replace(text, end ? end : &all, token, value);
    }
}

void message_tokens_expand_newlines(struct base_buf *text) {
    size_t all = text->len;
    base_buf_replace(text, &all, "\\n", base_bytes_of_str("\r\n"));
}

/* A time that has no calendar date gives that of 1970. */
static struct tm local_time(time_t t) {
    struct tm tm = {.tm_mday = 1, .tm_year = 70, .tm_wday = 4};
    struct tm found;
    return localtime_r(&t, &found) ? found : tm;
}

/* "Wed, 03 Nov 1999 11:24:29 -0500" (RFC 5322 section 3.3). strftime would write day and month in
 * the user's language. */
static void append_date(struct base_buf *out, time_t t) {
    static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm tm = local_time(t);
    long minutes = tm.tm_gmtoff / 60;
    unsigned away = (unsigned)(minutes < 0 ? -minutes : minutes);
    base_buf_printf(out, "%s, %02d %s %04d %02d:%02d:%02d %c%02u%02u", days[tm.tm_wday], tm.tm_mday,
                    months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec,
                    minutes < 0 ? '-' : '+', away / 60, away % 60);
}

/* "19991103112429": the same moment. */
static void append_stamp(struct base_buf *out, time_t t) {
    struct tm tm = local_time(t);
    base_buf_printf(out, "%04d%02d%02d%02d%02d%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
                    tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void replace_message_id(const struct message_input *in, struct base_buf *text) {
    struct base_buf id;
    base_buf_init(&id, MESSAGE_TEXT_MAX);
    append_stamp(&id, in->now);
    base_buf_printf(&id, ".%06u", in->pid);
    if (in->sequence > 0)
        base_buf_printf(&id, ".%u", in->sequence);
    base_buf_printf(&id, "@%s", in->fqdn ? in->fqdn : "");
    message_tokens_replace(text, NULL, "MESSAGEID", base_buf_view(&id));
    base_buf_release(&id);
}

static void replace_date(const struct message_input *in, struct base_buf *text) {
    struct base_buf date;
    base_buf_init(&date, 128);
    append_date(&date, in->now);
    message_tokens_replace(text, NULL, "DATE", base_buf_view(&date));
    base_buf_release(&date);
}

/* All tokens but those that only the message as a whole has. */
static void replace_tokens(const struct message_input *in, struct base_buf *text) {
    message_tokens_replace(text, NULL, "NEWLINE", base_bytes_of_str("\r\n"));
    message_tokens_replace(text, NULL, "FROM_ADDRESS", base_bytes_of_str(in->from));
    message_tokens_replace(text, NULL, "TO_ADDRESS", base_bytes_of_str(in->to));
    message_tokens_replace(text, NULL, "CC_ADDRESS", base_bytes_of_str(in->cc));
    message_tokens_replace(text, NULL, "BCC_ADDRESS", base_bytes_of_str(in->bcc));
    replace_message_id(in, text);
    replace_date(in, text);
    message_tokens_replace(text, NULL, "SWAKS_VERSION", base_bytes_of_str(in->version));
}

void message_expand_tokens(const struct message_input *in, struct base_buf *text) {
    message_tokens_expand_newlines(text);
    replace_tokens(in, text);
}

/* Written with \n, as if it had been given with --data. */
static void append_template(const struct message_input *in, struct base_bytes fields,
                            struct base_buf *text) {
    base_buf_append_str(text, "Date: %DATE%\\nTo: %TO_ADDRESS%\\n");
    if (in->cc && *in->cc)
        base_buf_append_str(text, "Cc: %CC_ADDRESS%\\n");
    base_buf_append_str(text, "From: %FROM_ADDRESS%\\nSubject: test %DATE%\\n"
                              "Message-Id: <%MESSAGEID%>\n");
    base_buf_append_str(text, in->as_swaks ? "X-Mailer: swaks v%SWAKS_VERSION% "
                                             "jetmore.org/john/code/swaks/\\n"
                                           : "X-Mailer: waxseal " WAXSEAL_VERSION "\\n");
    base_buf_append_bytes(text, fields);
    base_buf_append_str(text, "%NEW_HEADERS%\\n%BODY%\\n");
}

static bool has_field(struct base_bytes text, const char *name) {
    for (size_t at = 0; at < text.len; at++) {
        if (base_bytes_starts_with_nocase(base_bytes_slice(text, at, text.len), name))
            return true;
        at += base_bytes_find(base_bytes_slice(text, at, text.len), '\n');
    }
    return false;
}

/* The user's own message gets the MIME fields that its parts need, unless it has some (not in
 * swaks, where such a message arrives broken). */
static bool lacks_mime_fields(const struct message_input *in, struct base_bytes fields,
                              const char *stop, struct base_bytes data) {
    size_t header = base_bytes_find_str(data, stop);
    return in->data_given && !in->as_swaks && fields.len > 0 && header < data.len &&
           !has_field(base_bytes_slice(data, 0, header), "mime-version:");
}

static void apply_header(const struct message_input *in, struct base_buf *fields, const char *stop,
                         struct base_buf *text) {
    struct message_header_wish wish = {
        .add = in->add_headers,
        .add_count = in->add_header_count,
        .replace = in->headers,
        .replace_count = in->header_count,
        .nocase = !in->as_swaks,
        .stop = in->as_swaks ? NULL : stop,
        .first = base_buf_cstr(fields),
    };
    message_header_apply(text, &wish);
}

/* "From someone Wed Nov  3 ..." of a mailbox. */
static void strip_from_line(struct base_buf *text) {
    struct base_bytes view = base_buf_view(text);
    size_t end = base_bytes_find(view, '\n');
    if (base_bytes_equal_str(base_bytes_slice(view, 0, 5), "From ") && end < view.len)
        base_buf_consume(text, end + 1);
}

/* A dot alone on the last line, which ends a message in a session: one will be added anyway. */
static void strip_last_dot(struct base_buf *text) {
    struct base_bytes view = base_buf_view(text);
    size_t len = view.len;
    if (len > 0 && view.data[len - 1] == '\n')
        len -= len > 1 && view.data[len - 2] == '\r' ? 2 : 1;
    if (len > 1 && view.data[len - 1] == '.' && view.data[len - 2] == '\n')
        base_buf_truncate(text, len - (len > 2 && view.data[len - 3] == '\r' ? 3 : 2));
}

/* The text after the body is put in. */
static void fix_up(const struct message_input *in, struct base_buf *fields, const char *stop,
                   struct base_buf *text) {
    message_tokens_expand_newlines(text);
    if (!lacks_mime_fields(in, base_buf_view(fields), stop, base_buf_view(text)))
        base_buf_clear(fields);
    apply_header(in, fields, stop, text);
    replace_tokens(in, text);
    if (!in->no_strip_from)
        strip_from_line(text);
    strip_last_dot(text);
    base_buf_append_str(text, "\r\n");
}

static bool holds(const struct base_buf *text, const char *what) {
    return base_bytes_find_str(base_buf_view(text), what) < text->len;
}

/* The body goes where the text says. Into one place, as nearly always, a large one does not go at
 * all: the text is put around it, so that it is not held twice. */
static void put_body(struct base_buf *text, struct base_buf *body) {
    struct base_bytes before = base_buf_view(text), after;
    size_t at = base_bytes_find_str(before, "%BODY%");
    before = base_bytes_slice(before, 0, at);
    after = base_bytes_slice(base_buf_view(text), at + strlen("%BODY%"), text->len);
    if (body->len < text->len || at == text->len || holds(text, "..BODY..") ||
        holds(body, "..BODY..") || base_bytes_find_str(after, "%BODY%") < after.len) {
        message_tokens_replace(text, NULL, "BODY", base_buf_view(body));
        return;
    }
    base_buf_splice(body, 0, 0, before);
    base_buf_append_bytes(body, after);
    struct base_buf whole = *body;
    *body = *text;
    *text = whole;
}

enum ws_err message_compose(struct message *m, const struct message_input *in,
                            struct base_error *e) {
    struct base_buf fields, body;
    char stop[MESSAGE_MARK_MAX];
    base_buf_init(&fields, MESSAGE_TEXT_MAX);
    base_buf_init(&body, MESSAGE_TEXT_MAX);
    message_holes_mark(&m->holes, m->holes.count, stop);
    if (!in->as_swaks)
        (void)message_holes_add(&m->holes, MESSAGE_HOLE_STOP, &body);
    enum ws_err err = message_mime_compose(in, &m->holes, &fields, &body, e);
    if (in->data_given && err == WS_OK)
        err = message_source_read_whole(in->data, in->data_path, &m->text, e);
    else
        append_template(in, base_buf_view(&fields), &m->text);
    if (!in->no_data_fixup) {
        put_body(&m->text, &body);
        fix_up(in, &fields, stop, &m->text);
    }
    if (err == WS_OK && (m->text.failed || body.failed || fields.failed))
        err = base_error_set(e, WS_LIMIT, "the text of the message is too large");
    base_buf_release(&fields);
    base_buf_release(&body);
    return err;
}
