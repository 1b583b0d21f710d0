/* SPDX-License-Identifier: Apache-2.0 */
/* tlsa - TLSA records as a sender of mail reads them
 *
 * DANE-TA(2) and DANE-EE(3) are usable, PKIX-TA(0) and PKIX-EE(1) are not (RFC 7672 section 3.1.3).
 *
 * Ownership: facts are the arena's. */
#include "policy/tlsa.h"

#include "base/buf.h"

#define HEAD 3u

static const char *hex(struct base_arena *arena, struct base_bytes b) {
    static const char digits[] = "0123456789abcdef";
    struct base_buf out;
    base_buf_init(&out, 2 * b.len + 1);
    for (size_t i = 0; i < b.len; i++) {
        base_buf_append_byte(&out, (uint8_t)digits[b.data[i] >> 4]);
        base_buf_append_byte(&out, (uint8_t)digits[b.data[i] & 15]);
    }
    const char *text = base_arena_str_bytes(arena, base_buf_view(&out));
    base_buf_release(&out);
    return text;
}

static const char *why_unusable(const struct facts_tlsa_record *r) {
    static const size_t digest[] = {0, 32, 64};
    if (r->usage == 0 || r->usage == 1)
        return "usage 0 and 1 (PKIX) have no meaning between mail servers; 2 or 3 is needed";
    if (r->usage > 3)
        return "unknown usage";
    if (r->selector > 1)
        return "unknown selector";
    if (r->matching > 2)
        return "unknown matching type";
    if (r->data.len == 0 || (r->matching > 0 && r->data.len != digest[r->matching]))
        return r->matching == 1 ? "a SHA-256 digest has 32 bytes" : "a SHA-512 digest has 64 bytes";
    return "";
}

void policy_tlsa_read(struct base_bytes data, struct base_arena *arena,
                      struct facts_tlsa_record *out) {
    *out = (struct facts_tlsa_record){.text = "", .why = "the record is too short"};
    if (data.len < HEAD)
        return;
    out->usage = data.data[0];
    out->selector = data.data[1];
    out->matching = data.data[2];
    out->data = base_arena_bytes(arena, base_bytes_slice(data, HEAD, data.len));
    out->text = base_arena_printf(arena, "%u %u %u %s", out->usage, out->selector, out->matching,
                                  hex(arena, out->data));
    out->why = why_unusable(out);
}
