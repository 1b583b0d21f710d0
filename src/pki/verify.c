/* SPDX-License-Identifier: Apache-2.0 */
/* pki/verify - is the chain in order and trusted, and does it bear the name
 *
 * First the chain as sent, without any store: issuer names are followed from the leaf, to tell
 * whether the order is right (RFC 5246 7.4.2: each certificate directly certifies the one before
 * it), a root is sent that nobody needs, certificates are on no path. The walk is bounded and
 * visits each certificate once, so loops of cross-signed certificates end.
 *
 * Then OpenSSL's path building and validation (RFC 5280) for a TLS server at security level 0, so
 * that weak keys are reported as facts instead of hiding the rest. Validation goes on behind an
 * error: the first one is the cause, the last one is what other tools print. The name
 * is matched afterwards (pki/name), and counts only when the chain is good.
 *
 * All facts go to the caller's arena. Failure of this function is local (memory, library). */
#include "pki/certificate.h"
#include "pki/internal.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

/* --- the chain as sent, judged only by itself --- */

/* The indexes of the path from the leaf. */
#define PATH_LENGTH_MAX 32
struct path {
    size_t index[PATH_LENGTH_MAX];
    size_t length;
};

/* By name and key identifier; signatures are not looked at. */
static bool is_issued_by(X509 *subject, X509 *issuer) {
    int code = X509_check_issued(issuer, subject);

    /* A CA that lacks keyCertSign is a fault of its own; it is the issuer all the same. */
    return code == X509_V_OK || code == X509_V_ERR_KEYUSAGE_NO_CERTSIGN;
}

static bool is_self_signed(X509 *x) {
    return X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0 &&
           X509_self_signed(x, 1) == 1;
}

static bool on_path(const struct path *path, size_t index) {
    for (size_t i = 0; i < path->length; i++)
        if (path->index[i] == index)
            return true;
    return false;
}

/* The next certificate of the path; the one that stands directly behind is preferred. */
static bool find_issuer(STACK_OF(X509) * sent, const struct path *path, size_t *next) {
    size_t count = (size_t)sk_X509_num(sent);
    size_t current = path->index[path->length - 1];
    X509 *subject = sk_X509_value(sent, (int)current);

    for (size_t step = 1; step < count; step++) {
        size_t i = (current + step) % count;
        if (!on_path(path, i) && is_issued_by(subject, sk_X509_value(sent, (int)i))) {
            *next = i;
            return true;
        }
    }
    return false;
}

static bool is_in_order(STACK_OF(X509) * sent) {
    for (int i = 0; i + 1 < sk_X509_num(sent); i++)
        if (!is_issued_by(sk_X509_value(sent, i), sk_X509_value(sent, i + 1)))
            return false;
    return true;
}

/* Where the chain goes: fills in_order, includes_root and superfluous. */
static void walk(STACK_OF(X509) * sent, struct path *path, struct facts_chain *out) {
    size_t next = 0;

    *path = (struct path){.length = 1};
    while (path->length < PATH_LENGTH_MAX) {
        size_t current = path->index[path->length - 1];
        if (is_self_signed(sk_X509_value(sent, (int)current)) || !find_issuer(sent, path, &next))
            break;
        path->index[path->length++] = next;
    }
    out->in_order = is_in_order(sent);
    out->superfluous = (size_t)sk_X509_num(sent) - path->length;
    for (int i = 1; i < sk_X509_num(sent); i++)
        out->includes_root |= is_self_signed(sk_X509_value(sent, i));
    ERR_clear_error();
}

/* --- judged by the roots --- */

/* Where the facts go. */
struct pki_chain_facts {
    struct facts_certificate **certificates;
    size_t *count;
    struct facts_chain *chain;
    struct facts_verification *verification;
};

struct outcome {
    bool failed;
    int first_code;  /* the cause */
    int code, depth; /* of the last error: what `openssl s_client` prints */
};

static int note_error(int ok, X509_STORE_CTX *ctx) {
    struct outcome *o = X509_STORE_CTX_get_app_data(ctx);

    if (ok == 1)
        return 1;
    o->code = X509_STORE_CTX_get_error(ctx);
    o->depth = X509_STORE_CTX_get_error_depth(ctx);
    if (!o->failed)
        o->first_code = o->code;
    o->failed = true;
    return 1;
}

static void configure(X509_STORE_CTX *ctx, int64_t now, struct outcome *o) {
    X509_VERIFY_PARAM *param;

    (void)X509_STORE_CTX_set_default(ctx, "ssl_server");
    param = X509_STORE_CTX_get0_param(ctx);
    X509_VERIFY_PARAM_set_time(param, (time_t)now);
    X509_VERIFY_PARAM_set_auth_level(param, 0);
    X509_STORE_CTX_set_app_data(ctx, o);
    X509_STORE_CTX_set_verify_cb(ctx, note_error);
}

/* Whether the path ends in a root: its last certificate is self-signed or its issuer is trusted. */
static void judge_end(X509_STORE_CTX *ctx, X509 *last, struct base_arena *arena,
                      struct facts_chain *chain) {
    X509 *issuer = NULL;

    chain->complete =
        X509_self_signed(last, 1) == 1 || X509_STORE_CTX_get1_issuer(&issuer, ctx, last) == 1;
    if (!chain->complete)
        chain->missing_issuer = pki_name_text(X509_get_issuer_name(last), arena);
    X509_free(issuer);
}

static void conclude_chain(const struct outcome *o, struct facts_verification *v) {
    v->done = true;
    v->chain_ok = !o->failed;
    v->code = o->code;
    v->depth = o->depth;
    v->reason = X509_verify_cert_error_string(o->code);
    v->first_code = o->first_code;
    v->first_reason = X509_verify_cert_error_string(o->first_code);
}

static enum ws_err verify(const struct pki_trust *t, STACK_OF(X509) * sent, const struct path *path,
                          int64_t now, struct base_arena *arena, struct facts_chain *chain,
                          struct facts_verification *v) {
    X509 *last = sk_X509_value(sent, (int)path->index[path->length - 1]);
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    struct outcome o = {0};
    enum ws_err err = WS_LIBRARY;

    if (!ctx)
        return WS_NOMEM;
    if (X509_STORE_CTX_init(ctx, pki_trust_store(t), sk_X509_value(sent, 0), sent) != 1)
        goto out;
    configure(ctx, now, &o);
    judge_end(ctx, last, arena, chain);
    if (X509_verify_cert(ctx) != 1 && !o.failed) {
        o.failed = true;
        o.code = X509_STORE_CTX_get_error(ctx);
        if (o.code == X509_V_OK)
            o.code = X509_V_ERR_UNSPECIFIED;
        o.first_code = o.code;
    }
    conclude_chain(&o, v);
    err = WS_OK;
out:
    X509_STORE_CTX_free(ctx);
    ERR_clear_error();
    return err;
}

/* The chain's verdict and the name's together. */
static void conclude(struct facts_verification *v) {
    bool wanted = v->reference[0] != '\0';
    bool address = wanted && pki_name_is_address(v->reference);

    v->ok = v->chain_ok && (!wanted || v->name_ok);
    if (v->chain_ok && !v->ok) {
        v->code = address ? X509_V_ERR_IP_ADDRESS_MISMATCH : X509_V_ERR_HOSTNAME_MISMATCH;
        v->first_code = v->code;
        v->reason = v->first_reason = X509_verify_cert_error_string(v->code);
    }
}

static void set_empty(const struct pki_trust *t, struct base_arena *arena,
                      struct facts_chain *chain, struct facts_verification *v) {
    *chain = (struct facts_chain){.missing_issuer = ""};
    *v = (struct facts_verification){
        .reason = "",
        .first_reason = "",
        .reference = "",
        .matched_name = "",
        .trust = base_arena_str(arena, pki_trust_name(t)),
    };
}

/* Certificates as sent, the empty verdict. The path's length is 0 when nothing was sent. */
static enum ws_err read_sent(const struct pki_trust *t, STACK_OF(X509) * sent, int64_t now,
                             struct base_arena *arena, struct pki_chain_facts *out,
                             struct path *path) {
    int count = sent ? sk_X509_num(sent) : 0;

    *out->certificates = NULL;
    *out->count = 0;
    *path = (struct path){0};
    set_empty(t, arena, out->chain, out->verification);
    if (count <= 0)
        return arena->failed ? WS_NOMEM : WS_OK;
    *out->certificates = base_arena_array(arena, (size_t)count, sizeof(**out->certificates));
    if (!*out->certificates)
        return WS_NOMEM;
    for (int i = 0; i < count; i++)
        pki_certificate_read_x509(sk_X509_value(sent, i), now, arena, &(*out->certificates)[i]);
    *out->count = (size_t)count;
    walk(sent, path, out->chain);
    return WS_OK;
}

enum ws_err pki_chain_judge(const struct pki_trust *t, struct stack_st_X509 *sent,
                            const struct pki_names *names, int64_t now, struct base_arena *arena,
                            struct facts_certificate **certs, size_t *cert_count,
                            struct facts_chain *chain, struct facts_verification *v) {
    struct pki_chain_facts out = {certs, cert_count, chain, v};
    struct path path;
    enum ws_err err = read_sent(t, sent, now, arena, &out, &path);

    if (err != WS_OK || path.length == 0)
        return err;
    err = verify(t, sent, &path, now, arena, chain, v);
    if (err != WS_OK)
        return err;
    pki_identity_judge(&(*certs)[0], names, arena, v);
    conclude(v);
    return arena->failed ? WS_NOMEM : WS_OK;
}

static enum ws_err find_end(const struct pki_trust *t, STACK_OF(X509) * sent,
                            const struct path *path, struct base_arena *arena,
                            struct facts_chain *chain) {
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    enum ws_err err = WS_NOMEM;

    if (ctx && X509_STORE_CTX_init(ctx, pki_trust_store(t), NULL, NULL) == 1) {
        judge_end(ctx, sk_X509_value(sent, (int)path->index[path->length - 1]), arena, chain);
        err = WS_OK;
    }
    X509_STORE_CTX_free(ctx);
    ERR_clear_error();
    return err;
}

enum ws_err pki_chain_note(const struct pki_trust *t, struct stack_st_X509 *sent,
                           const struct pki_names *names, const struct pki_verdict *verdict,
                           int64_t now, struct base_arena *arena, struct facts_certificate **certs,
                           size_t *cert_count, struct facts_chain *chain,
                           struct facts_verification *v) {
    struct pki_chain_facts out = {certs, cert_count, chain, v};
    struct path path;
    enum ws_err err = read_sent(t, sent, now, arena, &out, &path);
    struct outcome o = {.failed = verdict->code != X509_V_OK,
                        .first_code = verdict->first_code,
                        .code = verdict->code,
                        .depth = verdict->depth};

    if (err != WS_OK || path.length == 0)
        return err;
    err = find_end(t, sent, &path, arena, chain);
    if (err != WS_OK)
        return err;
    conclude_chain(&o, v);
    pki_identity_judge(&(*certs)[0], names, arena, v);
    v->ok = v->chain_ok && (v->reference[0] == '\0' || v->name_ok);
    return arena->failed ? WS_NOMEM : WS_OK;
}
