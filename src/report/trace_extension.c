/* SPDX-License-Identifier: Apache-2.0 */
/* report/trace_extension - extensions in words
 *
 * One row per extension that is looked into {number, describe}; all others are shown by number,
 * name and a hex excerpt. The same number has other forms in a ClientHello, a ServerHello, a
 * CertificateRequest and so on, so each function is told the place.
 *
 * Each function gets a reader that ends with its extension, and the open line "name (number)" to
 * add to; bytes it leaves over are told by the caller. RFC 8446 4.2, RFC 6066, RFC 7301, RFC 8422,
 * RFC 6962, RFC 7250, RFC 8879, RFC 8449, RFC 9345. */
#include "report/trace_parts.h"

#include "know/tls_extension.h"
#include "know/tls_group.h"
#include "know/tls_scheme.h"
#include "know/tls_suite.h"
#include "know/tls_version.h"

#define EXTENSIONS_SHOWN 128

static struct base_bytes rest_of(struct base_reader *r) {
    return base_reader_bytes(r, base_reader_left(r), "rest");
}

/* --- names --- */

const char *report_trace_name_group(uint16_t id) {
    const struct know_tls_group *g = know_tls_group_find(id);
    return g ? g->name : "";
}

const char *report_trace_name_scheme(uint16_t id) {
    const struct know_tls_scheme *s = know_tls_scheme_find(id);
    return s ? s->name : "";
}

const char *report_trace_name_suite(uint16_t id) {
    const struct know_tls_suite *s = know_tls_suite_find(id);
    return s ? s->name : "";
}

static const char *at_or_none(const char *const *names, size_t count, size_t i) {
    return i < count && names[i] ? names[i] : "";
}
#define NAME_OF(names, i) at_or_none(names, sizeof(names) / sizeof((names)[0]), i)

static const char *name_point_format(uint8_t id) {
    static const char *const names[] = {"uncompressed", "ansiX962_compressed_prime",
                                        "ansiX962_compressed_char2"};
    return NAME_OF(names, id);
}

static const char *name_psk_mode(uint8_t id) {
    static const char *const names[] = {"psk_ke", "psk_dhe_ke"};
    /* RFC 8701 2: every thirty-first from 11 on */
    return id >= 11 && (id - 11) % 31 == 0 ? "GREASE" : NAME_OF(names, id);
}

static const char *name_certificate_type(uint8_t id) {
    static const char *const names[] = {"X509", "OpenPGP", "RawPublicKey", "1609Dot2"};
    return NAME_OF(names, id);
}

const char *report_trace_name_certificate_compression(uint16_t id) {
    static const char *const names[] = {"", "zlib", "brotli", "zstd"};
    return NAME_OF(names, id);
}

/* --- pieces --- */

static void numbers16(struct report_words *w, struct base_reader *r, const char *what,
                      const char *(*name)(uint16_t)) {
    struct base_reader list = base_reader_sub16(r, what);

    report_trace_numbers(w, &list, what, name);
    report_trace_check(w, &list, what);
}

static void numbers8(struct report_words *w, struct base_reader *r, const char *what,
                     const char *(*name)(uint16_t)) {
    struct base_reader list = base_reader_sub8(r, what);

    report_trace_numbers(w, &list, what, name);
    report_trace_check(w, &list, what);
}

static void small_numbers(struct report_words *w, struct base_reader *r, const char *what,
                          const char *(*name)(uint8_t)) {
    struct base_reader list = base_reader_sub8(r, what);

    report_trace_small_numbers(w, &list, name);
    report_trace_check(w, &list, what);
}

static void one_number(struct report_words *w, struct base_reader *r, const char *what,
                       const char *(*name)(uint16_t)) {
    uint16_t number = base_reader_u16(r, what);

    if (!r->failed)
        (void)report_trace_number(w, 0, name(number), number);
}

void report_trace_authorities(struct report_words *w, struct base_reader *r) {
    struct base_reader list = base_reader_sub16(r, "certificate authorities");
    size_t total = base_reader_left(&list), count = 0, longest = 0;

    while (base_reader_left(&list) > 0) {
        struct base_reader name = base_reader_sub16(&list, "name of an authority");
        count += !list.failed;
        longest = name.len > longest ? name.len : longest;
    }
    if (total == 0)
        report_trace_add(w, "none");
    else
        report_trace_add(w, "%zu name%s in %zu bytes, the longest has %zu", count,
                         report_trace_plural(count), total, longest);
    report_trace_check(w, &list, "certificate authorities");
}

/* --- one function for each extension --- */

static void add_server_name(struct report_words *w, enum report_place place,
                            struct base_reader *r) {
    struct base_reader list;
    size_t count = 0;

    if (place != REPORT_PLACE_CLIENT_HELLO) {
        report_trace_add(w, ": the name was used");
        return;
    }
    list = base_reader_sub16(r, "server_name list");
    while (base_reader_left(&list) > 0 && count < REPORT_TRACE_LIST_MAX) {
        uint8_t type = base_reader_u8(&list, "server_name type");
        struct base_reader name = base_reader_sub16(&list, "server_name");
        if (list.failed)
            break;
        report_trace_add(w, count++ == 0 ? ": " : ", ");
        if (type != 0)
            report_trace_add(w, "type %u ", type);
        report_trace_add_text(w, rest_of(&name));
    }
    report_trace_check(w, &list, "server_name");
}

static void add_max_fragment(struct report_words *w, enum report_place place,
                             struct base_reader *r) {
    uint8_t code = base_reader_u8(r, "max_fragment_length");

    (void)place;
    if (code >= 1 && code <= 4)
        report_trace_add(w, ": %u bytes (%u)", 256u << code, code);
    else if (!r->failed)
        report_trace_add(w, ": unknown (%u)", code);
}

static void add_ocsp_request(struct report_words *w, struct base_reader *r) {
    uint8_t type = base_reader_u8(r, "status type");

    if (r->failed)
        return;
    if (type != 1) {
        report_trace_add(w, ": status type %u, ", type);
        report_trace_add_hex(w, rest_of(r));
        return;
    }
    struct base_reader responders = base_reader_sub16(r, "OCSP responders");
    struct base_reader more = base_reader_sub16(r, "OCSP request extensions");
    report_trace_add(w, ": OCSP");
    if (responders.len > 0)
        report_trace_add(w, ", responder names of %zu bytes", responders.len);
    if (more.len > 0)
        report_trace_add(w, ", request extensions of %zu bytes", more.len);
}

void report_trace_status(struct report_words *w, struct base_reader *r) {
    uint8_t type = base_reader_u8(r, "status type");
    struct base_reader answer = base_reader_sub24(r, "OCSP response");

    if (answer.failed)
        return;
    if (type == 1)
        report_trace_add(w, ": OCSP response, ");
    else
        report_trace_add(w, ": status type %u, ", type);
    report_trace_add_opaque(w, rest_of(&answer));
}

static void add_status_request(struct report_words *w, enum report_place place,
                               struct base_reader *r) {
    if (place == REPORT_PLACE_CLIENT_HELLO)
        add_ocsp_request(w, r);
    else if (place == REPORT_PLACE_CERTIFICATE)
        report_trace_status(w, r);
    else if (place == REPORT_PLACE_SERVER_HELLO)
        report_trace_add(w, ": a CertificateStatus may follow");
}

static void add_groups(struct report_words *w, enum report_place place, struct base_reader *r) {
    (void)place;
    report_trace_add(w, ": ");
    numbers16(w, r, "supported_groups", report_trace_name_group);
}

static void add_point_formats(struct report_words *w, enum report_place place,
                              struct base_reader *r) {
    (void)place;
    report_trace_add(w, ": ");
    small_numbers(w, r, "ec_point_formats", name_point_format);
}

static void add_schemes(struct report_words *w, enum report_place place, struct base_reader *r) {
    (void)place;
    report_trace_add(w, ": ");
    numbers16(w, r, "signature_algorithms", report_trace_name_scheme);
}

static void add_certificate_schemes(struct report_words *w, enum report_place place,
                                    struct base_reader *r) {
    (void)place;
    report_trace_add(w, ": ");
    numbers16(w, r, "signature_algorithms_cert", report_trace_name_scheme);
}

static void add_heartbeat(struct report_words *w, enum report_place place, struct base_reader *r) {
    uint8_t mode = base_reader_u8(r, "heartbeat mode");

    (void)place;
    if (!r->failed)
        report_trace_add(w, ": %s (%u)",
                         mode == 1   ? "peer_allowed_to_send"
                         : mode == 2 ? "peer_not_allowed_to_send"
                                     : "unknown",
                         mode);
}

static void add_alpn(struct report_words *w, enum report_place place, struct base_reader *r) {
    struct base_reader list = base_reader_sub16(r, "ALPN list");
    size_t count = 0;

    (void)place;
    while (base_reader_left(&list) > 0 && count < REPORT_TRACE_LIST_MAX) {
        struct base_reader name = base_reader_sub8(&list, "ALPN name");
        if (list.failed)
            break;
        report_trace_add(w, count++ == 0 ? ": " : ", ");
        report_trace_add_text(w, rest_of(&name));
    }
    report_trace_check(w, &list, "application_layer_protocol_negotiation");
}

static void add_timestamps(struct report_words *w, enum report_place place, struct base_reader *r) {
    struct base_reader list;
    size_t count = 0;

    if (place == REPORT_PLACE_CLIENT_HELLO || place == REPORT_PLACE_CERTIFICATE_REQUEST)
        return;
    list = base_reader_sub16(r, "timestamp list");
    report_trace_add(w, ": ");
    while (base_reader_left(&list) > 0) {
        struct base_reader one = base_reader_sub16(&list, "timestamp");
        if (!list.failed && !report_trace_entry(w, count++, "%zu", one.len))
            break;
    }
    report_trace_add(w, count == 0 ? "none" : " bytes");
    report_trace_check(w, &list, "timestamps");
}

/* The client lists what it can take, the server names its choice (RFC 7250 3). */
static void add_certificate_type(struct report_words *w, enum report_place place,
                                 struct base_reader *r) {
    report_trace_add(w, ": ");
    if (place == REPORT_PLACE_CLIENT_HELLO)
        small_numbers(w, r, "certificate types", name_certificate_type);
    else
        report_trace_small_numbers(w, r, name_certificate_type);
}

static void add_padding(struct report_words *w, enum report_place place, struct base_reader *r) {
    struct base_bytes padding = rest_of(r);
    size_t zeros = 0;

    (void)place;
    while (zeros < padding.len && padding.data[zeros] == 0)
        zeros++;
    report_trace_add(w, ": %zu byte%s", padding.len, report_trace_plural(padding.len));
    if (zeros < padding.len)
        report_trace_add(w, ", not all zero");
}

static void add_nothing(struct report_words *w, enum report_place place, struct base_reader *r) {
    (void)w;
    (void)place;
    (void)r;
}

static void add_compress_certificate(struct report_words *w, enum report_place place,
                                     struct base_reader *r) {
    (void)place;
    report_trace_add(w, ": ");
    numbers8(w, r, "compress_certificate", report_trace_name_certificate_compression);
}

static void add_record_size(struct report_words *w, enum report_place place,
                            struct base_reader *r) {
    uint16_t limit = base_reader_u16(r, "record_size_limit");

    (void)place;
    if (!r->failed)
        report_trace_add(w, ": %u bytes", limit);
}

static void add_delegated_credential(struct report_words *w, enum report_place place,
                                     struct base_reader *r) {
    report_trace_add(w, ": ");
    if (place == REPORT_PLACE_CERTIFICATE)
        report_trace_add_opaque(w, rest_of(r));
    else
        numbers16(w, r, "delegated_credential", report_trace_name_scheme);
}

static void add_session_ticket(struct report_words *w, enum report_place place,
                               struct base_reader *r) {
    struct base_bytes ticket = rest_of(r);

    if (place != REPORT_PLACE_CLIENT_HELLO && ticket.len == 0) {
        report_trace_add(w, ": a NewSessionTicket will follow");
    } else if (ticket.len == 0) {
        report_trace_add(w, ": empty, a new ticket is welcome");
    } else {
        report_trace_add(w, ": a ticket of ");
        report_trace_add_opaque(w, ticket);
    }
}

/* --- of TLS 1.3 --- */

/* A name that people gave an external key; a ticket is no text. */
static bool is_name(struct base_bytes b) {
    for (size_t i = 0; i < b.len; i++)
        if (b.data[i] < 0x20 || b.data[i] > 0x7e)
            return false;
    return b.len > 0 && b.len <= 64;
}

static void add_identity(struct report_words *w, size_t i, struct base_bytes identity) {
    report_trace_line(w, "identity %zu: ", i);
    if (is_name(identity)) {
        report_trace_add_text(w, identity);
        return;
    }
    w->depth++;
    report_trace_add_opaque(w, identity);
    w->depth--;
}

static void add_identities(struct report_words *w, struct base_reader *list) {
    for (size_t i = 0; base_reader_left(list) > 0; i++) {
        struct base_reader identity = base_reader_sub16(list, "PSK identity");
        (void)base_reader_u32(list, "ticket age");
        if (list->failed || i >= REPORT_TRACE_LIST_MAX)
            break;
        add_identity(w, i, rest_of(&identity));
    }
    report_trace_check(w, list, "PSK identities");
}

static void add_binders(struct report_words *w, struct base_reader *list) {
    size_t count = 0;

    report_trace_line(w, "binders: ");
    while (base_reader_left(list) > 0) {
        struct base_reader binder = base_reader_sub8(list, "PSK binder");
        if (!list->failed && !report_trace_entry(w, count++, "%zu", binder.len))
            break;
    }
    report_trace_add(w, count == 0 ? "none" : " bytes");
    report_trace_check(w, list, "PSK binders");
}

static void add_pre_shared_key(struct report_words *w, enum report_place place,
                               struct base_reader *r) {
    if (place != REPORT_PLACE_CLIENT_HELLO) {
        uint16_t chosen = base_reader_u16(r, "chosen identity");
        if (!r->failed)
            report_trace_add(w, ": identity %u was chosen", chosen);
        return;
    }
    struct base_reader identities = base_reader_sub16(r, "PSK identities");
    struct base_reader binders = base_reader_sub16(r, "PSK binders");
    add_identities(w, &identities);
    if (!binders.failed)
        add_binders(w, &binders);
}

static void add_early_data(struct report_words *w, enum report_place place, struct base_reader *r) {
    if (place != REPORT_PLACE_TICKET)
        return;
    uint32_t most = base_reader_u32(r, "max_early_data_size");
    if (!r->failed)
        report_trace_add(w, ": at most %u bytes", (unsigned)most);
}

static void add_versions(struct report_words *w, enum report_place place, struct base_reader *r) {
    report_trace_add(w, ": ");
    if (place == REPORT_PLACE_CLIENT_HELLO)
        numbers8(w, r, "supported_versions", know_tls_version_name);
    else
        one_number(w, r, "supported_versions", know_tls_version_name);
}

static void add_cookie(struct report_words *w, enum report_place place, struct base_reader *r) {
    struct base_reader cookie = base_reader_sub16(r, "cookie");

    (void)place;
    report_trace_add(w, ": ");
    report_trace_add_opaque(w, rest_of(&cookie));
}

static void add_psk_modes(struct report_words *w, enum report_place place, struct base_reader *r) {
    (void)place;
    report_trace_add(w, ": ");
    small_numbers(w, r, "psk_key_exchange_modes", name_psk_mode);
}

static void add_authorities(struct report_words *w, enum report_place place,
                            struct base_reader *r) {
    (void)place;
    report_trace_add(w, ": ");
    report_trace_authorities(w, r);
}

static void add_share(struct report_words *w, size_t index, struct base_reader *r) {
    uint16_t group = base_reader_u16(r, "key_share group");
    struct base_reader key = base_reader_sub16(r, "key_share");
    const char *name = report_trace_name_group(group);

    if (key.failed)
        return;
    if (name[0] == '\0')
        name = know_tls_is_grease(group) ? "GREASE" : "unknown";
    (void)report_trace_entry(w, index, "%s (0x%04x) %zu byte%s", name, group, key.len,
                             report_trace_plural(key.len));
}

static void add_key_share(struct report_words *w, enum report_place place, struct base_reader *r) {
    report_trace_add(w, ": ");
    if (place == REPORT_PLACE_RETRY_REQUEST) {
        one_number(w, r, "key_share group", report_trace_name_group);
    } else if (place != REPORT_PLACE_CLIENT_HELLO) {
        add_share(w, 0, r);
    } else {
        struct base_reader list = base_reader_sub16(r, "key_share list");
        if (!list.failed && list.len == 0)
            report_trace_add(w, "none");
        for (size_t i = 0; base_reader_left(&list) > 0; i++)
            add_share(w, i, &list);
        report_trace_check(w, &list, "key_share");
    }
}

/* RFC 9849 5: only the outer form holds something to tell. */
static void add_encrypted_hello(struct report_words *w, enum report_place place,
                                struct base_reader *r) {
    if (place != REPORT_PLACE_CLIENT_HELLO) {
        report_trace_add(w, ": ");
        report_trace_add_hex(w, rest_of(r));
        return;
    }
    uint8_t type = base_reader_u8(r, "type of hello");
    if (type == 1)
        report_trace_add(w, ": inner");
    if (type == 1 || r->failed)
        return;
    uint16_t kdf = base_reader_u16(r, "HPKE KDF");
    uint16_t aead = base_reader_u16(r, "HPKE AEAD");
    uint8_t config = base_reader_u8(r, "config id");
    struct base_reader enc = base_reader_sub16(r, "enc");
    struct base_reader payload = base_reader_sub16(r, "payload");
    if (!r->failed)
        report_trace_add(w,
                         ": outer, config %u, KDF 0x%04x, AEAD 0x%04x, key of %zu, "
                         "hello of %zu bytes",
                         config, kdf, aead, enc.len, payload.len);
}

static void add_renegotiation(struct report_words *w, enum report_place place,
                              struct base_reader *r) {
    struct base_reader proof = base_reader_sub8(r, "renegotiation_info");

    (void)place;
    if (proof.failed)
        return;
    if (proof.len == 0)
        report_trace_add(w, ": empty, a first handshake");
    else
        report_trace_add(w, ": %zu bytes, a renegotiation", proof.len);
}

/* --- the table --- */

typedef void add_extension(struct report_words *w, enum report_place place, struct base_reader *r);

static const struct {
    uint16_t type;
    add_extension *add;
} rows[] = {
    {KNOW_TLS_EXTENSION_SERVER_NAME, add_server_name},
    {KNOW_TLS_EXTENSION_MAX_FRAGMENT_LENGTH, add_max_fragment},
    {KNOW_TLS_EXTENSION_STATUS_REQUEST, add_status_request},
    {KNOW_TLS_EXTENSION_SUPPORTED_GROUPS, add_groups},
    {KNOW_TLS_EXTENSION_EC_POINT_FORMATS, add_point_formats},
    {KNOW_TLS_EXTENSION_SIGNATURE_ALGORITHMS, add_schemes},
    {KNOW_TLS_EXTENSION_HEARTBEAT, add_heartbeat},
    {KNOW_TLS_EXTENSION_ALPN, add_alpn},
    {KNOW_TLS_EXTENSION_SCT, add_timestamps},
    {KNOW_TLS_EXTENSION_CLIENT_CERTIFICATE_TYPE, add_certificate_type},
    {KNOW_TLS_EXTENSION_SERVER_CERTIFICATE_TYPE, add_certificate_type},
    {KNOW_TLS_EXTENSION_PADDING, add_padding},
    {KNOW_TLS_EXTENSION_ENCRYPT_THEN_MAC, add_nothing},
    {KNOW_TLS_EXTENSION_EXTENDED_MASTER_SECRET, add_nothing},
    {KNOW_TLS_EXTENSION_COMPRESS_CERTIFICATE, add_compress_certificate},
    {KNOW_TLS_EXTENSION_RECORD_SIZE_LIMIT, add_record_size},
    {KNOW_TLS_EXTENSION_DELEGATED_CREDENTIAL, add_delegated_credential},
    {KNOW_TLS_EXTENSION_SESSION_TICKET, add_session_ticket},
    {KNOW_TLS_EXTENSION_PRE_SHARED_KEY, add_pre_shared_key},
    {KNOW_TLS_EXTENSION_EARLY_DATA, add_early_data},
    {KNOW_TLS_EXTENSION_SUPPORTED_VERSIONS, add_versions},
    {KNOW_TLS_EXTENSION_COOKIE, add_cookie},
    {KNOW_TLS_EXTENSION_PSK_KEY_EXCHANGE_MODES, add_psk_modes},
    {KNOW_TLS_EXTENSION_CERTIFICATE_AUTHORITIES, add_authorities},
    {KNOW_TLS_EXTENSION_POST_HANDSHAKE_AUTH, add_nothing},
    {KNOW_TLS_EXTENSION_SIGNATURE_ALGORITHMS_CERT, add_certificate_schemes},
    {KNOW_TLS_EXTENSION_KEY_SHARE, add_key_share},
    {KNOW_TLS_EXTENSION_ENCRYPTED_CLIENT_HELLO, add_encrypted_hello},
    {KNOW_TLS_EXTENSION_RENEGOTIATION_INFO, add_renegotiation},
};

static void add_unknown(struct report_words *w, enum report_place place, struct base_reader *r) {
    (void)place;
    report_trace_add(w, ": ");
    report_trace_add_hex(w, rest_of(r));
}

static add_extension *function_of(uint16_t type) {
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].type == type)
            return rows[i].add;
    return add_unknown;
}

/* The numbers that came before, as far as they are remembered. */
struct seen {
    uint16_t types[EXTENSIONS_SHOWN];
    size_t count;
};

static bool was_seen(const struct seen *seen, uint16_t type) {
    for (size_t i = 0; i < seen->count; i++)
        if (seen->types[i] == type)
            return true;
    return false;
}

/* RFC 8446 4.2: no extension twice; 4.2.11: nothing behind a client's pre_shared_key. */
static void check_order(struct report_words *w, enum report_place place, const struct seen *seen,
                        uint16_t type) {
    if (was_seen(seen, type))
        report_trace_line(w, "! sent twice");
    else if (place == REPORT_PLACE_CLIENT_HELLO &&
             was_seen(seen, KNOW_TLS_EXTENSION_PRE_SHARED_KEY))
        report_trace_line(w, "! behind pre_shared_key, which must be the last");
}

static void describe_one(struct report_words *w, enum report_place place, struct seen *seen,
                         uint16_t type, struct base_reader *body) {
    const char *name = know_tls_extension_name(type);

    if (name[0] == '\0')
        name = know_tls_is_grease(type) ? "GREASE" : "unknown extension";
    report_trace_line(w, "%s (%u)", name, type);
    w->depth++;
    function_of(type)(w, place, body);
    report_trace_check(w, body, name);
    check_order(w, place, seen, type);
    w->depth--;
    seen->types[seen->count++] = type;
}

void report_trace_extensions(struct report_words *w, enum report_place place,
                             struct base_reader *r) {
    struct base_reader all = base_reader_sub16(r, "extensions");
    struct seen seen = {.count = 0};
    size_t hidden = 0;

    if (!all.failed && all.len == 0)
        report_trace_line(w, "extensions: none");
    else if (!all.failed)
        report_trace_line(w, "extensions: %zu byte%s", all.len, report_trace_plural(all.len));
    w->depth++;
    while (base_reader_left(&all) > 0) {
        uint16_t type = base_reader_u16(&all, "extension type");
        struct base_reader body = base_reader_sub16(&all, "extension length");
        if (!all.failed && seen.count < EXTENSIONS_SHOWN)
            describe_one(w, place, &seen, type, &body);
        else
            hidden += !all.failed;
    }
    if (hidden > 0)
        report_trace_line(w, "and %zu more extension%s", hidden, report_trace_plural(hidden));
    report_trace_check(w, &all, "extensions");
    w->depth--;
}
