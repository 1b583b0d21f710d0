/* SPDX-License-Identifier: Apache-2.0 */
/* exchange - one attempt to log in
 *
 * A row per mechanism gives the answer to each challenge as raw bytes; base64, and what a
 * transcript shows in place of secrets, are the same for all. What is short and fixed is done here,
 * NTLM in ntlm.c, SCRAM-SHA-512 in scram.c, the rest by GNU SASL in gsasl.c.
 *
 * RFC 4422 (SASL), 4616 (PLAIN), 2195 (CRAM-MD5), 7628 (OAUTHBEARER). */
#include "sasl/exchange.h"

#include "sasl/mechanism.h"

#include "base/base64.h"
#include "base/text.h"

#include <string.h>

#define ANSWER_MAX ((size_t)1 << 20)

bool sasl_fail(struct sasl_exchange *x, const char *why) {
    x->error = base_arena_str(x->arena, why);
    return false;
}

const char *sasl_error(const struct sasl_exchange *x) {
    return x->error;
}

/* --- mechanisms --- */

static void put(struct sasl_answer *a, const char *text) {
    base_buf_append_str(a->bytes, text);
    base_buf_append_str(a->shown, text);
}

/* The password, or in the transcript what stands for it. */
static void put_password(struct sasl_exchange *x, struct sasl_answer *a) {
    const char *instead = x->show->hide_password;
    base_buf_append_str(a->bytes, x->who->password);
    base_buf_append_str(a->shown, instead ? instead : x->who->password);
    a->secret = true;
}

static void put_nul(struct sasl_answer *a) {
    base_buf_append_byte(a->bytes, 0);
    base_buf_append_byte(a->shown, 0);
}

void sasl_hide_all(const struct sasl_exchange *x, struct sasl_answer *a) {
    if (!x->show->hide_all)
        return;
    base_buf_append_str(a->shown, x->show->hide_password);
    a->secret = true;
}

static bool plain_answer(struct sasl_exchange *x, unsigned step, struct base_bytes challenge,
                         struct sasl_answer *a) {
    (void)challenge;
    if (step > 0)
        return sasl_fail(x, "PLAIN knows no second step");
    put(a, x->who->authzid ? x->who->authzid : "");
    put_nul(a);
    put(a, x->who->user);
    put_nul(a);
    put_password(x, a);
    return true;
}

static bool login_answer(struct sasl_exchange *x, unsigned step, struct base_bytes challenge,
                         struct sasl_answer *a) {
    (void)challenge;
    if (step > 1)
        return sasl_fail(x, "LOGIN knows no third step");
    if (step == 0) {
        put(a, x->who->user);
        a->then = SASL_THEN_CHALLENGE;
    } else {
        put_password(x, a);
    }
    return true;
}

static bool cram(struct sasl_exchange *x, unsigned step, struct base_bytes challenge,
                 struct sasl_answer *a, const char *digest) {
    uint8_t mac[SASL_DIGEST_MAX];
    if (step > 0)
        return sasl_fail(x, "CRAM knows no second step");
    size_t len = x->peer.crypto->hmac(digest, base_bytes_of_str(x->who->password), challenge, mac);
    if (len == 0)
        return sasl_fail(x, "the TLS library can't compute the digest");
    put(a, x->who->user);
    put(a, " ");
    base_text_hex(a->bytes, base_bytes_view(mac, len));
    sasl_hide_all(x, a);
    return true;
}

static bool cram_md5_answer(struct sasl_exchange *x, unsigned step, struct base_bytes challenge,
                            struct sasl_answer *a) {
    return cram(x, step, challenge, a, "MD5");
}

static bool cram_sha1_answer(struct sasl_exchange *x, unsigned step, struct base_bytes challenge,
                             struct sasl_answer *a) {
    return cram(x, step, challenge, a, "SHA1");
}

/* A 334 after the token tells, as JSON, why it was refused; an empty answer lets the server say so.
 */
static bool oauth_reason(unsigned step, struct sasl_answer *a, const char *filler) {
    if (step == 1)
        put(a, filler);
    return step == 1;
}

static bool xoauth2_answer(struct sasl_exchange *x, unsigned step, struct base_bytes challenge,
                           struct sasl_answer *a) {
    (void)challenge;
    a->then = SASL_THEN_EITHER;
    if (step > 0)
        return oauth_reason(step, a, "") || sasl_fail(x, "XOAUTH2 knows no third step");
    put(a, "user=");
    put(a, x->who->user);
    put(a, "\001auth=Bearer ");
    put_password(x, a);
    put(a, "\001\001");
    return true;
}

static bool bearer_answer(struct sasl_exchange *x, unsigned step, struct base_bytes challenge,
                          struct sasl_answer *a) {
    (void)challenge;
    a->then = SASL_THEN_EITHER;
    if (step > 0)
        return oauth_reason(step, a, "\001") || sasl_fail(x, "OAUTHBEARER knows no third step");
    put(a, "n,a=");
    put(a, x->who->user);
    put(a, ",");
    if (x->peer.host[0]) {
        put(a, "\001host=");
        put(a, x->peer.host);
    }
    if (x->peer.port) {
        put(a, "\001port=");
        put(a, x->peer.port);
    }
    put(a, "\001auth=Bearer ");
    put_password(x, a);
    put(a, "\001\001");
    return true;
}

static bool external_answer(struct sasl_exchange *x, unsigned step, struct base_bytes challenge,
                            struct sasl_answer *a) {
    (void)challenge;
    if (step > 0)
        return sasl_fail(x, "EXTERNAL knows no second step");
    put(a, x->who->authzid ? x->who->authzid : x->who->user);
    return true;
}

static const struct sasl_mechanism_row rows[SASL_MECHANISM_COUNT] = {
    [SASL_CRAM_MD5] = {SASL_CRAM_MD5, false, cram_md5_answer},
    [SASL_CRAM_SHA1] = {SASL_CRAM_SHA1, false, cram_sha1_answer},
    [SASL_DIGEST_MD5] = {SASL_DIGEST_MD5, false, sasl_gsasl_answer},
    [SASL_LOGIN] = {SASL_LOGIN, false, login_answer},
    [SASL_LOGIN_INITIAL] = {SASL_LOGIN_INITIAL, true, login_answer},
    [SASL_NTLM] = {SASL_NTLM, false, sasl_ntlm_answer},
    [SASL_PLAIN] = {SASL_PLAIN, true, plain_answer},
    [SASL_XOAUTH2] = {SASL_XOAUTH2, true, xoauth2_answer},
    [SASL_OAUTHBEARER] = {SASL_OAUTHBEARER, true, bearer_answer},
    [SASL_EXTERNAL] = {SASL_EXTERNAL, true, external_answer},
    [SASL_ANONYMOUS] = {SASL_ANONYMOUS, true, external_answer},
    [SASL_SCRAM_SHA_1] = {SASL_SCRAM_SHA_1, true, sasl_gsasl_answer},
    [SASL_SCRAM_SHA_1_PLUS] = {SASL_SCRAM_SHA_1_PLUS, true, sasl_gsasl_answer},
    [SASL_SCRAM_SHA_256] = {SASL_SCRAM_SHA_256, true, sasl_gsasl_answer},
    [SASL_SCRAM_SHA_256_PLUS] = {SASL_SCRAM_SHA_256_PLUS, true, sasl_gsasl_answer},
    [SASL_SCRAM_SHA_512] = {SASL_SCRAM_SHA_512, true, sasl_scram_answer},
    [SASL_SCRAM_SHA_512_PLUS] = {SASL_SCRAM_SHA_512_PLUS, true, sasl_scram_answer},
};

/* --- one line --- */

/* For people: PLAIN separates with NUL, which is written \0. */
static void put_readable(const struct sasl_exchange *x, struct base_buf *out,
                         struct base_bytes raw) {
    bool plain = x->row->id == SASL_PLAIN;
    for (size_t i = 0; i < raw.len; i++) {
        if (plain && raw.data[i] == 0)
            base_buf_append_str(out, "\\0");
        else
            base_buf_append_byte(out, raw.data[i]);
    }
}

/* The line and its look, from the raw answer. */
static void write_line(struct sasl_exchange *x, const struct sasl_answer *a,
                       struct sasl_line *out) {
    struct base_bytes raw = base_buf_view(a->bytes);
    struct base_bytes seen = a->secret ? base_buf_view(a->shown) : raw;
    base_buf_clear(&x->line);
    base_buf_clear(&x->shown);
    base_base64_encode(&x->line, raw);
    if (x->show->plaintext)
        put_readable(x, &x->shown, seen);
    else
        base_base64_encode(&x->shown, seen);
    out->text = base_buf_cstr(&x->line);
    out->shown = base_buf_view(&x->shown);
    out->then = a->then;
}

static bool answer(struct sasl_exchange *x, struct base_bytes challenge, struct sasl_line *out) {
    struct base_buf bytes, shown;
    base_buf_init(&bytes, ANSWER_MAX);
    base_buf_init(&shown, ANSWER_MAX);
    struct sasl_answer a = {.bytes = &bytes, .shown = &shown, .then = SASL_THEN_VERDICT};
    bool ok = x->row->answer(x, x->step++, challenge, &a);
    if (ok)
        write_line(x, &a, out);
    base_buf_wipe(&bytes);
    base_buf_wipe(&shown);
    return ok;
}

bool sasl_first(struct sasl_exchange *x, struct sasl_line *out) {
    if (x->row->initial)
        return answer(x, BASE_BYTES_EMPTY, out);
    *out = (struct sasl_line){.then = SASL_THEN_CHALLENGE};
    return true;
}

static bool is_cram(enum sasl_mechanism m) {
    return m == SASL_CRAM_MD5 || m == SASL_CRAM_SHA1;
}

bool sasl_step(struct sasl_exchange *x, struct base_bytes challenge, struct sasl_line *out) {
    struct base_buf decoded;
    base_buf_init(&decoded, ANSWER_MAX);
    if (is_cram(x->row->id) && base_bytes_starts_with_nocase(challenge, "<"))
        base_buf_append_bytes(&decoded, challenge); /* some servers forget the base64 */
    else
        base_base64_decode_lax(&decoded, challenge); /* as swaks does */
    bool ok = answer(x, base_buf_view(&decoded), out);
    base_buf_release(&decoded);
    return ok;
}

bool sasl_agreed(struct sasl_exchange *x) {
    if (x->scram)
        return sasl_scram_agreed(x);
    return !x->gsasl || sasl_gsasl_agreed(x);
}

/* --- life --- */

bool sasl_binds_channel(enum sasl_mechanism m) {
    return m == SASL_SCRAM_SHA_1_PLUS || m == SASL_SCRAM_SHA_256_PLUS ||
           m == SASL_SCRAM_SHA_512_PLUS;
}

struct sasl_exchange *sasl_new(enum sasl_mechanism mechanism, const struct sasl_credentials *who,
                               const struct sasl_peer *peer, const struct sasl_show *show,
                               struct base_arena *arena) {
    static const struct sasl_show all = {0};
    struct sasl_exchange *x = base_arena_alloc(arena, sizeof *x);
    if (!x)
        return NULL;
    *x = (struct sasl_exchange){
        .who = who,
        .peer = *peer,
        .show = show ? show : &all,
        .arena = arena,
        .row = &rows[mechanism],
        .error = "",
    };
    base_buf_init(&x->line, 2 * ANSWER_MAX);
    base_buf_init(&x->shown, 2 * ANSWER_MAX);
    return x;
}

void sasl_release(struct sasl_exchange *x) {
    if (!x)
        return;
    if (x->gsasl)
        sasl_gsasl_release(x->gsasl);
    x->gsasl = NULL;
    base_buf_wipe(&x->line);
    base_buf_wipe(&x->shown);
}
