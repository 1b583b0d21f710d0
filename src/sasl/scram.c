/* SPDX-License-Identifier: Apache-2.0 */
/* scram - SCRAM-SHA-512 and -PLUS, which GNU SASL does not have
 *
 * Client first, server first (nonce, salt, iterations), client final (proof), server final
 * (signature), which must be right before 235 counts. A server that asks for more than a million
 * iterations is refused: it would only burn our time. Channel binding is tls-exporter.
 *
 * RFC 5802, 7677, 9266. User name and password go in as they are typed, as UTF-8. */
#include "base/base64.h"
#include "sasl/mechanism.h"

#include <stdlib.h>
#include <string.h>

#define DIGEST "SHA512"
#define NONCE_BYTES 18u
#define ITERATIONS_MAX 1000000u
#define TEXT_MAX ((size_t)64 << 10)

struct sasl_scram {
    const char *gs2;        /* "n,," or "p=tls-exporter,," with the authorization identity */
    const char *first_bare; /* client-first-message-bare */
    const char *nonce;
    uint8_t signature[SASL_DIGEST_MAX]; /* that the server must show */
    size_t signature_len;
    bool proved;
};

/* RFC 5802 section 5.1: "," and "=" inside names. */
static const char *name_of(struct base_arena *arena, const char *text) {
    struct base_bytes in = base_bytes_of_str(text);
    struct base_buf b;
    base_buf_init(&b, TEXT_MAX);
    for (size_t i = 0; i < in.len; i++) {
        if (in.data[i] == ',' || in.data[i] == '=')
            base_buf_append_str(&b, in.data[i] == ',' ? "=2C" : "=3D");
        else
            base_buf_append_byte(&b, in.data[i]);
    }
    const char *s = base_arena_str_bytes(arena, base_buf_view(&b));
    base_buf_release(&b);
    return s;
}

static const char *base64_of(struct base_arena *arena, struct base_bytes in) {
    struct base_buf b;
    base_buf_init(&b, 2 * TEXT_MAX);
    base_base64_encode(&b, in);
    const char *s = base_arena_str_bytes(arena, base_buf_view(&b));
    base_buf_release(&b);
    return s;
}

static bool is_plus(const struct sasl_exchange *x) {
    return x->row->id == SASL_SCRAM_SHA_512_PLUS;
}

static bool first(struct sasl_exchange *x, struct sasl_answer *a) {
    uint8_t random[NONCE_BYTES];
    struct sasl_scram *s = base_arena_alloc(x->arena, sizeof *s);
    if (!s || !x->peer.crypto->random(random, sizeof random))
        return sasl_fail(x, "no random numbers for SCRAM");
    if (is_plus(x) && !x->peer.encrypted)
        return sasl_fail(x, "SCRAM-SHA-512-PLUS needs TLS");
    x->scram = s;
    s->nonce = base64_of(x->arena, base_bytes_view(random, sizeof random));
    s->gs2 = base_arena_printf(x->arena, "%s,%s%s,", is_plus(x) ? "p=tls-exporter" : "n",
                               x->who->authzid ? "a=" : "",
                               x->who->authzid ? name_of(x->arena, x->who->authzid) : "");
    s->first_bare =
        base_arena_printf(x->arena, "n=%s,r=%s", name_of(x->arena, x->who->user), s->nonce);
    base_buf_append_str(a->bytes, s->gs2);
    base_buf_append_str(a->bytes, s->first_bare);
    a->then = SASL_THEN_CHALLENGE;
    return true;
}

/* The value of "k=value" at the front; the rest stays. */
static bool take_field(struct base_bytes *left, char key, struct base_bytes *value) {
    size_t end = base_bytes_find(*left, ',');
    if (left->len < 2 || left->data[0] != (uint8_t)key || left->data[1] != '=')
        return false;
    *value = base_bytes_slice(*left, 2, end - 2);
    *left = base_bytes_slice(*left, end + 1, left->len);
    return true;
}

struct server_first {
    struct base_bytes nonce;
    struct base_buf salt;
    uint64_t iterations;
};

static bool read_first(struct sasl_exchange *x, struct base_bytes in, struct server_first *f) {
    struct base_bytes salt, count;
    if (!take_field(&in, 'r', &f->nonce) || !take_field(&in, 's', &salt) ||
        !take_field(&in, 'i', &count) || !base_base64_decode(&f->salt, salt) || f->salt.len == 0)
        return sasl_fail(x, "the server's first SCRAM message is malformed");
    struct base_bytes ours = base_bytes_of_str(x->scram->nonce);
    if (f->nonce.len <= ours.len ||
        !base_bytes_equal(base_bytes_slice(f->nonce, 0, ours.len), ours))
        return sasl_fail(x, "the server's SCRAM nonce does not continue ours");
    if (!base_bytes_to_uint(count, ITERATIONS_MAX, &f->iterations) || f->iterations == 0)
        return sasl_fail(x, "the server wants an unreasonable number of SCRAM iterations");
    return true;
}

/* c= of the client's final message: the GS2 header, and what binds to the TLS session. */
static const char *binding(struct sasl_exchange *x) {
    struct base_buf b;
    base_buf_init(&b, TEXT_MAX);
    base_buf_append_str(&b, x->scram->gs2);
    if (is_plus(x))
        base_buf_append_bytes(&b, x->peer.binding);
    bool bound = !is_plus(x) || x->peer.binding.len > 0;
    const char *s = bound ? base64_of(x->arena, base_buf_view(&b)) : NULL;
    base_buf_release(&b);
    return s;
}

static size_t hmac_text(const struct sasl_crypto *k, const uint8_t *key, size_t len,
                        const char *text, uint8_t out[SASL_DIGEST_MAX]) {
    return k->hmac(DIGEST, base_bytes_view(key, len), base_bytes_of_str(text), out);
}

/* Proof and the signature that the server must answer with (RFC 5802 section 3). */
static bool compute(struct sasl_exchange *x, const struct server_first *f, const char *message,
                    uint8_t proof[SASL_DIGEST_MAX]) {
    uint8_t salted[SASL_DIGEST_MAX], client[SASL_DIGEST_MAX], stored[SASL_DIGEST_MAX];
    uint8_t server[SASL_DIGEST_MAX], signature[SASL_DIGEST_MAX];
    const struct sasl_crypto *k = x->peer.crypto;
    struct sasl_scram *s = x->scram;
    size_t n = k->pbkdf2(DIGEST, base_bytes_of_str(x->who->password), base_buf_view(&f->salt),
                         (unsigned)f->iterations, salted);
    bool ok = n > 0 && hmac_text(k, salted, n, "Client Key", client) == n &&
              k->digest(DIGEST, base_bytes_view(client, n), stored) == n &&
              hmac_text(k, stored, n, message, signature) == n &&
              hmac_text(k, salted, n, "Server Key", server) == n &&
              hmac_text(k, server, n, message, s->signature) == n;
    for (size_t i = 0; ok && i < n; i++)
        proof[i] = client[i] ^ signature[i];
    s->signature_len = ok ? n : 0;
    return ok || sasl_fail(x, "the TLS library can't compute SCRAM-SHA-512");
}

static bool answer_first(struct sasl_exchange *x, struct base_bytes challenge,
                         const struct server_first *f, struct sasl_answer *a) {
    uint8_t proof[SASL_DIGEST_MAX];
    const char *bound = binding(x);
    if (!bound)
        return sasl_fail(x, "this TLS session has no channel binding");
    const char *without =
        base_arena_printf(x->arena, "c=%s,r=%s", bound, base_arena_str_bytes(x->arena, f->nonce));
    const char *message = base_arena_printf(x->arena, "%s,%s,%s", x->scram->first_bare,
                                            base_arena_str_bytes(x->arena, challenge), without);
    if (!compute(x, f, message, proof))
        return false;
    base_buf_append_str(a->bytes, without);
    base_buf_append_str(a->bytes, ",p=");
    base_base64_encode(a->bytes, base_bytes_view(proof, x->scram->signature_len));
    sasl_hide_all(x, a);
    a->then = SASL_THEN_CHALLENGE;
    return true;
}

static bool second(struct sasl_exchange *x, struct base_bytes challenge, struct sasl_answer *a) {
    struct server_first f = {0};
    base_buf_init(&f.salt, TEXT_MAX);
    bool ok = read_first(x, challenge, &f) && answer_first(x, challenge, &f, a);
    base_buf_release(&f.salt);
    return ok;
}

static bool third(struct sasl_exchange *x, struct base_bytes challenge) {
    struct sasl_scram *s = x->scram;
    struct base_bytes value;
    struct base_buf signature;
    base_buf_init(&signature, TEXT_MAX);
    s->proved =
        take_field(&challenge, 'v', &value) && base_base64_decode(&signature, value) &&
        signature.len == s->signature_len &&
        x->peer.crypto->same(base_buf_view(&signature).data, s->signature, s->signature_len);
    base_buf_release(&signature);
    return s->proved || sasl_fail(x, "the server's SCRAM signature is wrong");
}

bool sasl_scram_answer(struct sasl_exchange *x, unsigned step, struct base_bytes challenge,
                       struct sasl_answer *a) {
    switch (step) {
    case 0:
        return first(x, a);
    case 1:
        return second(x, challenge, a);
    case 2:
        return third(x, challenge); /* an empty answer: now the verdict */
    default:
        return sasl_fail(x, "SCRAM knows no fourth step");
    }
}

bool sasl_scram_agreed(struct sasl_exchange *x) {
    return x->scram->proved || sasl_fail(x, "the server did not prove that it knows the password");
}
