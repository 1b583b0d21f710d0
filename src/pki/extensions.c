/* SPDX-License-Identifier: Apache-2.0 */
/* pki/extensions - the extensions of a certificate as facts
 *
 * Subject alternative names, key usages, TLS feature (RFC 7633), embedded timestamps (RFC 6962) and
 * authority information access. An extension that does not decode counts as absent here; OpenSSL's
 * verification reports it as invalid. */
#include "base/buf.h"
#include "base/reader.h"
#include "base/text.h"
#include "pki/certificate.h"
#include "pki/internal.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#define SANS_MAX 4096        /* more names than this are dropped */
#define FEATURE_STATUS 5     /* status_request */
#define FEATURE_STATUS_V2 17 /* status_request_v2 */

static struct base_bytes string_bytes(const ASN1_STRING *s) {
    int len = ASN1_STRING_length(s);

    return base_bytes_view(ASN1_STRING_get0_data(s), len > 0 ? (size_t)len : 0);
}

static const char *address_text(const ASN1_OCTET_STRING *ip, struct base_arena *arena) {
    struct base_bytes raw = string_bytes(ip);
    char text[INET6_ADDRSTRLEN] = "";
    struct base_buf hex;
    const char *kept;

    if (raw.len == 4 && inet_ntop(AF_INET, raw.data, text, sizeof(text)))
        return base_arena_str(arena, text);
    if (raw.len == 16 && inet_ntop(AF_INET6, raw.data, text, sizeof(text)))
        return base_arena_str(arena, text);
    base_buf_init(&hex, 256);
    base_text_hex(&hex, base_bytes_slice(raw, 0, 64));
    kept = base_arena_printf(arena, "(%zu bytes) %s", raw.len, base_buf_cstr(&hex));
    base_buf_release(&hex);
    return kept;
}

static void read_san(const GENERAL_NAME *g, struct base_arena *arena, struct facts_san *out) {
    out->unicode = "";
    switch (g->type) {
    case GEN_DNS:
        out->kind = FACTS_SAN_DNS;
        out->value = pki_string_text(g->d.dNSName, arena);
        break;
    case GEN_IPADD:
        out->kind = FACTS_SAN_IP;
        out->value = address_text(g->d.iPAddress, arena);
        break;
    case GEN_EMAIL:
        out->kind = FACTS_SAN_EMAIL;
        out->value = pki_string_text(g->d.rfc822Name, arena);
        break;
    case GEN_URI:
        out->kind = FACTS_SAN_URI;
        out->value = pki_string_text(g->d.uniformResourceIdentifier, arena);
        break;
    case GEN_DIRNAME:
        out->kind = FACTS_SAN_OTHER;
        out->value = pki_name_text(g->d.directoryName, arena);
        break;
    case GEN_OTHERNAME:
        out->kind = FACTS_SAN_OTHER;
        out->value = base_arena_printf(arena, "otherName:%s",
                                       pki_object_text(g->d.otherName->type_id, arena));
        break;
    case GEN_RID:
        out->kind = FACTS_SAN_OTHER;
        out->value = pki_object_text(g->d.registeredID, arena);
        break;
    default:
        out->kind = FACTS_SAN_OTHER;
        out->value = "";
    }
}

static void read_sans(const X509 *x, struct base_arena *arena, struct facts_certificate *out) {
    GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
    int count = sk_GENERAL_NAME_num(names);
    size_t n = count > 0 ? (size_t)count : 0;

    if (n > SANS_MAX)
        n = SANS_MAX;
    out->sans = n > 0 ? base_arena_array(arena, n, sizeof(*out->sans)) : NULL;
    for (size_t i = 0; out->sans && i < n; i++) {
        read_san(sk_GENERAL_NAME_value(names, (int)i), arena, &out->sans[i]);
        out->san_count++;
    }
    GENERAL_NAMES_free(names);
}

static void add_word(struct base_buf *list, const char *word) {
    if (base_buf_view(list).len > 0)
        base_buf_append_byte(list, ',');
    base_buf_append_str(list, word);
}

static const char *read_key_usage(const X509 *x, struct base_arena *arena) {
    static const char *const names[] = {
        "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
        "keyCertSign",      "cRLSign",        "encipherOnly",    "decipherOnly",
    };
    ASN1_BIT_STRING *usage = X509_get_ext_d2i(x, NID_key_usage, NULL, NULL);
    struct base_buf list;
    const char *kept;

    if (!usage)
        return "";
    base_buf_init(&list, 512);
    for (int bit = 0; bit < (int)(sizeof(names) / sizeof(names[0])); bit++)
        if (ASN1_BIT_STRING_get_bit(usage, bit))
            add_word(&list, names[bit]);
    ASN1_BIT_STRING_free(usage);
    kept = base_arena_str(arena, base_buf_cstr(&list));
    base_buf_release(&list);
    return kept;
}

static const char *read_extended_usage(const X509 *x, struct base_arena *arena) {
    EXTENDED_KEY_USAGE *usage = X509_get_ext_d2i(x, NID_ext_key_usage, NULL, NULL);
    struct base_buf list;
    const char *kept;

    if (!usage)
        return "";
    base_buf_init(&list, 4096);
    for (int i = 0; i < sk_ASN1_OBJECT_num(usage) && i < 32; i++)
        add_word(&list, pki_object_text(sk_ASN1_OBJECT_value(usage, i), arena));
    EXTENDED_KEY_USAGE_free(usage);
    kept = base_arena_str(arena, base_buf_cstr(&list));
    base_buf_release(&list);
    return kept;
}

static bool read_must_staple(const X509 *x) {
    TLS_FEATURE *features = X509_get_ext_d2i(x, NID_tlsfeature, NULL, NULL);
    bool found = false;

    for (int i = 0; features && i < sk_ASN1_INTEGER_num(features); i++) {
        long id = ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features, i));
        found |= id == FEATURE_STATUS || id == FEATURE_STATUS_V2;
    }
    TLS_FEATURE_free(features);
    return found;
}

unsigned pki_sct_count(struct base_bytes list) {
    struct base_reader r, all;
    unsigned count = 0;

    base_reader_init(&r, list);
    all = base_reader_sub16(&r, "SCT list");
    while (!all.failed && base_reader_left(&all) > 0) {
        (void)base_reader_sub16(&all, "SCT");
        if (!all.failed)
            count++;
    }
    return count;
}

/* The extension's value is an OCTET STRING that holds the list (RFC 6962 3.3). */
static unsigned read_scts(const X509 *x) {
    int at = X509_get_ext_by_NID(x, NID_ct_precert_scts, -1);
    ASN1_OCTET_STRING *inner = NULL;
    unsigned count = 0;

    if (at >= 0) {
        struct base_bytes raw = string_bytes(X509_EXTENSION_get_data(X509_get_ext(x, at)));
        const unsigned char *p = raw.data;
        inner = d2i_ASN1_OCTET_STRING(NULL, &p, (long)raw.len);
    }
    if (inner)
        count = pki_sct_count(string_bytes(inner));
    ASN1_OCTET_STRING_free(inner);
    return count;
}

static void read_access(const X509 *x, struct base_arena *arena, struct facts_certificate *out) {
    AUTHORITY_INFO_ACCESS *access = X509_get_ext_d2i(x, NID_info_access, NULL, NULL);

    for (int i = 0; access && i < sk_ACCESS_DESCRIPTION_num(access); i++) {
        const ACCESS_DESCRIPTION *d = sk_ACCESS_DESCRIPTION_value(access, i);
        int method = OBJ_obj2nid(d->method);
        if (d->location->type != GEN_URI)
            continue;
        if (method == NID_ad_ca_issuers && out->ca_issuers[0] == '\0')
            out->ca_issuers = pki_string_text(d->location->d.uniformResourceIdentifier, arena);
        if (method == NID_ad_OCSP && out->ocsp_url[0] == '\0')
            out->ocsp_url = pki_string_text(d->location->d.uniformResourceIdentifier, arena);
    }
    AUTHORITY_INFO_ACCESS_free(access);
}

void pki_extensions_read(const X509 *x, struct base_arena *arena, struct facts_certificate *out) {
    read_sans(x, arena, out);
    out->key_usage = read_key_usage(x, arena);
    out->extended_key_usage = read_extended_usage(x, arena);
    out->must_staple = read_must_staple(x);
    out->scts = read_scts(x);
    read_access(x, arena, out);
    ERR_clear_error();
}
