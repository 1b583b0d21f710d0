/* SPDX-License-Identifier: Apache-2.0 */
/* holes - places in a text where something else is sent
 *
 * The rules for tokens, header fields and line ends work on one text in memory. Attachments must
 * not go through them, and must not be in memory. A mark stands for each; when the text is ready
 * it is cut at the marks. */
#include "message/private.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define MARK_END "}\x1a"

void message_holes_init(struct message_holes *h) {
    uint64_t random = 0;
    *h = (struct message_holes){0};
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        random = (uint64_t)(uintptr_t)h;
    struct base_buf prefix;
    base_buf_init(&prefix, MESSAGE_MARK_MAX);
    base_buf_printf(&prefix, "\x1a{hole-%016llx-", (unsigned long long)random);
    struct base_bytes view = base_buf_view(&prefix);
    h->prefix[base_bytes_copy(h->prefix, sizeof h->prefix - 1, view)] = '\0';
    base_buf_release(&prefix);
}

void message_holes_release(struct message_holes *h) {
    for (size_t i = 0; i < h->count; i++) {
        message_source_release(&h->list[i].source);
        base_buf_release(&h->list[i].owned);
    }
    free(h->list);
    h->list = NULL;
    h->count = h->cap = 0;
}

void message_holes_mark(const struct message_holes *h, size_t index, char mark[MESSAGE_MARK_MAX]) {
    struct base_buf text;
    base_buf_init(&text, MESSAGE_MARK_MAX);
    base_buf_printf(&text, "%s%zu" MARK_END, h->prefix, index);
    mark[base_bytes_copy(mark, MESSAGE_MARK_MAX - 1, base_buf_view(&text))] = '\0';
    base_buf_release(&text);
}

struct message_hole *message_holes_find(const struct message_holes *h, struct base_bytes text,
                                        size_t *len) {
    size_t start = base_bytes_of_str(h->prefix).len;
    struct base_bytes number = base_bytes_slice(text, start, MESSAGE_MARK_MAX - start);
    uint64_t index = 0;
    number.len = base_bytes_find_str(number, MARK_END);
    *len = start + number.len + strlen(MARK_END);
    return base_bytes_to_uint(number, SIZE_MAX, &index) && index < h->count ? &h->list[index]
                                                                            : NULL;
}

static struct message_hole *new_hole(struct message_holes *h) {
    if (h->count == h->cap) {
        size_t cap = h->cap ? h->cap * 2 : 8;
        struct message_hole *list = reallocarray(h->list, cap, sizeof *list);
        if (!list)
            return NULL;
        h->list = list;
        h->cap = cap;
    }
    return &h->list[h->count];
}

struct message_hole *message_holes_add(struct message_holes *h, enum message_hole_kind kind,
                                       struct base_buf *text) {
    char mark[MESSAGE_MARK_MAX];
    struct message_hole *hole = new_hole(h);
    if (!hole) {
        text->failed = true;
        return NULL;
    }
    hole->kind = kind;
    base_buf_init(&hole->owned, MESSAGE_TEXT_MAX);
    message_source_of_bytes(&hole->source, BASE_BYTES_EMPTY);
    message_holes_mark(h, h->count++, mark);
    base_buf_append_str(text, mark);
    return hole;
}

void message_holes_add_text(struct message_holes *h, enum message_hole_kind kind,
                            struct base_buf *owned, struct base_buf *text) {
    struct message_hole *hole = message_holes_add(h, kind, text);
    if (hole) {
        hole->owned = *owned;
        message_source_of_bytes(&hole->source, base_buf_view(&hole->owned));
        text->failed = text->failed || owned->failed;
        base_buf_init(owned, owned->max);
    }
}
