/* SPDX-License-Identifier: Apache-2.0 */
/* pki/text - names inside certificates as printable text
 *
 * Whoever made a certificate chose its bytes: names hold NUL, escape sequences, bidirectional marks
 * or broken UTF-16. Here they become one line of valid UTF-8 in which every such byte is escaped,
 * with a bound on its length. Distinguished names follow RFC 2253 (the most specific part first).
 */
#include "base/text.h"
#include "pki/internal.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#define TEXT_MAX 16384u /* longest name that is kept */

/* Escapes into the arena; cuts what is longer than a report can use. */
static const char *keep_escaped(struct base_bytes raw, struct base_arena *arena) {
    struct base_buf text;
    const char *kept;

    base_buf_init(&text, TEXT_MAX * 4 + 64);
    base_text_escape(&text, base_bytes_slice(raw, 0, TEXT_MAX));
    if (raw.len > TEXT_MAX)
        base_buf_append_str(&text, "...");
    kept = base_arena_str(arena, base_buf_cstr(&text));
    base_buf_release(&text);
    return kept;
}

const char *pki_string_text(const ASN1_STRING *s, struct base_arena *arena) {
    unsigned char *utf8 = NULL;
    const char *kept;
    int len;

    if (!s)
        return "";
    len = ASN1_STRING_to_UTF8(&utf8, s);
    if (len >= 0) {
        kept = keep_escaped(base_bytes_view(utf8, (size_t)len), arena);
    } else {
        int raw = ASN1_STRING_length(s);
        kept = keep_escaped(base_bytes_view(ASN1_STRING_get0_data(s), raw > 0 ? (size_t)raw : 0),
                            arena);
        ERR_clear_error();
    }
    OPENSSL_free(utf8);
    return kept;
}

const char *pki_name_text(const X509_NAME *name, struct base_arena *arena) {
    /* Control bytes and commas are escaped by OpenSSL, UTF-8 is left for keep_escaped to judge. */
    const unsigned long flags = (XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
    BIO *bio = BIO_new(BIO_s_mem());
    const char *kept = "";
    char *data = NULL;
    long len;

    if (!bio || !name)
        goto out;
    if (X509_NAME_print_ex(bio, name, 0, flags) < 0) {
        kept = "(unreadable name)";
        ERR_clear_error();
        goto out;
    }
    len = BIO_get_mem_data(bio, &data);
    if (len > 0)
        kept = keep_escaped(base_bytes_view(data, (size_t)len), arena);
out:
    BIO_free(bio);
    return kept;
}

const char *pki_name_common(const X509_NAME *name, struct base_arena *arena) {
    int at = !name ? -1 : X509_NAME_get_index_by_NID(name, NID_commonName, -1);

    if (at < 0)
        return "";
    return pki_string_text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)), arena);
}

const char *pki_object_text(const ASN1_OBJECT *o, struct base_arena *arena) {
    char dotted[256];
    int nid = OBJ_obj2nid(o);

    if (nid != NID_undef)
        return OBJ_nid2sn(nid);
    if (OBJ_obj2txt(dotted, sizeof(dotted), o, 1) <= 0) {
        ERR_clear_error();
        return "(unreadable identifier)";
    }
    return base_arena_str(arena, dotted);
}

const char *pki_error_reason(const char *fallback) {
    const char *reason = ERR_reason_error_string(ERR_peek_error());

    ERR_clear_error();
    return reason ? reason : fallback;
}
