/* SPDX-License-Identifier: Apache-2.0 */
/* header - header fields of a message replaced and added
 *
 * The text is what a user typed, so nothing is taken for granted: lines may end in LF or CRLF, a
 * line may have no colon, there may be no empty line. The rules are those of swaks: the last field
 * of a name is the one that is replaced, and what is not found is added at %NEW_HEADERS% or at the
 * end of the header.
 *
 * Ownership: the caller's buffer is rewritten in place, so that a large body is not held twice. RFC
 * 5322 2.2. */
#include "message/private.h"

#include <string.h>

/* Length of the line end at the start of b: 2 for CRLF, 1 for LF, 0 for something else. */
static size_t line_end(struct base_bytes b) {
    if (b.len > 0 && b.data[0] == '\n')
        return 1;
    return b.len > 1 && b.data[0] == '\r' && b.data[1] == '\n' ? 2 : 0;
}

/* Length of the text up to the first empty line; *gap is that of the line ends behind it. */
static size_t header_length(struct base_bytes text, size_t *gap) {
    for (size_t at = 0; at < text.len; at++) {
        at += base_bytes_find(base_bytes_slice(text, at, text.len), '\n');
        if (at >= text.len)
            break;
        size_t cr = at > 0 && text.data[at - 1] == '\r' ? 1 : 0;
        struct base_bytes next = base_bytes_slice(text, at + 1, text.len);
        if (next.len == 0 || line_end(next) > 0) {
            *gap = cr + 1 + line_end(next);
            return at - cr;
        }
    }
    *gap = 0;
    return text.len;
}

/* What a continuation line begins with; swaks takes any white space. */
static bool is_blank(struct base_bytes b) {
    return b.len > 0 && b.data[0] != '\0' && b.data[0] != '\n' &&
           base_bytes_find(base_bytes_of_str(" \t\r\v\f"), b.data[0]) < 5;
}

static bool same_name(struct base_bytes line, struct base_bytes name, bool nocase) {
    if (line.len < name.len)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        uint8_t a = line.data[i], b = name.data[i];
        if (a != b && (!nocase || base_ascii_lower(a) != base_ascii_lower(b)))
            return false;
    }
    struct base_bytes rest = base_bytes_slice(line, name.len, line.len);
    return rest.len == 0 || rest.data[0] == ':' || line_end(rest) > 0;
}

/* Start of the line behind the one at `at`. */
static size_t next_line(struct base_bytes text, size_t at) {
    size_t len = base_bytes_find(base_bytes_slice(text, at, text.len), '\n');
    return at + len < text.len ? at + len + 1 : text.len;
}

/* The last field of this name that begins before `limit`: its bytes without the last line end. */
static bool find_field(struct base_bytes text, size_t limit, struct base_bytes name, bool nocase,
                       size_t *start, size_t *end) {
    bool found = false;
    for (size_t at = 0; at < limit;) {
        bool here = same_name(base_bytes_slice(text, at, text.len), name, nocase);
        size_t after = next_line(text, at);
        while (here && after < limit && is_blank(base_bytes_slice(text, after, 1)))
            after = next_line(text, after);
        if (here) {
            found = true;
            *start = at;
            *end = after;
        }
        at = after;
    }
    if (found && *end > *start && text.data[*end - 1] == '\n')
        *end -= *end - *start > 1 && text.data[*end - 2] == '\r' ? 2 : 1;
    return found;
}

/* A message whose header is being rewritten, in place. */
struct header {
    struct base_buf *message;
    size_t len; /* of the header, which it begins with */
    struct base_buf added;
};

static struct base_bytes header_text(const struct header *h) {
    return base_bytes_slice(base_buf_view(h->message), 0, h->len);
}

static void splice(struct header *h, size_t start, size_t end, struct base_bytes value) {
    base_buf_splice(h->message, start, end - start, value);
    if (!h->message->failed)
        h->len = h->len - (end - start) + value.len;
}

/* One field: replaced in the header, or one more line of `added`. */
static void place_field(struct header *header, struct base_bytes field,
                        const struct message_header_wish *wish) {
    struct base_bytes text = header_text(header);
    size_t limit = wish->stop ? base_bytes_find_str(text, wish->stop) : text.len;
    size_t colon = base_bytes_find(field, ':'), start = 0, end = 0;
    struct base_bytes name = base_bytes_slice(field, 0, colon);
    if (colon > 0 && colon < field.len &&
        find_field(text, limit, name, wish->nocase, &start, &end)) {
        splice(header, start, end, field);
        return;
    }
    base_buf_append_bytes(&header->added, field);
    base_buf_append_str(&header->added, "\r\n");
}

static void place_expanded(struct header *header, struct base_bytes raw,
                           const struct message_header_wish *wish) {
    struct base_buf field;
    base_buf_init(&field, MESSAGE_TEXT_MAX);
    base_buf_append_bytes(&field, raw);
    message_tokens_expand_newlines(&field);
    place_field(header, base_buf_view(&field), wish);
    header->added.failed = header->added.failed || field.failed;
    base_buf_release(&field);
}

/* Where the field at the start of `text` ends: at a \n that no blank and no line end follows. */
static size_t field_length(struct base_bytes text) {
    for (size_t at = 0;; at += 2) {
        at += base_bytes_find_str(base_bytes_slice(text, at, text.len), "\\n");
        if (at >= text.len)
            return text.len;
        struct base_bytes next = base_bytes_slice(text, at + 2, text.len);
        if (!is_blank(next) && line_end(next) == 0)
            return at;
    }
}

static struct base_bytes without_last_newlines(struct base_bytes text) {
    while (text.len >= 2 && text.data[text.len - 2] == '\\' && text.data[text.len - 1] == 'n')
        text.len -= 2;
    return text;
}

static void place_wish(struct header *header, const char *wished,
                       const struct message_header_wish *wish) {
    struct base_bytes rest = without_last_newlines(base_bytes_of_str(wished));
    do {
        size_t len = field_length(rest);
        place_expanded(header, base_bytes_slice(rest, 0, len), wish);
        rest = base_bytes_slice(rest, len + 2, rest.len);
    } while (rest.len > 0);
}

/* New fields stand where the token is, each with its line end, else behind the last field. */
static void insert_added(struct header *header) {
    struct base_bytes text = header_text(header), added = base_buf_view(&header->added);
    bool wanted = base_bytes_find_str(text, "%NEW_HEADERS%") < text.len ||
                  base_bytes_find_str(text, "..NEW_HEADERS..") < text.len;
    if (wanted) {
        message_tokens_replace(header->message, &header->len, "NEW_HEADERS", added);
    } else if (added.len > 0) {
        if (header->len > 0)
            splice(header, header->len, header->len, base_bytes_of_str("\r\n"));
        splice(header, header->len, header->len, base_bytes_slice(added, 0, added.len - 2));
    }
}

void message_header_apply(struct base_buf *message, const struct message_header_wish *wish) {
    struct header header = {.message = message};
    size_t gap;
    header.len = header_length(base_buf_view(message), &gap);
    base_buf_init(&header.added, message->max);
    base_buf_append_str(&header.added, wish->first ? wish->first : "");
    for (size_t i = 0; i < wish->add_count; i++) {
        base_buf_append_str(&header.added, wish->add[i]);
        base_buf_append_str(&header.added, "\r\n");
    }
    message_tokens_expand_newlines(&header.added);
    for (size_t i = 0; i < wish->replace_count; i++)
        place_wish(&header, wish->replace[i], wish);
    insert_added(&header);
    splice(&header, header.len, header.len + gap,
           base_bytes_of_str(header.len > 0 ? "\r\n\r\n" : "\r\n"));
    message->failed = message->failed || header.added.failed;
    base_buf_release(&header.added);
}
