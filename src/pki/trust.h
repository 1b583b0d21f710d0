/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_PKI_TRUST_H
#define WAXSEAL_PKI_TRUST_H

#include "base/arena.h"
#include "base/error.h"
#include "facts/certificate.h"

struct x509_st;
struct x509_store_st;
struct stack_st_X509;

/* A set of trusted roots. The system's is the hashed directory (/etc/ssl/certs), read lazily: 6 us
 * instead of 17 ms for the bundle. */
struct pki_trust;

/* ca_file and ca_dir NULL: the system's store. Errors name the file. */
WS_MUST_USE enum ws_err pki_trust_new(const char *ca_file, const char *ca_dir,
                                      struct pki_trust **out, struct base_error *e);
/* The same as the options of the openssl programs say it: a file, a directory or a store (URI) that
 * is given stands in place of the system's; what is switched off is left out. The options' names
 * ("-CAfile") go into errors; NULL or "": none. */
struct pki_trust_config {
    const char *file, *dir, *store;
    bool no_file, no_dir, no_store;
    bool dir_any_names; /* the files of `dir` count whatever they are called, not only hashed names
                         */
    const char *file_option, *dir_option, *store_option;
};
WS_MUST_USE enum ws_err pki_trust_open(const struct pki_trust_config *c, struct pki_trust **out,
                                       struct base_error *e);
/* Roots from PEM text in memory (the demo's own CA). */
WS_MUST_USE enum ws_err pki_trust_new_pem(struct base_bytes pem, const char *name,
                                          struct pki_trust **out, struct base_error *e);
void pki_trust_free(struct pki_trust *t);
/* OpenSSL's X509_STORE, borrowed; whoever takes a reference must let it go before the trust. */
struct x509_store_st *pki_trust_store(const struct pki_trust *t);

/* The names to look for. NULL or "" = not wanted. `reference_given` says --verify-name was used. */
struct pki_names {
    const char *reference; /* the MX host, or --verify-name */
    bool reference_given;
    const char *domain; /* the mail domain */
};

/* Verifies the chain as sent at time `now`, at security level 0, purpose TLS server, any depth;
 * fills certificates, chain and verification. `sent` is SSL_get_peer_cert_chain's stack. */
WS_MUST_USE enum ws_err pki_chain_judge(const struct pki_trust *t, struct stack_st_X509 *sent,
                                        const struct pki_names *names, int64_t now,
                                        struct base_arena *arena, struct facts_certificate **certs,
                                        size_t *cert_count, struct facts_chain *chain,
                                        struct facts_verification *v);
/* The same for a chain that was verified elsewhere, in the handshake: only its verdict is noted.
 * `ok` still asks for the name. */
struct pki_verdict {
    int code, depth; /* X509_V_ERR_* and where; 0 fine */
    int first_code;
};
WS_MUST_USE enum ws_err pki_chain_note(const struct pki_trust *t, struct stack_st_X509 *sent,
                                       const struct pki_names *names,
                                       const struct pki_verdict *verdict, int64_t now,
                                       struct base_arena *arena, struct facts_certificate **certs,
                                       size_t *cert_count, struct facts_chain *chain,
                                       struct facts_verification *v);

#endif
