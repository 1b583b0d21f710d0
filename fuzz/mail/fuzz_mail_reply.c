/* SPDX-License-Identifier: Apache-2.0 */
/* The reply reader: the first byte chooses form and cutting; byte by byte gives the same as whole.
 */
#include "mail/dialogue.h"
#include "mail/reply.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum mail_reply_state read_in_pieces(struct base_bytes in, enum mail_reply_form form,
                                            size_t piece, struct base_arena *arena,
                                            struct facts_reply *out, size_t *used) {
    struct mail_reply_reader r;
    enum mail_reply_state state = MAIL_REPLY_MORE;
    mail_reply_init(&r, arena);
    mail_reply_begin(&r, form, "w1", out);
    *used = 0;
    while (state == MAIL_REPLY_MORE && *used < in.len) {
        struct base_bytes part = base_bytes_slice(in, *used, piece);
        size_t before = part.len;
        state = mail_reply_feed(&r, &part);
        *used += before - part.len;
    }
    mail_reply_release(&r);
    return state;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct base_arena arena;
    struct facts_reply whole, bytes;
    size_t used_whole, used_bytes;
    if (size < 1)
        return 0;
    struct base_bytes in = base_bytes_view(data + 1, size - 1);
    enum mail_reply_form form = (enum mail_reply_form)(data[0] % 6);
    base_arena_init(&arena, (size_t)64 << 20);
    enum mail_reply_state a = read_in_pieces(in, form, in.len, &arena, &whole, &used_whole);
    enum mail_reply_state b = read_in_pieces(in, form, 1, &arena, &bytes, &used_bytes);
    /* bytes of a TLS record are known before their line ends, so that only there the ways may part
     */
    bool record = in.len > 1 && (in.data[0] == 0x15 || in.data[0] == 0x16) && in.data[1] == 3;
    if (!record) {
        assert(a == b);
        /* when it gives up, nobody asks how far it read */
        assert(a == MAIL_REPLY_LIMIT || used_whole == used_bytes);
        assert(whole.code == bytes.code && whole.line_count == bytes.line_count);
        assert(strcmp(whole.status, bytes.status) == 0 &&
               strcmp(whole.enhanced, bytes.enhanced) == 0);
        assert(whole.bare_lf == bytes.bare_lf && whole.control_bytes == bytes.control_bytes);
        for (size_t i = 0; i < whole.line_count; i++)
            assert(base_bytes_equal(whole.lines[i], bytes.lines[i]));
    }
    assert(whole.received == (a == MAIL_REPLY_DONE));
    base_arena_release(&arena);
    return 0;
}
