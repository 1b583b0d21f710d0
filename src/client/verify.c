/* SPDX-License-Identifier: Apache-2.0 */
/* client/verify - the path check inside the handshake, step by step
 *
 * The TLS library walks the chain from the root down and calls for each certificate and for each
 * error. Every call is kept as a fact and shown to the watcher. As in s_client an error does not
 * end the check unless that was wished, or it stands deeper than -verify allows. */
#include "client/internal.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#define STEPS_MAX 256

/* Qualifiers are left out: they are free text of whoever made the certificate. */
static void print_policies(BIO *bio, const char *label, const STACK_OF(X509_POLICY_NODE) * nodes) {
    BIO_printf(bio, "%s Policies:", label);
    if (!nodes) {
        BIO_puts(bio, " <empty>\n");
        return;
    }
    BIO_puts(bio, "\n");
    for (int i = 0; i < sk_X509_POLICY_NODE_num(nodes); i++) {
        BIO_puts(bio, "  Policy: ");
        i2a_ASN1_OBJECT(bio, X509_policy_node_get0_policy(sk_X509_POLICY_NODE_value(nodes, i)));
        BIO_puts(bio, "\n");
    }
}

static const char *policies_text(X509_STORE_CTX *ctx, struct base_arena *arena) {
    X509_POLICY_TREE *tree = X509_STORE_CTX_get0_policy_tree(ctx);
    BIO *bio = BIO_new(BIO_s_mem());
    const char *text = "";

    if (!bio)
        return text;
    BIO_printf(bio, "Require explicit Policy: %s\n",
               X509_STORE_CTX_get_explicit_policy(ctx) != 0 ? "True" : "False");
    print_policies(bio, "Authority", X509_policy_tree_get0_policies(tree));
    print_policies(bio, "User", X509_policy_tree_get0_user_policies(tree));
    text = client_bio_text(bio, arena);
    BIO_free(bio);
    return text;
}

/* Continue? The limit of -verify counts here, not in the library. */
static int decide(const struct client_wish *w, int ok, int depth) {
    if (ok != 0)
        return ok;
    if (w->verify_depth >= 0 && depth > w->verify_depth)
        return 0;
    return w->verify_return_error ? 0 : 1;
}

static void note_times(struct facts_verify_step *step, const X509 *x, struct base_arena *arena) {
    switch (step->error) {
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD:
        step->not_before = client_time_text(X509_get0_notBefore(x), arena);
        break;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
        step->not_after = client_time_text(X509_get0_notAfter(x), arena);
        break;
    default:
        break;
    }
}

static void fill_step(struct tls_session *s, X509_STORE_CTX *ctx, struct facts_verify_step *step) {
    const struct client_context *c = client_context_of(s);
    struct base_arena *arena = &client_session_of(s)->arena;
    X509 *x = X509_STORE_CTX_get_current_cert(ctx);

    *step = (struct facts_verify_step){
        .depth = X509_STORE_CTX_get_error_depth(ctx),
        .error = X509_STORE_CTX_get_error(ctx),
        .subject = "",
        .issuer = "",
        .not_before = "",
        .not_after = "",
        .policies = "",
    };
    step->error_text = X509_verify_cert_error_string(step->error);
    if (!x)
        return;
    step->subject = client_name_text(c, X509_get_subject_name(x), arena);
    if (step->error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT)
        step->issuer = client_name_text(c, X509_get_issuer_name(x), arena);
    note_times(step, x, arena);
}

static void WS_PRINTF(2, 3) show(const struct client_watch *watch, const char *fmt, ...) {
    struct base_buf line;
    va_list ap;

    base_buf_init(&line, (size_t)64 * 1024);
    va_start(ap, fmt);
    base_buf_vprintf(&line, fmt, ap);
    va_end(ap);
    watch->text(watch->arg, CLIENT_WATCH_VERIFY, base_buf_cstr(&line));
    base_buf_release(&line);
}

static void show_step(const struct client_wish *w, const struct facts_verify_step *step, bool ok,
                      int answer) {
    const struct client_watch *watch = &w->watch;

    if (!watch->verify || !watch->text)
        return;
    if (!w->verify_quiet || !ok)
        show(watch, "depth=%d %s", step->depth,
             step->subject[0] != '\0' ? step->subject : "<no cert>");
    if (!ok)
        show(watch, "verify error:num=%d:%s", step->error, step->error_text);
    if (step->issuer[0] != '\0')
        show(watch, "issuer= %s", step->issuer);
    if (step->not_before[0] != '\0')
        show(watch, "notBefore=%s", step->not_before);
    if (step->not_after[0] != '\0')
        show(watch, "notAfter=%s", step->not_after);
    if (step->policies[0] != '\0' && !w->verify_quiet)
        show(watch, "%s", step->policies);
    if (answer != 0 && !w->verify_quiet)
        show(watch, "verify return:%d", answer);
}

int client_verify_step(int ok, X509_STORE_CTX *ctx) {
    SSL *ssl = X509_STORE_CTX_get_ex_data(ctx, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls_session *s = tls_session_of(ssl);
    struct client_session *n = client_session_of(s);
    const struct client_wish *w;
    struct facts_verify_step step, *kept;
    int answer;

    if (!n)
        return ok;
    w = client_context_of(s)->wish;
    fill_step(s, ctx, &step);
    answer = decide(w, ok, step.depth);
    if (step.error == X509_V_ERR_NO_EXPLICIT_POLICY || (step.error == X509_V_OK && ok == 2))
        step.policies = policies_text(ctx, &n->arena);
    step.ok = answer != 0;
    /* the library keeps the last error; a step that is good has none of its own */
    if (ok != 0) {
        step.error = X509_V_OK;
        step.error_text = X509_verify_cert_error_string(X509_V_OK);
    }
    show_step(w, &step, ok != 0, answer);
    if (n->step_count < STEPS_MAX) {
        kept = base_arena_append(&n->arena, (void *)&n->steps, &n->step_count, &n->steps_cap,
                                 sizeof(*kept));
        if (kept)
            *kept = step;
    }
    return answer;
}

const struct pki_trust *client_judge(const struct tls_session *s, struct pki_verdict *verdict) {
    const struct client_session *n = client_session_of(s);

    *verdict = (struct pki_verdict){.code = (int)SSL_get_verify_result(tls_session_ssl(s))};
    for (size_t i = 0; i < n->step_count; i++) {
        if (n->steps[i].error == X509_V_OK)
            continue;
        if (verdict->first_code == X509_V_OK)
            verdict->first_code = n->steps[i].error;
        if (n->steps[i].error == verdict->code)
            verdict->depth = n->steps[i].depth;
    }
    if (verdict->code == X509_V_OK || verdict->first_code == X509_V_OK)
        verdict->first_code = verdict->code;
    return client_context_of(s)->trust;
}
