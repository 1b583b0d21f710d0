/* SPDX-License-Identifier: Apache-2.0 */
/* idn - names of people's languages to names of the DNS, and back
 *
 * Everything behind the target parser works with A-labels: ASCII, lower case, no final dot. The
 * conversion is IDNA2008 with UTS #46 mapping, non-transitional (so that "straße" stays what its
 * owner registered). ASCII input is not judged by IDNA: a name with a broken "xn--" label can stand
 * in the DNS and may be asked for. It is judged by what a host name may be: letters, digits,
 * hyphens inside, and the underscore, which is no host name by RFC 952 but is met in practice.
 *
 * Way back: only U-labels that lead to the same A-label again are given out, so nothing that IDNA
 * forbids (controls, direction marks, unassigned code points) reaches a terminal this way.
 *
 * Limits: 1024 bytes of input, 63 per label, 253 per name.
 * RFC 1035 2.3.4, 1123 2.1, 5890 2.3.2, 5891; UTS #46. */
#include "dns/target.h"

#include "base/text.h"
#include "base/library.h"

#include <idn2.h>
#include <string.h>

#define NAME_INPUT_MAX 1024u
#define NAME_MAX_LEN 253u
#define LABEL_MAX_LEN 63u
#define IDN_FLAGS (IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT)

/* clang-format off */
#define IDN_FUNCTIONS(X) \
    X(idn2_free) \
    X(idn2_strerror) \
    X(idn2_to_ascii_8z) \
    X(idn2_to_unicode_8z8z)
/* clang-format on */

BASE_LIBRARY(idn, "libidn2.so.0", "libidn2-0", IDN_FUNCTIONS)

/* Is it UTF-8, and is it more than ASCII? */
static bool read_utf8(struct base_bytes in, bool *beyond_ascii) {
    *beyond_ascii = false;
    for (size_t at = 0; at < in.len;) {
        uint32_t cp = 0;
        size_t n = base_text_utf8_next(base_bytes_slice(in, at, in.len), &cp);
        if (n == 0)
            return false;
        if (n > 1)
            *beyond_ascii = true;
        at += n;
    }
    return true;
}

static const char *label_fault(struct base_bytes label) {
    if (label.len == 0)
        return "it has an empty label (a dot at the start, or two in a row)";
    if (label.len > LABEL_MAX_LEN)
        return "one of its labels is longer than 63 characters";
    for (size_t i = 0; i < label.len; i++) {
        uint8_t c = label.data[i];
        if (!base_ascii_is_alnum(c) && c != '-' && c != '_')
            return "a host name consists of letters, digits, hyphens and dots";
    }
    if (label.data[0] == '-' || label.data[label.len - 1] == '-')
        return "a label may not begin or end with a hyphen";
    return NULL;
}

/* NULL when `name` is one that may be asked for. */
static const char *name_fault(struct base_bytes name) {
    if (name.len == 0)
        return "the name is empty";
    for (size_t at = 0; at <= name.len;) {
        struct base_bytes rest = base_bytes_slice(name, at, name.len);
        struct base_bytes label = base_bytes_slice(rest, 0, base_bytes_find(rest, '.'));
        const char *fault = label_fault(label);
        if (fault)
            return fault;
        at += label.len + 1;
    }
    return name.len > NAME_MAX_LEN ? "the name is longer than 253 characters" : NULL;
}

static const char *fail(const char **why, const char *what) {
    *why = what;
    return "";
}

static const char *lower_checked(struct base_arena *arena, struct base_bytes name,
                                 const char **why) {
    if (name.len > 1 && name.data[name.len - 1] == '.')
        name.len--;
    const char *fault = name_fault(name);
    if (fault)
        return fail(why, fault);
    char *out = base_arena_alloc(arena, name.len + 1);
    if (!out)
        return fail(why, "out of memory");
    for (size_t i = 0; i < name.len; i++)
        out[i] = (char)base_ascii_lower(name.data[i]);
    return out;
}

const char *dns_name_to_ascii(struct base_arena *arena, const char *name, const char **why) {
    struct base_bytes in = base_bytes_of_str(name);
    bool international = false;
    *why = "";
    if (in.len > NAME_INPUT_MAX)
        return fail(why, "the name is longer than 253 characters");
    if (!read_utf8(in, &international))
        return fail(why, "the name is not valid UTF-8");
    if (!international)
        return lower_checked(arena, in, why);
    struct base_error e = {0};
    if (base_library_load(&idn_library, &e) != WS_OK)
        return fail(why, base_arena_str(arena, base_error_message(&e)));
    char *ascii = NULL;
    int rc = idn.idn2_to_ascii_8z(name, &ascii, IDN_FLAGS);
    if (rc != IDN2_OK) {
        *why = base_arena_printf(arena, "it is no valid internationalized name (%s)",
                                 idn.idn2_strerror(rc));
        return "";
    }
    const char *out = lower_checked(arena, base_bytes_of_str(ascii), why);
    idn.idn2_free(ascii);
    return out;
}

const char *dns_name_to_unicode(struct base_arena *arena, const char *ascii) {
    char *unicode = NULL;
    char *again = NULL;
    const char *out = "";
    if (!strstr(ascii, "xn--") || base_library_load(&idn_library, NULL) != WS_OK)
        return out;
    if (idn.idn2_to_unicode_8z8z(ascii, &unicode, IDN_FLAGS) == IDN2_OK &&
        strcmp(unicode, ascii) != 0 &&
        idn.idn2_to_ascii_8z(unicode, &again, IDN_FLAGS) == IDN2_OK && strcmp(again, ascii) == 0)
        out = base_arena_str(arena, unicode);
    idn.idn2_free(unicode);
    idn.idn2_free(again);
    return out;
}
