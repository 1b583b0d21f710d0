/* SPDX-License-Identifier: Apache-2.0 */
/* client/name - names and the library's own prints as text that is safe to show
 *
 * Distinguished names look as the linked release of s_client shows them, or as the user says (see
 * openssl-namedisplay-options(1)). What a server chose to put into a certificate is escaped here,
 * once, on its way into the facts. */
#include "base/text.h"
#include "client/internal.h"

#include <openssl/err.h>
#include <string.h>

#define OPENSSL_3_2 0x30200000ul
#define TEXT_MAX ((size_t)1024 * 1024)

struct name_option {
    const char *name;
    unsigned long set, clear;
};

#define ONE(name, flag)                                                                            \
    { name, flag, 0 }
static const struct name_option name_options[] = {
    ONE("esc_2253", ASN1_STRFLGS_ESC_2253),
    ONE("esc_2254", ASN1_STRFLGS_ESC_2254),
    ONE("esc_ctrl", ASN1_STRFLGS_ESC_CTRL),
    ONE("esc_msb", ASN1_STRFLGS_ESC_MSB),
    ONE("use_quote", ASN1_STRFLGS_ESC_QUOTE),
    ONE("utf8", ASN1_STRFLGS_UTF8_CONVERT),
    ONE("ignore_type", ASN1_STRFLGS_IGNORE_TYPE),
    ONE("show_type", ASN1_STRFLGS_SHOW_TYPE),
    ONE("dump_all", ASN1_STRFLGS_DUMP_ALL),
    ONE("dump_nostr", ASN1_STRFLGS_DUMP_UNKNOWN),
    ONE("dump_der", ASN1_STRFLGS_DUMP_DER),
    ONE("dump_unknown", XN_FLAG_DUMP_UNKNOWN_FIELDS),
    ONE("space_eq", XN_FLAG_SPC_EQ),
    ONE("dn_rev", XN_FLAG_DN_REV),
    ONE("align", XN_FLAG_FN_ALIGN),
    {"compat", XN_FLAG_COMPAT, ~0ul},
    {"sep_comma_plus", XN_FLAG_SEP_COMMA_PLUS, XN_FLAG_SEP_MASK},
    {"sep_comma_plus_space", XN_FLAG_SEP_CPLUS_SPC, XN_FLAG_SEP_MASK},
    {"sep_semi_plus_space", XN_FLAG_SEP_SPLUS_SPC, XN_FLAG_SEP_MASK},
    {"sep_multiline", XN_FLAG_SEP_MULTILINE, XN_FLAG_SEP_MASK},
    {"nofname", XN_FLAG_FN_NONE, XN_FLAG_FN_MASK},
    {"sname", XN_FLAG_FN_SN, XN_FLAG_FN_MASK},
    {"lname", XN_FLAG_FN_LN, XN_FLAG_FN_MASK},
    {"oid", XN_FLAG_FN_OID, XN_FLAG_FN_MASK},
    {"RFC2253", XN_FLAG_RFC2253, ~0ul},
    {"oneline", XN_FLAG_ONELINE, ~0ul},
    {"multiline", XN_FLAG_MULTILINE, ~0ul},
    {"ca_default", XN_FLAG_MULTILINE, ~0ul},
};
#undef ONE

static const struct name_option *find_option(struct base_bytes name) {
    for (size_t i = 0; i < sizeof(name_options) / sizeof(name_options[0]); i++)
        if (base_bytes_equal_nocase(name, name_options[i].name))
            return &name_options[i];
    return NULL;
}

static unsigned long default_flags(void) {
    if (OpenSSL_version_num() >= OPENSSL_3_2)
        return ASN1_STRFLGS_UTF8_CONVERT | XN_FLAG_SEP_CPLUS_SPC;
    return XN_FLAG_ONELINE;
}

static bool apply_option(struct base_bytes one, unsigned long *flags) {
    bool minus = one.len > 0 && one.data[0] == '-';
    const struct name_option *o = find_option(base_bytes_slice(one, minus ? 1 : 0, one.len));

    if (!o)
        return false;
    *flags &= ~o->clear;
    *flags = minus ? *flags & ~o->set : *flags | o->set;
    return true;
}

enum ws_err client_apply_name_format(struct client_context *c, struct base_error *e) {
    const char *text = c->wish->name_format;
    struct base_bytes rest = base_bytes_of_str(text);

    c->name_flags = !text ? default_flags() : 0;
    while (rest.len > 0) {
        struct base_bytes one = base_bytes_slice(rest, 0, base_bytes_find(rest, ','));
        if (!apply_option(one, &c->name_flags))
            return client_error(c->wish, CLIENT_OPTION_NAME_FORMAT, text, e,
                                "not a list of name options (as in oneline, RFC2253, multiline, "
                                "utf8, lname, space_eq)");
        rest = base_bytes_slice(rest, one.len + 1, rest.len);
    }
    /* Options without a separator stand beside the one-line form. */
    if ((c->name_flags & XN_FLAG_SEP_MASK) == 0 && c->name_flags != XN_FLAG_COMPAT)
        c->name_flags |= XN_FLAG_SEP_CPLUS_SPC;
    return WS_OK;
}

const char *client_lines(struct base_bytes raw, struct base_arena *arena) {
    struct base_buf text;
    const char *kept;

    base_buf_init(&text, TEXT_MAX * 4);
    raw = base_bytes_slice(raw, 0, TEXT_MAX);
    while (raw.len > 0) {
        size_t line = base_bytes_find(raw, '\n');
        base_text_escape(&text, base_bytes_slice(raw, 0, line));
        if (line < raw.len)
            base_buf_append_byte(&text, '\n');
        raw = base_bytes_slice(raw, line + 1, raw.len);
    }
    kept = base_arena_str(arena, base_buf_cstr(&text));
    base_buf_release(&text);
    return kept;
}

const char *client_escaped_bytes(struct base_bytes raw, struct base_arena *arena) {
    struct base_buf text;
    const char *kept;

    base_buf_init(&text, TEXT_MAX * 4);
    base_text_escape(&text, base_bytes_slice(raw, 0, TEXT_MAX));
    kept = base_arena_str(arena, base_buf_cstr(&text));
    base_buf_release(&text);
    return kept;
}

const char *client_escaped(const char *text, struct base_arena *arena) {
    return client_escaped_bytes(base_bytes_of_str(text), arena);
}

const char *client_bio_text(BIO *bio, struct base_arena *arena) {
    char *data = NULL;
    long len = BIO_get_mem_data(bio, &data);

    return len > 0 ? client_lines(base_bytes_view(data, (size_t)len), arena) : "";
}

/* Line ends inside a value would forge lines of a report; only the library's own stand between the
 * parts of the multi-line form, where it escapes those of values itself. */
const char *client_name_text(const struct client_context *c, const X509_NAME *name,
                             struct base_arena *arena) {
    unsigned long flags = c ? c->name_flags : default_flags();
    bool many_lines = (flags & XN_FLAG_SEP_MASK) == XN_FLAG_SEP_MULTILINE;
    BIO *bio = BIO_new(BIO_s_mem());
    const char *text = "(unreadable name)";
    char *data = NULL;

    if (many_lines)
        flags |= ASN1_STRFLGS_ESC_CTRL;
    if (bio && name && X509_NAME_print_ex(bio, name, 0, flags) >= 0) {
        long len = BIO_get_mem_data(bio, &data);
        text = many_lines ? client_bio_text(bio, arena)
                          : client_escaped_bytes(base_bytes_view(data, (size_t)len), arena);
    }
    BIO_free(bio);
    ERR_clear_error();
    return text;
}

const char *client_time_text(const ASN1_TIME *t, struct base_arena *arena) {
    BIO *bio = BIO_new(BIO_s_mem());
    const char *text = "Bad time value";

    if (bio && ASN1_TIME_print(bio, t) == 1)
        text = client_bio_text(bio, arena);
    BIO_free(bio);
    ERR_clear_error();
    return text;
}
