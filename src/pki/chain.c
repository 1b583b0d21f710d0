/* SPDX-License-Identifier: Apache-2.0 */
/* pki/chain - the chain as sent, judged only by itself
 *
 * Follows issuer names from the leaf through what the server sent, without any store: is the order
 * right (RFC 5246 7.4.2: each certificate directly certifies the one before it), is a root sent
 * that nobody needs, are there certificates on no path. The walk is bounded and visits each
 * certificate once, so loops of cross-signed certificates end. */
#include "pki/internal.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

bool pki_chain_issued(X509 *issuer, X509 *subject) {
    int code = X509_check_issued(issuer, subject);

    /* A CA that lacks keyCertSign is a fault of its own; it is the issuer all the same. */
    return code == X509_V_OK || code == X509_V_ERR_KEYUSAGE_NO_CERTSIGN;
}

static bool is_self_signed(X509 *x) {
    return X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0 &&
           X509_self_signed(x, 1) == 1;
}

static bool on_path(const struct pki_path *path, size_t index) {
    for (size_t i = 0; i < path->length; i++)
        if (path->index[i] == index)
            return true;
    return false;
}

/* The next certificate of the path; the one that stands directly behind is preferred. */
static bool find_issuer(STACK_OF(X509) * sent, const struct pki_path *path, size_t *next) {
    size_t count = (size_t)sk_X509_num(sent);
    size_t current = path->index[path->length - 1];
    X509 *subject = sk_X509_value(sent, (int)current);

    for (size_t step = 1; step < count; step++) {
        size_t i = (current + step) % count;
        if (!on_path(path, i) && pki_chain_issued(sk_X509_value(sent, (int)i), subject)) {
            *next = i;
            return true;
        }
    }
    return false;
}

static bool is_in_order(STACK_OF(X509) * sent) {
    for (int i = 0; i + 1 < sk_X509_num(sent); i++)
        if (!pki_chain_issued(sk_X509_value(sent, i + 1), sk_X509_value(sent, i)))
            return false;
    return true;
}

void pki_chain_walk(STACK_OF(X509) * sent, struct pki_path *path, struct facts_chain *out) {
    size_t next = 0;

    *path = (struct pki_path){.length = 1};
    while (path->length < PKI_PATH_MAX) {
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
