/* SPDX-License-Identifier: Apache-2.0 */
/* tls/refused - what a default client would not have accepted
 *
 * We look at security level 0 with everything switched on. A mail server that uses OpenSSL 3 with
 * its defaults (security level 2 on Debian and in newer releases) stops at things that pass here.
 * This names them in one sentence; what only matters to a client that verifies comes last. */
#include "tls/internal.h"

#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <string.h>

#define DEFAULT_SECURITY_BITS 112 /* security level 2 */

static void WS_PRINTF(2, 3) add(struct base_buf *list, const char *fmt, ...) {
    va_list ap;

    if (base_buf_view(list).len > 0)
        base_buf_append_str(list, "; ");
    va_start(ap, fmt);
    base_buf_vprintf(list, fmt, ap);
    va_end(ap);
}

static bool suite_is_off_by_default(const char *openssl_name) {
    static const char *const parts[] = {"RC4", "DES", "SEED", "IDEA", "CAMELLIA", "ARIA", "CCM"};

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (strstr(openssl_name, parts[i]))
            return true;
    return false;
}

static bool scheme_is_sha1(const char *scheme) {
    return strstr(scheme, "sha1") || strstr(scheme, "md5");
}

static void judge_session(const struct facts_session *f, struct base_buf *list) {
    if (f->version != 0 && f->version < TLS1_2_VERSION)
        add(list, "the protocol is %s, older than TLSv1.2", f->protocol);
    if (suite_is_off_by_default(f->openssl_name))
        add(list, "the cipher suite %s is switched off", f->cipher_suite);
    else if (f->cipher_bits != 0 && f->cipher_bits < DEFAULT_SECURITY_BITS)
        add(list, "the cipher has %d bits", f->cipher_bits);
    if (strcmp(f->key_exchange, "DHE") == 0 && f->group_bits != 0 && f->group_bits < 2048)
        add(list, "the Diffie-Hellman prime has %d bits, fewer than 2048", f->group_bits);
    if (scheme_is_sha1(f->signature_scheme) && f->version >= TLS1_2_VERSION)
        add(list, "the handshake is signed with SHA-1 (%s)", f->signature_scheme);
    if (!f->secure_renegotiation)
        add(list, "secure renegotiation (RFC 5746) is missing");
}

static void judge_certificate(X509 *x, int depth, struct base_buf *list) {
    EVP_PKEY *key = X509_get0_pubkey(x);
    int hash = NID_undef, bits = 0;
    uint32_t flags = X509_get_extension_flags(x);

    if (key && EVP_PKEY_get_security_bits(key) < DEFAULT_SECURITY_BITS)
        add(list, "the key of certificate %d has %d bits", depth, EVP_PKEY_get_bits(key));
    if ((flags & EXFLAG_SS) == 0 && X509_get_signature_info(x, &hash, NULL, &bits, NULL) == 1 &&
        bits < 80)
        add(list, "certificate %d is signed with %s", depth,
            hash != NID_undef ? OBJ_nid2sn(hash) : "a weak hash");
}

static void judge_chain(const struct tls_session *s, struct base_buf *list) {
    STACK_OF(X509) *chain = s->context->server ? NULL : SSL_get_peer_cert_chain(s->ssl);

    for (int i = 0; chain && i < sk_X509_num(chain) && i < 16; i++)
        judge_certificate(sk_X509_value(chain, i), i, list);
}

const char *tls_refused_by_default(const struct tls_session *s, const struct facts_session *f,
                                   struct base_arena *arena) {
    struct base_buf now, verifying;
    const char *text = "";

    base_buf_init(&now, 2048);
    base_buf_init(&verifying, 4096);
    judge_session(f, &now);
    judge_chain(s, &verifying);
    if (base_buf_view(&now).len > 0 && base_buf_view(&verifying).len > 0)
        text = base_arena_printf(arena, "%s; when it verifies, also: %s", base_buf_cstr(&now),
                                 base_buf_cstr(&verifying));
    else if (base_buf_view(&now).len > 0)
        text = base_arena_str(arena, base_buf_cstr(&now));
    else if (base_buf_view(&verifying).len > 0)
        text = base_arena_printf(arena, "when it verifies: %s", base_buf_cstr(&verifying));
    base_buf_release(&now);
    base_buf_release(&verifying);
    return text;
}
