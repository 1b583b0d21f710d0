/* SPDX-License-Identifier: Apache-2.0 */
/* pki/name - does a certificate bear this name
 *
 * RFC 9525: only subject alternative names count, never the common name. DNS names compare without
 * regard to ASCII case, as A-labels; a wildcard is the whole left-most label and stands for exactly
 * one label; "f*.example.org" and "*.org" match nothing. Address references match IP names alone.
 */
#include "pki/internal.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#define NAME_MAX_LENGTH 253

struct address {
    size_t len; /* 0: not an address */
    uint8_t bytes[16];
};

static struct address parse_address(const char *text) {
    struct address a = {0};

    if (inet_pton(AF_INET, text, a.bytes) == 1)
        a.len = 4;
    else if (inet_pton(AF_INET6, text, a.bytes) == 1)
        a.len = 16;
    return a;
}

bool pki_name_is_address(const char *text) {
    return parse_address(text).len != 0;
}

/* Letters, digits, hyphen, underscore and single dots; no empty labels. The length goes to *len
 * without a final dot. */
static bool is_host_name(const char *s, size_t *len) {
    size_t n = strlen(s);

    if (n > 1 && s[n - 1] == '.')
        n--;
    if (n == 0 || n > NAME_MAX_LENGTH)
        return false;
    for (size_t i = 0; i < n; i++) {
        bool dot = s[i] == '.';
        if (!dot && !base_ascii_is_alnum((uint8_t)s[i]) && s[i] != '-' && s[i] != '_')
            return false;
        if (dot && (i == 0 || i + 1 == n || s[i - 1] == '.'))
            return false;
    }
    *len = n;
    return true;
}

static bool equal_names(const char *a, size_t a_len, const char *b, size_t b_len) {
    return a_len == b_len && strncasecmp(a, b, a_len) == 0;
}

bool pki_name_matches(const char *pattern, const char *reference) {
    size_t pattern_len, reference_len, label;

    if (!pattern || !reference || !is_host_name(reference, &reference_len) ||
        parse_address(reference).len != 0)
        return false;
    if (strncmp(pattern, "*.", 2) != 0)
        return is_host_name(pattern, &pattern_len) &&
               equal_names(pattern, pattern_len, reference, reference_len);
    pattern += 2;
    /* A wildcard right below a top-level domain would cover other people's names. */
    if (!is_host_name(pattern, &pattern_len) || !memchr(pattern, '.', pattern_len))
        return false;
    label = strcspn(reference, ".");
    if (label + 1 >= reference_len)
        return false;
    return equal_names(pattern, pattern_len, reference + label + 1, reference_len - label - 1);
}

static bool address_matches(const char *san, const struct address *reference) {
    struct address a = parse_address(san);

    return a.len != 0 && base_bytes_equal(base_bytes_view(a.bytes, a.len),
                                          base_bytes_view(reference->bytes, reference->len));
}

/* The SAN that matches, NULL when none does. */
static const char *find_match(const struct facts_certificate *leaf, const char *reference) {
    struct address address = parse_address(reference);

    for (size_t i = 0; i < leaf->san_count; i++) {
        const struct facts_san *san = &leaf->sans[i];
        if (address.len != 0 && san->kind == FACTS_SAN_IP && address_matches(san->value, &address))
            return san->value;
        if (address.len == 0 && san->kind == FACTS_SAN_DNS &&
            pki_name_matches(san->value, reference))
            return san->value;
    }
    return NULL;
}

void pki_identity_judge(const struct facts_certificate *leaf, const struct pki_names *names,
                        struct base_arena *arena, struct facts_verification *v) {
    const char *reference = names->reference ? names->reference : "";
    const char *domain = names->domain ? names->domain : "";
    const char *by_reference = reference[0] != '\0' ? find_match(leaf, reference) : NULL;
    const char *by_domain = domain[0] != '\0' ? find_match(leaf, domain) : NULL;

    v->reference = base_arena_str(arena, reference);
    v->name_ok = by_reference != NULL;
    v->domain_matches = by_domain != NULL;
    v->matched_name = by_reference ? by_reference : by_domain ? by_domain : "";
    if (by_reference)
        v->matched = names->reference_given ? FACTS_IDENTITY_GIVEN : FACTS_IDENTITY_MX;
    else
        v->matched = by_domain ? FACTS_IDENTITY_DOMAIN : FACTS_IDENTITY_NONE;
}
