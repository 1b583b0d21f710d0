/* SPDX-License-Identifier: Apache-2.0 */
/* exchange - one attempt at SMTP AUTH
 *
 * A row per mechanism gives the answer to each challenge as raw bytes; base64, the AUTH command
 * itself, and what the transcript shows in place of secrets are the same for all. What is short and
 * fixed is done here, NTLM in ntlm.c, the rest by GNU SASL in gsasl.c.
 *
 * RFC 4954 (AUTH), 4616 (PLAIN), 2195 (CRAM-MD5), 4422 (EXTERNAL), 7628 (OAUTHBEARER). */
#include "sasl/exchange.h"

#include "sasl/mechanism.h"

#include "base/base64.h"
#include "mail/dialogue.h"
#include "tls/legacy_digest.h"

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
    const char *instead = x->auth->hide_password;
    base_buf_append_str(a->bytes, x->auth->password);
    base_buf_append_str(a->shown, instead ? instead : x->auth->password);
    a->secret = true;
}

static void put_nul(struct sasl_answer *a) {
    base_buf_append_byte(a->bytes, 0);
    base_buf_append_byte(a->shown, 0);
}

static bool plain_answer(struct sasl_exchange *x, unsigned step, struct base_bytes challenge,
                         struct sasl_answer *a) {
    (void)challenge;
    if (step > 0)
        return sasl_fail(x, "PLAIN knows no second step");
    put(a, x->auth->authzid ? x->auth->authzid : "");
    put_nul(a);
    put(a, x->auth->user);
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
        put(a, x->auth->user);
        a->expected = 334;
    } else {
        put_password(x, a);
    }
    return true;
}

static bool cram(struct sasl_exchange *x, unsigned step, struct base_bytes challenge,
                 struct sasl_answer *a, const char *digest) {
    char hex[TLS_HMAC_HEX];
    if (step > 0)
        return sasl_fail(x, "CRAM knows no second step");
    if (!tls_hmac_hex(digest, base_bytes_of_str(x->auth->password), challenge, hex))
        return sasl_fail(x, "the TLS library can't compute the digest");
    put(a, x->auth->user);
    put(a, " ");
    base_buf_append_str(a->bytes, hex);
    base_buf_append_str(a->shown, x->auth->hide_all ? x->auth->hide_password : hex);
    a->secret = x->auth->hide_all;
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
    a->expected_too = 334;
    if (step > 0)
        return oauth_reason(step, a, "") || sasl_fail(x, "XOAUTH2 knows no third step");
    put(a, "user=");
    put(a, x->auth->user);
    put(a, "\001auth=Bearer ");
    put_password(x, a);
    put(a, "\001\001");
    return true;
}

static bool bearer_answer(struct sasl_exchange *x, unsigned step, struct base_bytes challenge,
                          struct sasl_answer *a) {
    (void)challenge;
    a->expected_too = 334;
    if (step > 0)
        return oauth_reason(step, a, "\001") || sasl_fail(x, "OAUTHBEARER knows no third step");
    put(a, "n,a=");
    put(a, x->auth->user);
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
    put(a, x->auth->authzid ? x->auth->authzid : x->auth->user);
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

/* The line and its look, from the raw answer. An empty answer is "" within the exchange, and "="
 * with the AUTH command (RFC 4954 section 4). */
static void write_line(struct sasl_exchange *x, const char *command, const struct sasl_answer *a,
                       struct sasl_say *out) {
    struct base_bytes raw = base_buf_view(a->bytes);
    struct base_bytes seen = a->secret ? base_buf_view(a->shown) : raw;
    struct base_buf line, shown;
    base_buf_init(&line, 2 * ANSWER_MAX);
    base_buf_init(&shown, 2 * ANSWER_MAX);
    base_buf_append_str(&line, command);
    base_buf_append_str(&shown, command);
    if (command[0] && raw.len == 0)
        base_buf_append_str(&line, "=");
    base_base64_encode(&line, raw);
    if (x->auth->show_plaintext)
        put_readable(x, &shown, seen);
    else if (seen.len > 0)
        base_base64_encode(&shown, seen);
    else
        base_buf_append_str(&shown, command[0] ? "=" : "");
    out->line = base_arena_str_bytes(x->arena, base_buf_view(&line));
    out->shown = base_arena_bytes(x->arena, base_buf_view(&shown));
    base_buf_release(&line);
    base_buf_release(&shown);
}

static bool answer(struct sasl_exchange *x, const char *command, struct base_bytes challenge,
                   struct sasl_say *out) {
    struct base_buf bytes, shown;
    base_buf_init(&bytes, ANSWER_MAX);
    base_buf_init(&shown, ANSWER_MAX);
    struct sasl_answer a = {.bytes = &bytes, .shown = &shown, .expected = 235};
    bool ok = x->row->answer(x, x->step++, challenge, &a);
    if (ok) {
        write_line(x, command, &a, out);
        out->expected = a.expected;
        out->expected_too = a.expected_too;
    }
    base_buf_release(&bytes);
    base_buf_release(&shown);
    return ok;
}

bool sasl_first(struct sasl_exchange *x, struct sasl_say *out) {
    const char *name = sasl_wire_name(x->name);
    if (x->row->initial)
        return answer(x, base_arena_printf(x->arena, "AUTH %s ", name), BASE_BYTES_EMPTY, out);
    out->line = base_arena_printf(x->arena, "AUTH %s", name);
    out->shown = base_bytes_of_str(out->line);
    out->expected = 334;
    out->expected_too = 0;
    return true;
}

/* What is not base64 in a challenge is passed over, as swaks does. */
static void decode_challenge(struct base_buf *out, struct base_bytes challenge) {
    struct base_buf clean;
    base_buf_init(&clean, ANSWER_MAX);
    for (size_t i = 0; i < challenge.len && challenge.data[i] != '='; i++)
        if (base_ascii_is_alnum(challenge.data[i]) || challenge.data[i] == '+' ||
            challenge.data[i] == '/')
            base_buf_append_byte(&clean, challenge.data[i]);
    (void)base_base64_decode(out, base_buf_view(&clean));
    base_buf_release(&clean);
}

static bool is_cram(enum sasl_mechanism m) {
    return m == SASL_CRAM_MD5 || m == SASL_CRAM_SHA1;
}

bool sasl_step(struct sasl_exchange *x, struct base_bytes challenge, struct sasl_say *out) {
    struct base_buf decoded;
    base_buf_init(&decoded, ANSWER_MAX);
    if (is_cram(x->name->mechanism) && base_bytes_starts_with_nocase(challenge, "<"))
        base_buf_append_bytes(&decoded, challenge); /* some servers forget the base64 */
    else
        decode_challenge(&decoded, challenge);
    bool ok = answer(x, "", base_buf_view(&decoded), out);
    base_buf_release(&decoded);
    return ok;
}

bool sasl_agreed(struct sasl_exchange *x, struct base_bytes text) {
    if (x->scram)
        return sasl_scram_agreed(x);
    return !x->sasl || sasl_gsasl_agreed(x, text);
}

const char *sasl_wire_name(const struct sasl_name *name) {
    return strcmp(name->name, "LOGIN-INITIAL") == 0 ? "LOGIN" : name->name;
}

/* --- replies --- */

static bool is_blank(uint8_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static size_t word_end(struct base_bytes text) {
    size_t end = 0;
    while (end < text.len && !is_blank(text.data[end]))
        end++;
    return end;
}

void sasl_decode_reply(struct base_bytes reply, struct base_buf *out) {
    while (reply.len > 0 && (reply.data[reply.len - 1] == '\n'))
        reply.len--;
    size_t at = word_end(reply);
    struct base_bytes code = base_bytes_slice(reply, 0, at);
    while (at < reply.len && is_blank(reply.data[at]))
        at++;
    struct base_bytes text = base_bytes_slice(reply, at, reply.len);
    if (word_end(text) < text.len) {
        base_buf_append_bytes(out, reply);
        return;
    }
    base_buf_append_bytes(out, code);
    base_buf_append_byte(out, ' ');
    decode_challenge(out, text);
}

/* --- life --- */

struct sasl_exchange *sasl_new(const struct send_auth *auth, const struct sasl_name *name,
                               const struct sasl_peer *peer, struct base_arena *arena) {
    struct sasl_exchange *x = base_arena_alloc(arena, sizeof *x);
    if (x)
        *x = (struct sasl_exchange){
            .auth = auth,
            .name = name,
            .peer = *peer,
            .arena = arena,
            .row = &rows[name->mechanism],
            .error = "",
        };
    return x;
}

void sasl_release(struct sasl_exchange *x) {
    if (x && x->sasl) {
        sasl_gsasl_release(x->sasl);
        x->sasl = NULL;
    }
}
