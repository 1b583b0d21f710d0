/* SPDX-License-Identifier: Apache-2.0 */
#include "ways.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* The first `first` bytes in one piece, the rest in pieces of `piece`. */
static struct reading read_in_pieces(enum mail_reply_form form, struct base_bytes in, size_t first,
                                     size_t piece) {
    struct reading r = {.state = MAIL_REPLY_MORE};
    struct mail_reply_reader reader;
    base_arena_init(&r.arena, (size_t)64 << 20);
    mail_reply_init(&reader, MAIL_STRICT, &r.arena);
    mail_reply_begin(&reader, form, "w1", &r.reply);
    for (size_t n = first; r.state == MAIL_REPLY_MORE && r.used < in.len; n = piece) {
        struct base_bytes part = base_bytes_slice(in, r.used, n);
        size_t before = part.len;
        r.state = mail_reply_feed(&reader, &part);
        r.used += before - part.len;
    }
    r.odd = reader.odd;
    mail_reply_release(&reader);
    assert_false(r.arena.failed);
    return r;
}

static void expect_same(const struct reading *a, const struct reading *b) {
    assert_int_equal(a->state, b->state);
    assert_int_equal(a->used, b->used);
    assert_int_equal(a->reply.received, b->reply.received);
    assert_int_equal(a->reply.code, b->reply.code);
    assert_string_equal(a->reply.status, b->reply.status);
    assert_string_equal(a->reply.enhanced, b->reply.enhanced);
    assert_int_equal(a->reply.bare_lf, b->reply.bare_lf);
    assert_int_equal(a->reply.bare_cr, b->reply.bare_cr);
    assert_int_equal(a->reply.control_bytes, b->reply.control_bytes);
    assert_int_equal(a->reply.mixed_codes, b->reply.mixed_codes);
    assert_int_equal(a->reply.truncated_line, b->reply.truncated_line);
    assert_int_equal(a->reply.lines_dropped, b->reply.lines_dropped);
    assert_int_equal(a->reply.line_count, b->reply.line_count);
    for (size_t i = 0; i < a->reply.line_count; i++)
        assert_true(base_bytes_equal(a->reply.lines[i], b->reply.lines[i]));
    assert_true(base_bytes_equal(a->odd, b->odd));
}

struct reading read_every_way(enum mail_reply_form form, struct base_bytes in) {
    struct reading whole = read_in_pieces(form, in, in.len, in.len);
    struct reading other = read_in_pieces(form, in, 1, 1);
    expect_same(&whole, &other);
    reading_release(&other);
    for (size_t cut = 1; cut < in.len; cut++) {
        other = read_in_pieces(form, in, cut, in.len);
        expect_same(&whole, &other);
        reading_release(&other);
    }
    return whole;
}

void reading_release(struct reading *r) {
    base_arena_release(&r->arena);
}
