/* SPDX-License-Identifier: Apache-2.0 */
/* ntlm - NTLM in the form that old mail clients speak (also named SPA and MSN)
 *
 * Message 1 asks for NTLM and carries no names; message 3 answers the 8 byte challenge of message 2
 * with the LM and the NT response (version 1, no session key). The domain is the one that was
 * given, else the target that the server names; the work station is the user's name. Whatever is
 * missing in message 2 counts as zero, as old clients do. [MS-NLMP] 2.2.1, 3.3.1. */
#include "base/reader.h"
#include "base/text.h"
#include "base/writer.h"
#include "sasl/mechanism.h"

#define HEADER_BYTES 64u
#define RESPONSE_BYTES 24u
#define HASH_BYTES 16u
#define CHALLENGE_BYTES 8u
#define NAME_MAX_BYTES 4096u

struct challenge {
    uint32_t flags;
    uint8_t nonce[CHALLENGE_BYTES];
    struct base_bytes target;
};

/* --- numbers are little-endian here --- */

static void put16(struct base_buf *b, size_t v) {
    base_buf_append_byte(b, (uint8_t)(v & 255));
    base_buf_append_byte(b, (uint8_t)(v >> 8 & 255));
}

static void put32(struct base_buf *b, size_t v) {
    put16(b, v & 0xffff);
    put16(b, v >> 16 & 0xffff);
}

static size_t get_le(struct base_reader *r, unsigned bytes, const char *what) {
    size_t v = 0;
    for (unsigned i = 0; i < bytes; i++)
        v |= (size_t)base_reader_u8(r, what) << (8 * i);
    return r->failed ? 0 : v;
}

/* --- message 2 --- */

static void read_challenge(struct base_bytes in, struct challenge *c) {
    struct base_reader r;
    *c = (struct challenge){0};
    base_reader_init(&r, in);
    base_reader_skip(&r, 12, "signature and type");
    size_t target_len = get_le(&r, 2, "target length");
    base_reader_skip(&r, 2, "target room");
    size_t target_at = get_le(&r, 4, "target offset");
    size_t flags = get_le(&r, 4, "flags");
    struct base_bytes nonce = base_reader_bytes(&r, CHALLENGE_BYTES, "challenge");
    if (r.failed)
        return;
    c->flags = (uint32_t)flags;
    (void)base_bytes_copy(c->nonce, sizeof c->nonce, nonce);
    c->target = base_bytes_slice(in, target_at, target_len);
}

/* --- the responses --- */

/* Three DES keys from 16 bytes of hash and five zeros, each over the challenge. */
static bool respond(const struct sasl_crypto *k, const uint8_t hash[HASH_BYTES],
                    const uint8_t nonce[CHALLENGE_BYTES], uint8_t out[RESPONSE_BYTES]) {
    uint8_t keys[21] = {0};
    (void)base_bytes_copy(keys, sizeof keys, base_bytes_view(hash, HASH_BYTES));
    bool ok = true;
    for (size_t i = 0; i < 3; i++)
        ok = ok && k->des(keys + 7 * i, nonce, out + 8 * i);
    return ok;
}

static bool lm_response(const struct sasl_crypto *k, const char *password,
                        const uint8_t nonce[CHALLENGE_BYTES], uint8_t out[RESPONSE_BYTES]) {
    static const uint8_t magic[SASL_DES_BYTES] = {'K', 'G', 'S', '!', '@', '#', '$', '%'};
    uint8_t upper[14] = {0}, hash[HASH_BYTES];
    size_t n = base_bytes_copy(upper, sizeof upper, base_bytes_of_str(password));
    for (size_t i = 0; i < n; i++)
        upper[i] = base_ascii_upper(upper[i]);
    return k->des(upper, magic, hash) && k->des(upper + 7, magic, hash + 8) &&
           respond(k, hash, nonce, out);
}

/* UTF-16, little-endian; bytes that are no UTF-8 are taken as they are. */
static void put_wide(struct base_buf *b, const char *text) {
    struct base_bytes left = base_bytes_of_str(text);
    while (left.len > 0) {
        uint32_t cp = left.data[0];
        size_t n = base_text_utf8_next(left, &cp);
        if (n == 0)
            cp = left.data[0];
        if (cp > 0xffff) {
            put16(b, 0xd800 + ((cp - 0x10000) >> 10));
            cp = 0xdc00 + ((cp - 0x10000) & 0x3ff);
        }
        put16(b, cp);
        left = base_bytes_slice(left, n > 0 ? n : 1, left.len);
    }
}

static bool nt_response(const struct sasl_crypto *k, const char *password,
                        const uint8_t nonce[CHALLENGE_BYTES], uint8_t out[RESPONSE_BYTES]) {
    struct base_buf wide;
    uint8_t hash[HASH_BYTES];
    base_buf_init(&wide, NAME_MAX_BYTES);
    put_wide(&wide, password);
    bool ok = !wide.failed && k->md4(base_buf_view(&wide), hash) && respond(k, hash, nonce, out);
    base_buf_release(&wide);
    return ok;
}

/* --- messages 1 and 3 --- */

static void put_head(struct base_buf *b, unsigned type) {
    base_buf_append(b, "NTLMSSP", 8);
    put32(b, type);
}

static void negotiate(struct base_buf *b) {
    put_head(b, 1);
    put32(b, 0xa207); /* Unicode, OEM, request target, NTLM, always sign, domain not supplied */
    put32(b, 0);
    put32(b, 0);
    put32(b, 0);
    put32(b, 0);
}

/* Length, room and offset of a field whose bytes go to the end of the message; of an empty one old
 * clients give the offset without the header. */
static void put_field(struct base_buf *b, struct base_buf *payload, struct base_bytes field) {
    put16(b, field.len);
    put16(b, field.len);
    put32(b, (field.len > 0 ? HEADER_BYTES : 0) + payload->len);
    base_buf_append_bytes(payload, field);
}

static bool authenticate(struct sasl_exchange *x, const struct challenge *c, struct base_buf *out) {
    uint8_t lm[RESPONSE_BYTES], nt[RESPONSE_BYTES];
    struct base_buf payload, user, domain;
    const struct sasl_crypto *k = x->peer.crypto;
    const char *own = x->who->domain ? x->who->domain : x->who->realm;
    if (!lm_response(k, x->who->password, c->nonce, lm) ||
        !nt_response(k, x->who->password, c->nonce, nt))
        return sasl_fail(x, "NTLM needs MD4 and DES, which the TLS library's legacy provider "
                            "has: it can't be loaded");
    base_buf_init(&payload, 8 * NAME_MAX_BYTES);
    base_buf_init(&user, NAME_MAX_BYTES);
    base_buf_init(&domain, NAME_MAX_BYTES);
    put_wide(&user, x->who->user);
    if (own)
        put_wide(&domain, own);
    else
        base_buf_append_bytes(&domain, c->target);
    put_head(out, 3);
    put_field(out, &payload, base_bytes_view(lm, sizeof lm));
    put_field(out, &payload, base_bytes_view(nt, sizeof nt));
    put_field(out, &payload, base_buf_view(&domain));
    put_field(out, &payload, base_buf_view(&user));
    put_field(out, &payload, base_buf_view(&user));
    put32(out, 0); /* session key */
    put32(out, payload.len);
    put32(out, c->flags);
    base_buf_append_bytes(out, base_buf_view(&payload));
    bool ok = !payload.failed && !user.failed && !domain.failed;
    base_buf_release(&payload);
    base_buf_release(&user);
    base_buf_release(&domain);
    return ok || sasl_fail(x, "the names for NTLM are too long");
}

bool sasl_ntlm_answer(struct sasl_exchange *x, unsigned step, struct base_bytes challenge,
                      struct sasl_answer *a) {
    struct challenge c;
    if (step == 0) {
        negotiate(a->bytes);
        a->then = SASL_THEN_CHALLENGE;
        return true;
    }
    if (step > 1)
        return sasl_fail(x, "NTLM knows no third step");
    read_challenge(challenge, &c);
    sasl_hide_all(x, a);
    return authenticate(x, &c, a->bytes);
}
