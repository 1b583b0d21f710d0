/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose_certificate_rules - the chain as sent, its dates, names, keys and trust.
 *
 * On port 25 most senders do not verify, so that these are warnings there; mail programs on the
 * other ports do, and refuse. */
#include "diagnose/rule_private.h"

#include "base/clock.h"

#include <string.h>

#define RSA_SMALLEST 2048
#define EC_SMALLEST 224

static const char verifying_senders[] = "senders that verify can't deliver (MTA-STS, Postfix's "
                                        "`secure` and `verify`); opportunistic ones and "
                                        "DANE-EE (TLSA 3) go on";
static const char verifying_clients[] =
    "mail programs and relays verify on this port: they refuse, or train people to click warnings "
    "away";

static const char *whom(struct diagnose_case *c) {
    bool opportunistic = diagnose_is_opportunistic(c->endpoint);
    if (opportunistic && c->out->severity == FACTS_SEVERITY_ERROR)
        c->out->severity = FACTS_SEVERITY_WARNING;
    return opportunistic ? verifying_senders : verifying_clients;
}

static const char *install(struct diagnose_case *c) {
    return diagnose_remedy_for(diagnose_software_of(c->endpoint), DIAGNOSE_REMEDY_CERTIFICATE);
}

static const struct facts_certificate *leaf_of(const struct diagnose_case *c) {
    return diagnose_has_leaf(c->endpoint) ? &c->endpoint->certificates[0] : NULL;
}

static const char *subject(struct diagnose_case *c, const struct facts_certificate *x) {
    return diagnose_short(c->arena, x->subject);
}

static const char *date(struct diagnose_case *c, int64_t t) {
    char text[BASE_CLOCK_RFC3339];
    base_clock_rfc3339((time_t)t, text);
    return base_arena_str(c->arena, text);
}

static bool expired_in_chain(const struct diagnose_case *c, const struct facts_certificate *x) {
    return x->parsed && x->not_after < c->config->now;
}

static bool expired(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    for (size_t i = 0; i < e->certificate_count; i++) {
        const struct facts_certificate *x = &e->certificates[i];
        if (!expired_in_chain(c, x))
            continue;
        return diagnose_say(
            c,
            base_arena_printf(c->arena, "%s%s expired on %s (%d days ago)",
                              i == 0 ? "the certificate of " : "the intermediate ", subject(c, x),
                              date(c, x->not_after), -x->days_left),
            whom(c),
            i == 0
                ? base_arena_printf(c->arena,
                                    "renew it; if it was renewed already, the running server has "
                                    "not loaded the new one. %s",
                                    install(c))
                : base_arena_printf(c->arena, "send the current chain of your CA. %s", install(c)));
    }
    return false;
}

static bool expiring(struct diagnose_case *c) {
    const struct facts_certificate *x = leaf_of(c);
    if (!x || expired_in_chain(c, x) || x->days_left >= c->config->expiring_days)
        return false;
    return diagnose_say(c,
                        base_arena_printf(c->arena, "valid until %s, %d days from now",
                                          date(c, x->not_after), x->days_left),
                        "when it runs out, senders and clients that verify stop",
                        "see that renewal works and that the mail server reloads afterwards");
}

static bool not_yet_valid(struct diagnose_case *c) {
    const struct facts_certificate *x = leaf_of(c);
    if (!x || x->not_before <= c->config->now)
        return false;
    return diagnose_say(
        c, base_arena_printf(c->arena, "valid only from %s", date(c, x->not_before)), whom(c),
        "compare the clocks of this machine and of the CA; else wait, or use the "
        "former certificate until then");
}

static bool self_signed(struct diagnose_case *c) {
    const struct facts_certificate *x = leaf_of(c);
    const struct facts_verification *v = &c->endpoint->verification;
    if (!x || !x->self_signed || !v->done || v->chain_ok)
        return false;
    return diagnose_say(c, base_arena_printf(c->arena, "%s signed itself", subject(c, x)), whom(c),
                        base_arena_printf(c->arena,
                                          "get one from a CA that senders trust (for opportunistic "
                                          "TLS and DANE-EE a self-signed one is enough). %s",
                                          install(c)));
}

static bool incomplete(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    const struct facts_certificate *x = leaf_of(c);
    if (!x || x->self_signed || !e->verification.done || e->verification.chain_ok ||
        e->chain.complete)
        return false;
    /* 20 and 21: no issuer found. A leaf alone is the classic: its intermediate was not sent. */
    if ((e->verification.first_code != 20 && e->verification.first_code != 21) ||
        e->certificate_count != 1)
        return false;
    return diagnose_say(
        c,
        base_arena_printf(c->arena,
                          "only the certificate of %s was sent; its issuer %s is neither "
                          "sent along nor trusted by itself",
                          subject(c, x), diagnose_short(c->arena, x->issuer)),
        whom(c),
        base_arena_printf(c->arena,
                          "send the intermediate certificate too (the CA's \"full chain\" "
                          "file). %s",
                          install(c)));
}

static bool untrusted(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    const struct facts_certificate *x = leaf_of(c);
    const struct facts_verification *v = &e->verification;
    if (!x || x->self_signed || !v->done || v->chain_ok || v->first_code == 10 ||
        v->first_code == 9)
        return false;
    if ((v->first_code == 20 || v->first_code == 21) && e->certificate_count == 1 &&
        !e->chain.complete)
        return false; /* certificate-chain-incomplete says it */
    return diagnose_say(c,
                        base_arena_printf(c->arena,
                                          "verification against the %s roots: %s (code %d, "
                                          "depth %d)",
                                          v->trust, v->first_reason, v->first_code, v->depth),
                        whom(c),
                        base_arena_printf(c->arena,
                                          "use a CA that senders trust and send its whole "
                                          "chain; for a private CA give --ca-file. %s",
                                          install(c)));
}

static bool wrong_order(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    if (!leaf_of(c) || e->certificate_count < 2 || e->chain.in_order || e->chain.superfluous > 0)
        return false;
    return diagnose_say(
        c, "the certificates do not follow each other from the leaf upwards",
        "most clients put them in order themselves; old ones fail (RFC 5246 section "
        "7.4.2 wants the order)",
        install(c));
}

static bool superfluous(struct diagnose_case *c) {
    const struct facts_chain *h = &c->endpoint->chain;
    if (!leaf_of(c) || h->superfluous == 0)
        return false;
    return diagnose_say(c,
                        base_arena_printf(c->arena,
                                          "%zu certificates belong to no path from the leaf",
                                          h->superfluous),
                        "they cost every handshake bytes, and some old clients fail over them",
                        "send the leaf and its intermediates only");
}

static const char *san_list(struct diagnose_case *c, const struct facts_certificate *x) {
    struct base_buf list;
    base_buf_init(&list, 4096);
    for (size_t i = 0; i < x->san_count && i < 5; i++)
        base_buf_printf(&list, "%s%s", i ? ", " : "", diagnose_short(c->arena, x->sans[i].value));
    if (x->san_count > 5)
        base_buf_printf(&list, " and %zu more", x->san_count - 5);
    const char *s = base_arena_str_bytes(c->arena, base_buf_view(&list));
    base_buf_release(&list);
    return s;
}

static bool is_misnamed(const struct diagnose_case *c) {
    const struct facts_verification *v = &c->endpoint->verification;
    return v->done && !v->name_ok && v->reference && v->reference[0];
}

/* The target is an address or a socket, and the user gave no name: nothing to compare with. */
static bool has_no_name_to_ask_for(const struct diagnose_case *c) {
    return (c->target->kind == FACTS_TARGET_ADDRESS || c->target->kind == FACTS_TARGET_SOCKET) &&
           strcmp(c->endpoint->verification.reference, c->endpoint->host) == 0;
}

static bool nameless(struct diagnose_case *c) {
    const struct facts_certificate *x = leaf_of(c);
    if (!x || x->san_count > 0 || !is_misnamed(c))
        return false;
    return diagnose_say(
        c,
        x->subject_cn && x->subject_cn[0]
            ? base_arena_printf(c->arena,
                                "no subject alternative names, only the common name %s, which "
                                "counts no more (RFC 9525)",
                                diagnose_short(c->arena, x->subject_cn))
            : "neither subject alternative names nor a common name",
        whom(c),
        base_arena_printf(c->arena, "have it issued again with %s as DNS name. %s",
                          c->endpoint->verification.reference, install(c)));
}

static bool other_name(struct diagnose_case *c) {
    const struct facts_verification *v = &c->endpoint->verification;
    const struct facts_certificate *x = leaf_of(c);
    if (!x || x->san_count == 0 || !is_misnamed(c))
        return false;
    if (has_no_name_to_ask_for(c)) {
        c->out->severity = FACTS_SEVERITY_INFO;
        return diagnose_say(
            c,
            base_arena_printf(c->arena, "looked at by address; the certificate is for %s",
                              san_list(c, x)),
            "nobody who comes by name; whether the name fits can't be told by an address",
            "give the name that senders or clients use: --verify-name NAME");
    }
    return diagnose_say(
        c,
        base_arena_printf(c->arena, "asked for %s, the certificate is for %s", v->reference,
                          san_list(c, x)),
        whom(c),
        base_arena_printf(c->arena,
                          "get a certificate that names %s; if the server has one for each "
                          "name, see that it heeds the name sent (SNI). %s",
                          v->reference, install(c)));
}

static bool weak_key(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    for (size_t i = 0; i < e->certificate_count; i++) {
        const struct facts_certificate *x = &e->certificates[i];
        bool rsa =
            x->parsed && (strcmp(x->key_type, "RSA") == 0 || strcmp(x->key_type, "DSA") == 0);
        bool ec = x->parsed && strcmp(x->key_type, "EC") == 0;
        if (!(rsa && x->key_bits < RSA_SMALLEST) && !(ec && x->key_bits < EC_SMALLEST))
            continue;
        return diagnose_say(
            c,
            base_arena_printf(c->arena, "the %s key of %s has %d bits", x->key_type, subject(c, x),
                              x->key_bits),
            "clients at today's default security level refuse it (\"ee key too small\")",
            base_arena_printf(c->arena, "make a new key (RSA 2048 or EC P-256) and certificate. %s",
                              install(c)));
    }
    return false;
}

static bool weak_signature(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    for (size_t i = 0; i < e->certificate_count; i++) {
        const struct facts_certificate *x = &e->certificates[i];
        if (!x->parsed || x->self_signed || !x->signature_hash ||
            (strcmp(x->signature_hash, "SHA1") != 0 && strcmp(x->signature_hash, "MD5") != 0))
            continue;
        return diagnose_say(
            c, base_arena_printf(c->arena, "%s is signed with %s", subject(c, x), x->signature),
            "clients refuse it (\"ca md too weak\")",
            base_arena_printf(c->arena, "have it issued again with SHA-256. %s", install(c)));
    }
    return false;
}

static bool staple_missing(struct diagnose_case *c) {
    const struct facts_certificate *x = leaf_of(c);
    if (!x || !x->must_staple || c->endpoint->session.ocsp_staple)
        return false;
    return diagnose_say(c, "the certificate demands a stapled OCSP response, none was sent",
                        "clients that heed must-staple refuse the certificate",
                        "few mail servers staple: have the certificate issued without must-staple");
}

static bool unreadable(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    for (size_t i = 0; i < e->certificate_count; i++)
        if (!e->certificates[i].parsed)
            return diagnose_say(c,
                                base_arena_printf(c->arena, "certificate %zu of the chain: %s", i,
                                                  e->certificates[i].error),
                                whom(c), install(c));
    return false;
}

const struct diagnose_rule diagnose_certificate_rules[] = {
    {"certificate-unreadable", FACTS_SEVERITY_ERROR, "A certificate can't be read",
     "bytes in the chain are no certificate", unreadable},
    {"certificate-expired", FACTS_SEVERITY_ERROR, "The certificate has expired",
     "a certificate of the chain is past its end", expired},
    {"certificate-expiring", FACTS_SEVERITY_WARNING, "The certificate expires soon",
     "fewer days left than --expiring-days", expiring},
    {"certificate-not-yet-valid", FACTS_SEVERITY_ERROR, "The certificate is not valid yet",
     "not before a time to come", not_yet_valid},
    {"certificate-self-signed", FACTS_SEVERITY_ERROR, "The certificate is self-signed",
     "signed by its own key and not a trusted root", self_signed},
    {"certificate-chain-incomplete", FACTS_SEVERITY_ERROR, "The chain is incomplete",
     "the intermediate certificate is not sent", incomplete},
    {"certificate-untrusted", FACTS_SEVERITY_ERROR, "The certificate is not trusted",
     "PKIX verification fails", untrusted},
    {"certificate-chain-order", FACTS_SEVERITY_WARNING, "The chain is out of order",
     "the certificates do not follow each other", wrong_order},
    {"certificate-superfluous", FACTS_SEVERITY_INFO, "Certificates are sent that nobody needs",
     "certificates on no path from the leaf", superfluous},
    {"certificate-no-san", FACTS_SEVERITY_ERROR, "The certificate names no host",
     "no subject alternative names, a common name at most", nameless},
    {"certificate-name-mismatch", FACTS_SEVERITY_ERROR, "The certificate is for another name",
     "no SAN matches the reference name", other_name},
    {"certificate-weak-key", FACTS_SEVERITY_WARNING, "A key is too small",
     "RSA below 2048 bits or EC below 224", weak_key},
    {"certificate-weak-signature", FACTS_SEVERITY_WARNING, "A signature is too weak",
     "SHA-1 or MD5 in a signature of the chain", weak_signature},
    {"must-staple-unmet", FACTS_SEVERITY_WARNING, "The demanded OCSP staple is missing",
     "must-staple without a staple", staple_missing},
    {.id = NULL},
};
