/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose_clash_certificate - this side refuses the server's certificate.
 *
 * A client that insists on verification ends the handshake at the first error, and that is the
 * cause; the chain itself is read from the second look, which takes everything. RFC 5280, RFC 6125,
 * RFC 7672. */
#include "diagnose/clash_private.h"

#include <string.h>

enum {
    X509_EXPIRED = 10,
    X509_NOT_YET = 9,
    X509_SELF_SIGNED = 18,
    X509_SELF_SIGNED_ROOT = 19,
    X509_NO_ISSUER = 20,
    X509_NO_ISSUER_CERTIFICATE = 2,
    X509_UNVERIFIABLE = 21,
    X509_REVOKED = 23,
    X509_INVALID_PURPOSE = 26,
    X509_NAME_MISMATCH = 62,
    X509_NO_TLSA = 65,
    X509_EE_KEY_SMALL = 66,
    X509_CA_KEY_SMALL = 67,
    X509_DIGEST_WEAK = 68,
    ALERT_EXPIRED = 45,
    ALERT_UNKNOWN_CA = 48,
};

static bool refused(const struct diagnose_case *c) {
    return diagnose_local_error(c->endpoint, "certificate verify failed");
}

/* The look that shows the chain: this one, as far as it was kept, the second one, or none. */
static const struct facts_endpoint *shown(const struct diagnose_case *c) {
    if (diagnose_has_leaf(c->endpoint))
        return c->endpoint;
    return diagnose_open_succeeded(c) && diagnose_has_leaf(c->open) ? c->open : NULL;
}

/* X509_V_ERR_* at which this client stopped; what the second look met, when that is not known. */
static int error_of(const struct diagnose_case *c) {
    const struct facts_endpoint *e = shown(c);
    if (diagnose_client(c)->verify_error != 0)
        return diagnose_client(c)->verify_error;
    return e && e->verification.done ? e->verification.code : 0;
}

/* "certificate 1 (CN=CA)" */
static const char *culprit(struct diagnose_case *c) {
    const struct facts_client *k = diagnose_client(c);
    const struct facts_endpoint *e = shown(c);
    int depth = k->verify_error ? k->verify_depth : e ? e->verification.depth : 0;
    size_t i = depth > 0 ? (size_t)depth : 0;
    const char *subject = e && i < e->certificate_count ? e->certificates[i].subject : "";
    if (k->verify_error && k->verify_subject && k->verify_subject[0])
        subject = diagnose_short(c->arena, k->verify_subject);
    return base_arena_printf(c->arena, "%s%s%s%s",
                             depth > 0 ? "a certificate of the chain" : "the certificate",
                             subject[0] ? " (" : "", subject, subject[0] ? ")" : "");
}

/* --- too weak for the security level --- */

static bool is_weak_key(const struct facts_certificate *k) {
    bool rsa = strncmp(k->key_type, "RSA", 3) == 0 || strcmp(k->key_type, "DSA") == 0;
    return k->parsed &&
           ((rsa && k->key_bits < 2048) || (strcmp(k->key_type, "EC") == 0 && k->key_bits < 224));
}

static bool is_weak_digest(const struct facts_certificate *k) {
    return k->parsed && !k->self_signed &&
           (strcmp(k->signature_hash, "SHA1") == 0 || strcmp(k->signature_hash, "MD5") == 0);
}

/* What of the chain is below the usual security level, or NULL. */
static const char *weakness(struct diagnose_case *c, const struct facts_endpoint *e) {
    for (size_t i = 0; e && i < e->certificate_count; i++) {
        const struct facts_certificate *k = &e->certificates[i];
        if (is_weak_key(k))
            return base_arena_printf(c->arena, "the key of certificate %zu (%s) is %s with %d bits",
                                     i, k->subject, k->key_type, k->key_bits);
        if (is_weak_digest(k))
            return base_arena_printf(c->arena, "certificate %zu (%s) is signed with %s", i,
                                     k->subject, k->signature_hash);
    }
    return NULL;
}

static bool weak_by_library(const struct facts_endpoint *e) {
    return diagnose_local_error(e, "key too small") || diagnose_local_error(e, "md too weak") ||
           diagnose_local_error(e, "key too weak");
}

bool diagnose_clash_weak_certificate(struct diagnose_case *c) {
    int code = error_of(c);
    const char *why = weakness(c, shown(c));
    bool weak_code = code >= X509_EE_KEY_SMALL && code <= X509_DIGEST_WEAK;
    if (!weak_by_library(c->endpoint) && !(refused(c) && (weak_code || (code == 0 && why))))
        return false;
    (void)diagnose_say(
        c,
        base_arena_printf(c->arena, "%s; this client's security level (%d) wants more (\"%s\")",
                          why ? why : base_arena_printf(c->arena, "%s is too weak", culprit(c)),
                          diagnose_client(c)->security_level,
                          diagnose_short(c->arena, c->endpoint->session.error)),
        "clients that verify at OpenSSL's security level 2 (Debian, Ubuntu, RHEL) refuse keys "
        "below "
        "2048 bits and SHA-1; Postfix accepts them, opportunistic senders do not look",
        diagnose_case_advice(c, DIAGNOSE_ADVICE_LEVEL, ""));
    return diagnose_say_more(
        c, diagnose_logs_of_verification(c->arena, c->endpoint),
        base_arena_printf(c->arena,
                          "a new certificate with RSA 2048 or ECDSA P-256 and SHA-256. %s",
                          diagnose_case_remedy(c, DIAGNOSE_REMEDY_CERTIFICATE)));
}

/* --- not to be trusted --- */

/* The reason, when no second look shows the chain: the alert that was sent says a little. */
static const char *reason_by_alert(int alert) {
    switch (alert) {
    case ALERT_EXPIRED:
        return "a certificate of the chain has expired";
    case ALERT_UNKNOWN_CA:
        return "the issuer is not known here (self-signed, private, or an intermediate certificate "
               "is missing)";
    default:
        return "what is wrong with it was not looked at";
    }
}

static const char *issuer_reason(struct diagnose_case *c, const struct facts_endpoint *e) {
    if (e && e->chain.missing_issuer && e->chain.missing_issuer[0])
        return base_arena_printf(c->arena,
                                 "the server sends %zu certificate%s, and not that of the issuer "
                                 "\"%s\": an intermediate certificate is missing, or its authority "
                                 "is private",
                                 e->certificate_count, e->certificate_count == 1 ? "" : "s",
                                 e->chain.missing_issuer);
    return base_arena_printf(
        c->arena, "the issuer of %s is not among the trusted ones, and was not sent", culprit(c));
}

static const char *name_reason(struct diagnose_case *c, const struct facts_endpoint *e) {
    const char *name = e && e->verification.reference ? e->verification.reference : "";
    return base_arena_printf(c->arena, "%s is not for the name asked for%s%s", culprit(c),
                             name[0] ? ", " : "", name);
}

static const char *other_reason(struct diagnose_case *c, const struct facts_endpoint *e, int code) {
    const struct facts_client *k = diagnose_client(c);
    if (k->verify_error)
        return base_arena_printf(c->arena, "%s: %s (error %d)", culprit(c),
                                 diagnose_short(c->arena, k->verify_text), k->verify_error);
    if (code != 0)
        return diagnose_short(c->arena, e->verification.reason);
    return "a second look with this library's own checks finds the chain good: the client's own "
           "demands (name, purpose, roots) decide";
}

static const char *reason(struct diagnose_case *c, const struct facts_endpoint *e) {
    int code = error_of(c);
    if (!e && code == 0)
        return reason_by_alert(c->endpoint->session.alert_sent);
    switch (code) {
    case X509_EXPIRED:
        return base_arena_printf(c->arena, "%s has expired", culprit(c));
    case X509_NOT_YET:
        return base_arena_printf(c->arena, "%s is not yet valid, or a clock is wrong", culprit(c));
    case X509_SELF_SIGNED:
        return base_arena_printf(c->arena, "%s is self-signed", culprit(c));
    case X509_SELF_SIGNED_ROOT:
        return "the chain ends in a root that is not trusted here (self-signed, a private "
               "authority)";
    case X509_NO_ISSUER_CERTIFICATE:
    case X509_NO_ISSUER:
    case X509_UNVERIFIABLE:
        return issuer_reason(c, e);
    case X509_REVOKED:
        return base_arena_printf(c->arena, "%s was revoked", culprit(c));
    case X509_NAME_MISMATCH:
        return name_reason(c, e);
    case X509_NO_TLSA:
        return "no TLSA record matches the chain (DANE): the certificate was renewed and the DNS "
               "was not, or the other way round";
    default:
        return other_reason(c, e, code);
    }
}

/* What the server's owner is to do about it, before the words on where that is set. */
static const char *owner_task(struct diagnose_case *c) {
    switch (error_of(c)) {
    case X509_EXPIRED:
        return "a new certificate; if it was renewed already, the server only has to be reloaded. ";
    case X509_SELF_SIGNED:
    case X509_SELF_SIGNED_ROOT:
        return "a certificate of an authority that senders trust, or TLSA records (DANE takes "
               "self-signed ones). ";
    case X509_NO_ISSUER_CERTIFICATE:
    case X509_NO_ISSUER:
    case X509_UNVERIFIABLE:
        return "the intermediate certificate too. ";
    case X509_NAME_MISMATCH:
        return "a certificate with the name that senders look for, that of the MX host. ";
    case X509_NO_TLSA:
        return "TLSA records of the certificate in use, and of the next one before it is used "
               "(RFC 7671 section 8). ";
    default:
        return "";
    }
}

/* Another certificate was shown because no name was asked for; demands of the client's own, a
 * purpose or a TLSA record, do not go away with a name. */
static bool for_lack_of_sni(const struct diagnose_case *c) {
    const struct facts_endpoint *e = diagnose_open_succeeded(c) ? c->open : NULL;
    int code = diagnose_client(c)->verify_error;
    return e && !c->endpoint->session.sni[0] && e->session.sni[0] && e->verification.done &&
           (code == X509_NAME_MISMATCH
                ? e->verification.name_ok
                : e->verification.ok && code != X509_INVALID_PURPOSE && code != X509_NO_TLSA);
}

bool diagnose_clash_verification(struct diagnose_case *c) {
    const struct facts_endpoint *e = shown(c);
    int alert = c->endpoint->session.alert_sent;
    if (!refused(c))
        return false;
    bool sni = for_lack_of_sni(c);
    (void)diagnose_say(
        c,
        base_arena_printf(
            c->arena, "this client verifies, and ended the handshake%s: %s",
            alert >= 0 ? base_arena_printf(c->arena, " with alert %d", alert) : "",
            sni ? base_arena_printf(c->arena,
                                    "without a server name (SNI) it is shown another certificate; "
                                    "asked for %s, the server shows one for that name",
                                    c->open->session.sni)
                : reason(c, e)),
        "clients that must verify can't deliver (MTA-STS, Postfix's `verify` and `secure`, mail "
        "programs); opportunistic senders, the most on port 25, go on all the same",
        diagnose_case_advice(c, sni ? DIAGNOSE_ADVICE_SNI : DIAGNOSE_ADVICE_VERIFY, ""));
    if (!e && error_of(c) == 0)
        c->out->next = "look again without -verify_return_error: the report then tells what is "
                       "wrong with the chain";
    return diagnose_say_more(
        c, diagnose_logs_of_verification(c->arena, c->endpoint),
        sni ? diagnose_case_remedy(c, DIAGNOSE_REMEDY_SNI)
            : base_arena_printf(c->arena, "%s%s", owner_task(c),
                                diagnose_case_remedy(c, DIAGNOSE_REMEDY_CERTIFICATE)));
}
