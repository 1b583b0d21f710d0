/* SPDX-License-Identifier: Apache-2.0 */
/* The reply reader: the first byte chooses form, manner and cutting; byte by byte gives the same as
 * whole. */
#include "mail/reply.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reading {
    struct facts_reply reply;
    struct mail_answer answer;
    enum mail_reply_state state;
    size_t used;
};

static struct reading read_in_pieces(struct base_bytes in, enum mail_reply_manner manner,
                                     enum mail_reply_form form, size_t piece,
                                     struct base_arena *arena) {
    struct mail_reply_reader r;
    struct reading got = {.state = MAIL_REPLY_MORE};
    mail_reply_init(&r, manner, arena);
    mail_reply_begin(&r, form, "w1", &got.reply);
    while (got.state == MAIL_REPLY_MORE && got.used < in.len) {
        struct base_bytes part = base_bytes_slice(in, got.used, piece);
        size_t before = part.len;
        got.state = mail_reply_feed(&r, &part);
        got.used += before - part.len;
    }
    got.answer = r.answer;
    mail_reply_release(&r);
    return got;
}

static void same_reply(const struct facts_reply *a, const struct facts_reply *b) {
    assert(a->code == b->code && a->line_count == b->line_count);
    assert(strcmp(a->status, b->status) == 0 && strcmp(a->enhanced, b->enhanced) == 0);
    assert(a->bare_lf == b->bare_lf && a->control_bytes == b->control_bytes);
    for (size_t i = 0; i < a->line_count; i++)
        assert(base_bytes_equal(a->lines[i], b->lines[i]));
}

static void same_answer(const struct mail_answer *a, const struct mail_answer *b) {
    assert(a->agreement == b->agreement && a->code == b->code && a->noise == b->noise);
    assert(a->leaving == b->leaving && strcmp(a->text, b->text) == 0);
    assert(strcmp(a->enhanced, b->enhanced) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct base_arena arena;
    if (size < 1)
        return 0;
    struct base_bytes in = base_bytes_view(data + 1, size - 1);
    enum mail_reply_form form = (enum mail_reply_form)(data[0] % 7);
    enum mail_reply_manner manner = (enum mail_reply_manner)(data[0] / 7 % 3);
    base_arena_init(&arena, (size_t)64 << 20);
    struct reading whole = read_in_pieces(in, manner, form, in.len, &arena);
    struct reading bytes = read_in_pieces(in, manner, form, 1, &arena);
    /* bytes of a TLS record are known before their line ends, so that only there the ways may part
     */
    bool record = in.len > 1 && (in.data[0] == 0x15 || in.data[0] == 0x16) && in.data[1] == 3;
    if (!record || manner != MAIL_STRICT) {
        assert(whole.state == bytes.state);
        /* when it gives up, nobody asks how far it read */
        assert(whole.state == MAIL_REPLY_LIMIT || whole.used == bytes.used);
        same_reply(&whole.reply, &bytes.reply);
        same_answer(&whole.answer, &bytes.answer);
    }
    assert(manner == MAIL_STRICT || whole.state != MAIL_REPLY_BAD);
    assert(manner != MAIL_PATIENT || whole.state != MAIL_REPLY_LIMIT);
    assert(whole.reply.received == (whole.state == MAIL_REPLY_DONE));
    base_arena_release(&arena);
    return 0;
}
