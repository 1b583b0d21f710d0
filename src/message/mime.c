/* SPDX-License-Identifier: Apache-2.0 */
/* mime - body and attachments of a message
 *
 * The shape is that of swaks: multipart/mixed of one body and the attachments, several bodies in a
 * multipart/alternative (alone on top when nothing is attached). Beyond it the last body, which
 * ought to be the richest, stands in a multipart/related with the inline parts that it shows.
 *
 * Plain text without a name is written as it is and expanded with the rest of the message;
 * everything else is base64, coded while it is sent. Text with a charset is quoted-printable where
 * it must be, so that no server on the way needs 8BITMIME. A whole message or multipart that is
 * attached may not be coded (RFC 2046 5.2.1), except that swaks does.
 *
 * RFC 2045, 2046, 2183 (disposition), 2387 (related), 2392 (content ids). */
#include "message/private.h"

#include "message/mime_encode.h"

#include <string.h>

#define LEVEL_TOP 0u
#define LEVEL_ALTERNATIVE 4u /* the numbers in boundaries that swaks uses */
#define LEVEL_RELATED 8u
#define MAGIC_BYTES 65536u

struct mime {
    const struct message_input *in;
    struct message_holes *holes;
    struct base_buf *fields;
    struct base_buf *body;
    struct message_part only; /* --body as a part, when there is no --attach-body */
    size_t bodies, attached, inlined;
    struct base_error *e;
};

static void append_boundary(const struct mime *m, struct base_buf *out, unsigned level) {
    base_buf_printf(out, "----=_MIME_BOUNDARY_%03u_%u", level, m->in->pid);
    if (!m->in->as_swaks) /* so that a message of ours can be attached to another */
        base_buf_printf(out, ".%llx.%u", (unsigned long long)m->in->now, m->in->sequence);
}

static void open_part(const struct mime *m, unsigned level) {
    base_buf_append_str(m->body, "--");
    append_boundary(m, m->body, level);
    base_buf_append_byte(m->body, '\n');
}

static void close_parts(const struct mime *m, unsigned level) {
    base_buf_append_str(m->body, "--");
    append_boundary(m, m->body, level);
    base_buf_append_str(m->body, "--\n");
}

static void append_multipart(const struct mime *m, struct base_buf *out, const char *subtype,
                             unsigned level) {
    base_buf_printf(out, "Content-Type: multipart/%s; boundary=\"", subtype);
    append_boundary(m, out, level);
    base_buf_append_byte(out, '"');
}

static struct base_bytes last_element(const char *path) {
    const char *slash = path ? strrchr(path, '/') : NULL;
    return base_bytes_of_str(slash ? slash + 1 : path);
}

static struct base_bytes part_name(const struct message_part *part) {
    if (part->kind == MESSAGE_PART_BODY)
        return BASE_BYTES_EMPTY;
    return part->name ? base_bytes_of_str(part->name) : last_element(part->path);
}

/* --- types --- */

/* Types that libmagic gives to what it does not know more about. */
static bool is_vague(const char *type) {
    static const char *const vague[] = {"text/plain",      "application/octet-stream",
                                        "application/zip", "inode/x-empty",
                                        "text/xml",        "application/x-gzip"};
    for (size_t i = 0; i < sizeof vague / sizeof vague[0]; i++)
        if (strcmp(type, vague[i]) == 0)
            return true;
    return strncmp(type, "text/x-", 7) == 0;
}

static const char *guess_type(struct base_bytes name, struct message_source *source) {
    uint8_t start[MAGIC_BYTES];
    size_t len = 0;
    if (message_source_read(source, start, sizeof start, &len, NULL) != WS_OK)
        len = 0;
    message_source_rewind(source);
    const char *by_content = message_mime_type_of_content(base_bytes_view(start, len));
    const char *by_name = message_mime_type_of_name(name);
    if (by_name && (!by_content || is_vague(by_content)))
        return by_name;
    return by_content ? by_content : "application/octet-stream";
}

static const char *part_type(const struct message_part *part, struct message_source *source) {
    if (part->type)
        return part->type;
    if (part->guess_type)
        return guess_type(part_name(part), source);
    return part->kind == MESSAGE_PART_BODY ? "text/plain" : "application/octet-stream";
}

/* --- one part --- */

enum coding {
    CODING_PLAIN,   /* expanded with the message */
    CODING_READY,   /* text with a charset */
    CODING_MESSAGE, /* goes out as it is */
    CODING_BASE64
};

static enum coding part_coding(const struct mime *m, const struct message_part *part,
                               const char *type) {
    struct base_bytes t = base_bytes_of_str(type);
    bool text = strcmp(type, "text/plain") == 0 && !part->guess_type && part_name(part).len == 0;
    if (text)
        return part->charset ? CODING_READY : CODING_PLAIN;
    if (!m->in->as_swaks && (base_bytes_starts_with_nocase(t, "message/") ||
                             base_bytes_starts_with_nocase(t, "multipart/")))
        return CODING_MESSAGE;
    return CODING_BASE64;
}

static void append_text_hole(const struct mime *m, struct base_bytes text) {
    struct base_buf copy;
    base_buf_init(&copy, MESSAGE_TEXT_MAX);
    base_buf_append_bytes(&copy, text);
    message_holes_add_text(m->holes, MESSAGE_HOLE_TEXT, &copy, m->body);
    base_buf_release(&copy);
}

/* The name is text of the message to swaks; else nothing in it is expanded. */
static void append_named(const struct mime *m, const char *parameter, struct base_bytes name) {
    if (m->in->as_swaks) {
        base_buf_printf(m->body, "; %s=\"", parameter);
        base_buf_append_bytes(m->body, name);
        base_buf_append_byte(m->body, '"');
        return;
    }
    struct base_buf text;
    base_buf_init(&text, MESSAGE_TEXT_MAX);
    message_mime_parameter(&text, parameter, name);
    message_holes_add_text(m->holes, MESSAGE_HOLE_TEXT, &text, m->body);
    base_buf_release(&text);
}

static void append_description(const struct mime *m, struct base_bytes name) {
    if (name.len == 0 || (!m->in->as_swaks && message_mime_needs_encoding(name)))
        return;
    base_buf_append_str(m->body, "Content-Description: ");
    if (m->in->as_swaks)
        base_buf_append_bytes(m->body, name);
    else
        append_text_hole(m, name);
    base_buf_append_byte(m->body, '\n');
}

static void append_fields(const struct mime *m, const struct message_part *part, const char *type) {
    struct base_bytes name = part_name(part);
    base_buf_printf(m->body, "Content-Type: %s", type);
    if (part->charset)
        base_buf_printf(m->body, "; charset=%s", part->charset);
    if (name.len > 0)
        append_named(m, "name", name);
    base_buf_append_byte(m->body, '\n');
    append_description(m, name);
    if (part->content_id)
        base_buf_printf(m->body, "Content-ID: <%s>\n", part->content_id);
}

static void append_disposition(const struct mime *m, const struct message_part *part,
                               const char *type) {
    struct base_bytes name = part_name(part);
    bool text = base_bytes_starts_with_nocase(base_bytes_of_str(type), "text");
    if (part->kind == MESSAGE_PART_BODY && text)
        return;
    base_buf_printf(m->body, "Content-Disposition: %s",
                    part->kind == MESSAGE_PART_INLINE ? "inline" : "attachment");
    if (name.len > 0)
        append_named(m, "filename", name);
    base_buf_append_byte(m->body, '\n');
}

/* Quoted-printable, if it must be; returns how it is coded, or NULL. */
static const char *encode_text(struct base_buf *text) {
    if (!message_mime_needs_encoding(base_buf_view(text)))
        return NULL;
    struct base_buf coded;
    base_buf_init(&coded, MESSAGE_TEXT_MAX);
    message_mime_quoted_printable(&coded, base_buf_view(text));
    coded.failed = coded.failed || text->failed;
    base_buf_release(text);
    *text = coded;
    return "quoted-printable";
}

static void append_coding(const struct mime *m, const char *coding) {
    if (coding)
        base_buf_printf(m->body, "Content-Transfer-Encoding: %s\n", coding);
    base_buf_append_byte(m->body, '\n');
}

/* Takes the source over. */
static void append_source(const struct mime *m, enum message_hole_kind kind,
                          struct message_source *source) {
    struct message_hole *hole = message_holes_add(m->holes, kind, m->body);
    if (!hole)
        return;
    hole->source = *source;
    message_source_of_bytes(source, BASE_BYTES_EMPTY);
}

static enum ws_err append_plain(const struct mime *m, const struct message_part *part,
                                struct message_source *source) {
    append_coding(m, NULL);
    if (part != &m->only || !m->in->body_is_dump)
        return message_source_read_all(source, m->body, m->e);
    append_source(m, MESSAGE_HOLE_VERBATIM, source);
    return WS_OK;
}

static enum ws_err append_ready(const struct mime *m, const struct message_part *part,
                                struct message_source *source) {
    struct base_buf text;
    base_buf_init(&text, MESSAGE_TEXT_MAX);
    enum ws_err err = message_source_read_all(source, &text, m->e);
    if (part != &m->only || !m->in->body_is_dump)
        message_expand_tokens(m->in, &text);
    append_coding(m, encode_text(&text));
    message_holes_add_text(m->holes, MESSAGE_HOLE_TEXT, &text, m->body);
    base_buf_release(&text);
    return err;
}

static enum ws_err is_eight_bit(const struct mime *m, struct message_source *source, bool *found) {
    uint8_t chunk[4096];
    enum ws_err err = WS_OK;
    *found = false;
    for (size_t len = 1; err == WS_OK && len > 0 && !*found;) {
        err = message_source_read(source, chunk, sizeof chunk, &len, m->e);
        for (size_t i = 0; i < len; i++)
            *found = *found || chunk[i] > 127;
    }
    message_source_rewind(source);
    return err;
}

static enum ws_err append_message(const struct mime *m, struct message_source *source) {
    bool eight_bit = false;
    enum ws_err err = is_eight_bit(m, source, &eight_bit);
    append_coding(m, eight_bit ? "8bit" : NULL);
    append_source(m, MESSAGE_HOLE_TEXT, source);
    return err;
}

static enum ws_err append_content(const struct mime *m, const struct message_part *part,
                                  struct message_source *source) {
    const char *type = part_type(part, source);
    enum coding coding = part_coding(m, part, type);
    append_fields(m, part, type);
    if (coding != CODING_PLAIN && coding != CODING_READY)
        append_disposition(m, part, type);
    switch (coding) {
    case CODING_PLAIN:
        return append_plain(m, part, source);
    case CODING_READY:
        return append_ready(m, part, source);
    case CODING_MESSAGE:
        return append_message(m, source);
    case CODING_BASE64:
        append_coding(m, "BASE64");
        append_source(m, MESSAGE_HOLE_BASE64, source);
    }
    return WS_OK;
}

static enum ws_err append_part(const struct mime *m, const struct message_part *part,
                               unsigned level) {
    struct message_source source;
    enum ws_err err = message_source_open(&source, part->bytes, part->path, m->e);
    if (err != WS_OK)
        return err;
    open_part(m, level);
    err = append_content(m, part, &source);
    /* swaks makes one line end of this and a CR at the end of the content */
    base_buf_append_str(m->body, m->in->as_swaks ? "\n" : "\r\n");
    message_source_release(&source);
    return err;
}

/* --- the whole --- */

static enum ws_err append_kind(const struct mime *m, enum message_part_kind kind, size_t skip,
                               size_t most, unsigned level) {
    enum ws_err err = WS_OK;
    for (size_t i = 0; i < m->in->part_count && most > 0 && err == WS_OK; i++) {
        if (m->in->parts[i].kind != kind)
            continue;
        if (skip > 0) {
            skip--;
            continue;
        }
        err = append_part(m, &m->in->parts[i], level);
        most--;
    }
    return err;
}

/* The last --attach-body, or --body where there are none. */
static enum ws_err append_richest(const struct mime *m, unsigned level) {
    if (m->only.type)
        return append_part(m, &m->only, level);
    return append_kind(m, MESSAGE_PART_BODY, m->bodies - 1, 1, level);
}

/* The last body and the inline parts that it shows. */
static enum ws_err append_related(const struct mime *m, unsigned level) {
    enum ws_err err = append_richest(m, level);
    if (err == WS_OK)
        err = append_kind(m, MESSAGE_PART_INLINE, 0, m->inlined, level);
    close_parts(m, level);
    return err;
}

static enum ws_err append_last_body(const struct mime *m, unsigned level) {
    if (m->inlined == 0)
        return append_richest(m, level);
    open_part(m, level);
    append_multipart(m, m->body, "related", LEVEL_RELATED);
    base_buf_append_str(m->body, "\n\n");
    return append_related(m, LEVEL_RELATED);
}

static enum ws_err append_alternative(const struct mime *m, unsigned level) {
    enum ws_err err = append_kind(m, MESSAGE_PART_BODY, 0, m->bodies - 1, level);
    if (err == WS_OK)
        err = append_last_body(m, level);
    close_parts(m, level);
    return err;
}

static enum ws_err append_mixed(const struct mime *m) {
    enum ws_err err;
    if (m->bodies > 1) {
        open_part(m, LEVEL_TOP);
        append_multipart(m, m->body, "alternative", LEVEL_ALTERNATIVE);
        base_buf_append_str(m->body, "\n\n");
        err = append_alternative(m, LEVEL_ALTERNATIVE);
    } else {
        err = append_last_body(m, LEVEL_TOP);
    }
    if (err == WS_OK)
        err = append_kind(m, MESSAGE_PART_ATTACHED, 0, m->attached, LEVEL_TOP);
    close_parts(m, LEVEL_TOP);
    return err;
}

static enum ws_err append_top(const struct mime *m) {
    bool alternative = m->attached == 0 && m->bodies > 1;
    bool related = m->attached == 0 && m->bodies == 1 && m->inlined > 0;
    base_buf_append_str(m->fields, "MIME-Version: 1.0\\n");
    append_multipart(m, m->fields,
                     alternative ? "alternative"
                     : related   ? "related"
                                 : "mixed",
                     LEVEL_TOP);
    base_buf_append_str(m->fields, "\\n");
    if (alternative)
        return append_alternative(m, LEVEL_TOP);
    return related ? append_related(m, LEVEL_TOP) : append_mixed(m);
}

/* --body alone, with a charset: not a part, but what a part has stands in the header. */
static enum ws_err append_single(const struct mime *m) {
    struct base_buf text;
    base_buf_init(&text, MESSAGE_TEXT_MAX);
    enum ws_err err = message_source_read_whole(m->in->body, m->in->body_path, &text, m->e);
    if (!m->in->body_is_dump)
        message_expand_tokens(m->in, &text);
    const char *coding = encode_text(&text);
    base_buf_printf(m->fields, "MIME-Version: 1.0\\nContent-Type: text/plain; charset=%s\\n",
                    m->in->body_charset);
    if (coding)
        base_buf_printf(m->fields, "Content-Transfer-Encoding: %s\\n", coding);
    message_holes_add_text(m->holes, MESSAGE_HOLE_TEXT, &text, m->body);
    base_buf_release(&text);
    return err;
}

static enum ws_err append_bare(const struct mime *m) {
    struct message_source dump;
    if (!m->in->body_is_dump)
        return message_source_read_whole(m->in->body, m->in->body_path, m->body, m->e);
    message_source_of_bytes(&dump, m->in->body);
    append_source(m, MESSAGE_HOLE_VERBATIM, &dump);
    return WS_OK;
}

static void count_parts(struct mime *m) {
    for (size_t i = 0; i < m->in->part_count; i++) {
        m->bodies += m->in->parts[i].kind == MESSAGE_PART_BODY;
        m->attached += m->in->parts[i].kind == MESSAGE_PART_ATTACHED;
        m->inlined += m->in->parts[i].kind == MESSAGE_PART_INLINE;
    }
    if (m->bodies > 0)
        return;
    m->bodies = 1;
    m->only = (struct message_part){
        .kind = MESSAGE_PART_BODY,
        .type = "text/plain",
        .charset = m->in->body_charset,
        .bytes = m->in->body,
        .path = m->in->body_path,
    };
}

enum ws_err message_mime_compose(const struct message_input *in, struct message_holes *holes,
                                 struct base_buf *fields, struct base_buf *body,
                                 struct base_error *e) {
    struct mime m = {.in = in, .holes = holes, .fields = fields, .body = body, .e = e};
    if (in->part_count == 0 && !in->always_mime)
        return in->body_charset ? append_single(&m) : append_bare(&m);
    count_parts(&m);
    return append_top(&m);
}
