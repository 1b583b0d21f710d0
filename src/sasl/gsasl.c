/* SPDX-License-Identifier: Apache-2.0 */
/* gsasl - mechanisms that GNU SASL knows: DIGEST-MD5, SCRAM-SHA-1, SCRAM-SHA-256 and -PLUS
 *
 * libgsasl is loaded when one of them is used. It never asks back: everything it may want to know
 * is set before the first step. Channel binding is tls-exporter (RFC 9266).
 *
 * RFC 2831 (DIGEST-MD5), 5802 and 7677 (SCRAM). */
#include "base/base64.h"
#include "base/library.h"
#include "sasl/mechanism.h"

#include <gsasl.h>
#include <stdlib.h>

/* clang-format off */
#define GSASL_FUNCTIONS(X) \
    X(gsasl_init) \
    X(gsasl_done) \
    X(gsasl_client_start) \
    X(gsasl_property_set) \
    X(gsasl_step) \
    X(gsasl_finish) \
    X(gsasl_free) \
    X(gsasl_strerror)
/* clang-format on */

BASE_LIBRARY(gsasl, "libgsasl.so.18", "libgsasl18", GSASL_FUNCTIONS)

struct sasl_gsasl {
    Gsasl *context;
    Gsasl_session *session;
    bool complete; /* the server has proved itself, where the mechanism asks for it */
};

static const char *const names[SASL_MECHANISM_COUNT] = {
    [SASL_DIGEST_MD5] = "DIGEST-MD5",
    [SASL_SCRAM_SHA_1] = "SCRAM-SHA-1",
    [SASL_SCRAM_SHA_1_PLUS] = "SCRAM-SHA-1-PLUS",
    [SASL_SCRAM_SHA_256] = "SCRAM-SHA-256",
    [SASL_SCRAM_SHA_256_PLUS] = "SCRAM-SHA-256-PLUS",
};

static void set(struct sasl_gsasl *s, Gsasl_property what, const char *value) {
    if (value)
        (void)gsasl.gsasl_property_set(s->session, what, value);
}

/* For -PLUS alone: a name without it was chosen by the user, and says that nothing is bound. */
static void set_channel_binding(struct sasl_exchange *x) {
    struct base_buf text;
    if (!sasl_binds_channel(x->row->id) || x->peer.binding.len == 0)
        return;
    base_buf_init(&text, 4096);
    base_base64_encode(&text, x->peer.binding);
    set(x->gsasl, GSASL_CB_TLS_EXPORTER, base_buf_cstr(&text));
    base_buf_release(&text);
}

static bool is_digest(const struct sasl_exchange *x) {
    return x->row->id == SASL_DIGEST_MD5;
}

static void set_properties(struct sasl_exchange *x) {
    const struct sasl_credentials *who = x->who;
    const char *host = who->dmd5_host ? who->dmd5_host : x->peer.host;
    if (is_digest(x) && who->dmd5_serv_name)
        host = base_arena_printf(x->arena, "%s/%s", host, who->dmd5_serv_name);
    set(x->gsasl, GSASL_AUTHID, who->user);
    set(x->gsasl, GSASL_PASSWORD, who->password);
    set(x->gsasl, GSASL_AUTHZID, who->authzid);
    set(x->gsasl, GSASL_REALM, who->realm);
    set(x->gsasl, GSASL_SERVICE, who->dmd5_serv_type ? who->dmd5_serv_type : x->peer.service);
    set(x->gsasl, GSASL_HOSTNAME, host);
    set(x->gsasl, GSASL_QOP, "qop-auth");
    set_channel_binding(x);
}

static bool start(struct sasl_exchange *x) {
    struct base_error e = {0};
    if (base_library_load(&gsasl_library, &e) != WS_OK)
        return sasl_fail(x, base_error_message(&e));
    struct sasl_gsasl *s = calloc(1, sizeof *s);
    if (!s)
        return sasl_fail(x, "out of memory");
    x->gsasl = s;
    int err = gsasl.gsasl_init(&s->context);
    if (err == GSASL_OK)
        err = gsasl.gsasl_client_start(s->context, names[x->row->id], &s->session);
    if (err != GSASL_OK)
        return sasl_fail(x, gsasl.gsasl_strerror(err));
    set_properties(x);
    return true;
}

bool sasl_gsasl_answer(struct sasl_exchange *x, unsigned step, struct base_bytes challenge,
                       struct sasl_answer *a) {
    char *output = NULL;
    size_t len = 0;
    if (step == 0 && !start(x))
        return false;
    if (x->gsasl->complete) /* what a server says after its proof gets an empty answer */
        return true;
    /* libgsasl 2.2 reads DIGEST-MD5's second challenge up to a NUL, whatever its length */
    const char *input = base_arena_str_bytes(x->arena, challenge);
    int err = gsasl.gsasl_step(x->gsasl->session, input, challenge.len, &output, &len);
    if (err != GSASL_OK && err != GSASL_NEEDS_MORE)
        return sasl_fail(x, gsasl.gsasl_strerror(err));
    base_buf_append(a->bytes, output, len);
    if (len > 0)
        sasl_hide_all(x, a);
    gsasl.gsasl_free(output);
    x->gsasl->complete = err == GSASL_OK;
    a->then = x->gsasl->complete ? SASL_THEN_VERDICT : SASL_THEN_CHALLENGE;
    return true;
}

bool sasl_gsasl_agreed(struct sasl_exchange *x) {
    return x->gsasl->complete ||
           sasl_fail(x, "the server did not prove that it knows the password");
}

void sasl_gsasl_release(struct sasl_gsasl *s) {
    if (s->session)
        gsasl.gsasl_finish(s->session);
    if (s->context)
        gsasl.gsasl_done(s->context);
    free(s);
}
