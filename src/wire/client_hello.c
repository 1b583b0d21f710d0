/* SPDX-License-Identifier: Apache-2.0 */
/* wire/client_hello - what a client puts on the table
 *
 * Reads a ClientHello of SSL 3 to TLS 1.3, our own or a stranger's, into views of its lists, so
 * that a clash with a server can be named and a recorded hello be shown.
 *
 * Views borrow from the caller's bytes. Every field goes through a bounded reader; the first thing
 * that does not fit is remembered with its offset, and reading goes on behind it where lengths
 * allow. RFC 8446 4.1.2 and 4.2, RFC 5246 7.4.1.2, RFC 6066, RFC 8701. */
#include "wire/client_hello.h"

#include "know/tls_suite.h"

#define SUITE_RENEGOTIATION 0x00ff
#define SUITE_FALLBACK 0x5600
#define VERSION_SSL3 0x0300
#define VERSION_TLS13 0x0304

/* --- lists --- */

size_t wire_list_count(struct base_bytes list) {
    return list.len / 2;
}

uint16_t wire_list_at(struct base_bytes list, size_t index) {
    if (index >= list.len / 2)
        return 0;
    return (uint16_t)(list.data[2 * index] << 8 | list.data[2 * index + 1]);
}

static bool list_has(struct base_bytes list, uint16_t number) {
    for (size_t i = 0; i < wire_list_count(list); i++)
        if (wire_list_at(list, i) == number)
            return true;
    return false;
}

static bool list_has_grease(struct base_bytes list) {
    for (size_t i = 0; i < wire_list_count(list); i++)
        if (know_tls_is_grease(wire_list_at(list, i)))
            return true;
    return false;
}

bool wire_key_share_next(struct base_bytes *shares, uint16_t *group, struct base_bytes *key) {
    struct base_reader r, share;

    base_reader_init(&r, *shares);
    *group = base_reader_u16(&r, "group");
    share = base_reader_sub16(&r, "key");
    *key = base_reader_bytes(&share, base_reader_left(&share), "key");
    *shares = base_bytes_slice(*shares, r.pos, shares->len);
    return !r.failed;
}

bool wire_alpn_next(struct base_bytes *names, struct base_bytes *name) {
    struct base_reader r, one;

    base_reader_init(&r, *names);
    one = base_reader_sub8(&r, "protocol name");
    *name = base_reader_bytes(&one, base_reader_left(&one), "protocol name");
    *names = base_bytes_slice(*names, r.pos, names->len);
    return !r.failed && name->len > 0;
}

/* --- extensions --- */

static struct base_bytes rest_of(struct base_reader *r) {
    return base_reader_bytes(r, base_reader_left(r), "rest");
}

/* The failure of a part is that of the whole. */
static void pass_on(struct base_reader *whole, const struct base_reader *part) {
    if (part->failed && !whole->failed)
        *whole = *part;
}

/* A list of two-byte numbers; an odd byte at its end is a failure at that byte. */
static struct base_bytes numbers_of(struct base_reader *list, const char *what) {
    struct base_bytes numbers = base_reader_bytes(list, base_reader_left(list) & ~(size_t)1, what);

    (void)base_reader_done(list, what);
    return numbers;
}

static void read_nothing(struct base_reader *r, struct wire_client_hello *out) {
    (void)r;
    (void)out;
}

static void read_server_name(struct base_reader *r, struct wire_client_hello *out) {
    struct base_reader list = base_reader_sub16(r, "server_name list");

    while (base_reader_left(&list) > 0) {
        uint8_t type = base_reader_u8(&list, "server_name type");
        struct base_reader name = base_reader_sub16(&list, "server_name");
        if (type == 0 && out->server_name.len == 0)
            out->server_name = rest_of(&name);
    }
    pass_on(r, &list);
    if (out->server_name.len == 0)
        base_reader_fail(r, "server_name");
}

static void read_max_fragment(struct base_reader *r, struct wire_client_hello *out) {
    out->max_fragment = base_reader_u8(r, "max_fragment_length");
}

static void read_groups(struct base_reader *r, struct wire_client_hello *out) {
    struct base_reader list = base_reader_sub16(r, "supported_groups");

    out->groups = numbers_of(&list, "supported_groups");
    pass_on(r, &list);
}

static void read_point_formats(struct base_reader *r, struct wire_client_hello *out) {
    struct base_reader list = base_reader_sub8(r, "ec_point_formats");

    out->point_formats = rest_of(&list);
}

static void read_schemes(struct base_reader *r, struct wire_client_hello *out) {
    struct base_reader list = base_reader_sub16(r, "signature_algorithms");

    out->schemes = numbers_of(&list, "signature_algorithms");
    pass_on(r, &list);
}

static void read_certificate_schemes(struct base_reader *r, struct wire_client_hello *out) {
    struct base_reader list = base_reader_sub16(r, "signature_algorithms_cert");

    out->certificate_schemes = numbers_of(&list, "signature_algorithms_cert");
    pass_on(r, &list);
}

static void read_versions(struct base_reader *r, struct wire_client_hello *out) {
    struct base_reader list = base_reader_sub8(r, "supported_versions");

    out->versions = numbers_of(&list, "supported_versions");
    pass_on(r, &list);
}

static void read_alpn(struct base_reader *r, struct wire_client_hello *out) {
    struct base_reader list = base_reader_sub16(r, "ALPN list");
    struct base_reader look = list;

    out->alpn = rest_of(&list);
    while (base_reader_left(&look) > 0) {
        struct base_reader name = base_reader_sub8(&look, "ALPN name");
        if (!look.failed && base_reader_left(&name) == 0)
            base_reader_fail(&look, "ALPN name");
    }
    pass_on(r, &look);
}

static void read_key_shares(struct base_reader *r, struct wire_client_hello *out) {
    struct base_reader list = base_reader_sub16(r, "key_share list");
    struct base_reader look = list;

    out->key_shares = rest_of(&list);
    while (base_reader_left(&look) > 0) {
        (void)base_reader_u16(&look, "key_share group");
        struct base_reader key = base_reader_sub16(&look, "key_share");
        if (!look.failed && base_reader_left(&key) == 0)
            base_reader_fail(&look, "key_share");
    }
    pass_on(r, &look);
}

static void read_psk_modes(struct base_reader *r, struct wire_client_hello *out) {
    struct base_reader list = base_reader_sub8(r, "psk_key_exchange_modes");

    out->psk_modes = rest_of(&list);
}

static void read_session_ticket(struct base_reader *r, struct wire_client_hello *out) {
    out->session_ticket = rest_of(r);
}

static void read_renegotiation(struct base_reader *r, struct wire_client_hello *out) {
    (void)out;
    (void)base_reader_sub8(r, "renegotiation_info");
}

/* Extensions that are looked into, and those that must be empty. All others are skipped. */
static const struct {
    uint16_t type;
    void (*read)(struct base_reader *r, struct wire_client_hello *out);
} rows[] = {
    {KNOW_TLS_EXTENSION_SERVER_NAME, read_server_name},
    {KNOW_TLS_EXTENSION_MAX_FRAGMENT_LENGTH, read_max_fragment},
    {KNOW_TLS_EXTENSION_SUPPORTED_GROUPS, read_groups},
    {KNOW_TLS_EXTENSION_EC_POINT_FORMATS, read_point_formats},
    {KNOW_TLS_EXTENSION_SIGNATURE_ALGORITHMS, read_schemes},
    {KNOW_TLS_EXTENSION_ALPN, read_alpn},
    {KNOW_TLS_EXTENSION_ENCRYPT_THEN_MAC, read_nothing},
    {KNOW_TLS_EXTENSION_EXTENDED_MASTER_SECRET, read_nothing},
    {KNOW_TLS_EXTENSION_SESSION_TICKET, read_session_ticket},
    {KNOW_TLS_EXTENSION_EARLY_DATA, read_nothing},
    {KNOW_TLS_EXTENSION_SUPPORTED_VERSIONS, read_versions},
    {KNOW_TLS_EXTENSION_PSK_KEY_EXCHANGE_MODES, read_psk_modes},
    {KNOW_TLS_EXTENSION_POST_HANDSHAKE_AUTH, read_nothing},
    {KNOW_TLS_EXTENSION_SIGNATURE_ALGORITHMS_CERT, read_certificate_schemes},
    {KNOW_TLS_EXTENSION_KEY_SHARE, read_key_shares},
    {KNOW_TLS_EXTENSION_RENEGOTIATION_INFO, read_renegotiation},
};

static void read_extension(uint16_t type, struct base_reader *r, struct wire_client_hello *out) {
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].type != type)
            continue;
        rows[i].read(r, out);
        (void)base_reader_done(r, know_tls_extension_name(type));
        return;
    }
}

static bool extension_seen(const struct wire_client_hello *h, uint16_t type) {
    for (size_t i = 0; i < h->extension_count && i < WIRE_HELLO_EXTENSIONS_MAX; i++)
        if (h->extensions[i] == type)
            return true;
    return false;
}

static void remember(struct wire_client_hello *out, const struct base_reader *r) {
    if (!r->failed || out->error[0] != '\0')
        return;
    out->error = r->fail_what;
    out->error_at = r->fail_at;
}

/* An extension that comes twice is not read again; behind pre_shared_key none may come (RFC 8446
 * 4.2, 4.2.11). */
static void take_extension(struct wire_client_hello *out, uint16_t type, struct base_reader *body) {
    struct base_reader order = *body;

    if (extension_seen(out, type))
        base_reader_fail(body, "extension sent twice");
    else if (extension_seen(out, KNOW_TLS_EXTENSION_PRE_SHARED_KEY))
        base_reader_fail(&order, "extension behind pre_shared_key");
    remember(out, &order);
    if (!body->failed)
        read_extension(type, body, out);
    remember(out, body);
    if (out->extension_count < WIRE_HELLO_EXTENSIONS_MAX)
        out->extensions[out->extension_count] = type;
    out->extension_count++;
    out->grease |= know_tls_is_grease(type);
}

static void read_extensions(struct base_reader *r, struct wire_client_hello *out) {
    struct base_reader all = base_reader_sub16(r, "extensions");
    struct base_reader block = all;

    out->extension_block = rest_of(&block);
    while (!all.failed && base_reader_left(&all) > 0) {
        uint16_t type = base_reader_u16(&all, "extension type");
        struct base_reader body = base_reader_sub16(&all, "extension length");
        if (!all.failed)
            take_extension(out, type, &body);
    }
    remember(out, &all);
}

/* --- the message --- */

static void set_flags(struct wire_client_hello *h) {
    struct base_bytes body;
#define HAS(name) wire_extension_find(h->extension_block, KNOW_TLS_EXTENSION_##name, &body)
    h->has_versions = HAS(SUPPORTED_VERSIONS);
    h->has_groups = HAS(SUPPORTED_GROUPS);
    h->has_schemes = HAS(SIGNATURE_ALGORITHMS);
    h->has_key_share = HAS(KEY_SHARE);
    h->has_server_name = HAS(SERVER_NAME);
    h->has_alpn = HAS(ALPN);
    h->has_session_ticket = HAS(SESSION_TICKET);
    h->extended_master_secret = HAS(EXTENDED_MASTER_SECRET);
    h->encrypt_then_mac = HAS(ENCRYPT_THEN_MAC);
    h->renegotiation_info = HAS(RENEGOTIATION_INFO) || list_has(h->suites, SUITE_RENEGOTIATION);
    h->fallback = list_has(h->suites, SUITE_FALLBACK);
    h->status_request = HAS(STATUS_REQUEST) || HAS(STATUS_REQUEST_V2);
    h->scts = HAS(SCT);
    h->pre_shared_key = HAS(PRE_SHARED_KEY);
    h->early_data = HAS(EARLY_DATA);
    h->post_handshake_auth = HAS(POST_HANDSHAKE_AUTH);
    h->padding = HAS(PADDING);
#undef HAS
    h->grease |= list_has_grease(h->suites) || list_has_grease(h->groups) ||
                 list_has_grease(h->versions) || list_has_grease(h->schemes);
}

static uint16_t newest(const struct wire_client_hello *h) {
    uint16_t max = 0;

    for (size_t i = 0; i < wire_list_count(h->versions); i++) {
        uint16_t version = wire_list_at(h->versions, i);
        if (version >> 8 == 3 && version > max)
            max = version;
    }
    return max != 0 ? max : h->version;
}

/* A list that is there must hold something, and in whole numbers. */
static void check_list(struct wire_client_hello *out, struct base_reader *list, const char *what) {
    if (list->len == 0)
        base_reader_fail(list, what);
    (void)base_reader_done(list, what);
    remember(out, list);
}

static void read_fixed_part(struct base_reader *r, struct wire_client_hello *out) {
    out->version = base_reader_u16(r, "version");
    out->random = base_reader_bytes(r, 32, "random");
    struct base_reader id = base_reader_sub8(r, "session id");
    out->session_id = rest_of(&id);
    if (out->session_id.len > 32)
        base_reader_fail(&id, "session id");
    remember(out, &id);
    struct base_reader suites = base_reader_sub16(r, "cipher suites");
    out->suites = numbers_of(&suites, "cipher suites");
    check_list(out, &suites, "cipher suites");
    struct base_reader compression = base_reader_sub8(r, "compression methods");
    out->compression = rest_of(&compression);
    check_list(out, &compression, "compression methods");
}

bool wire_client_hello_parse(struct base_bytes body, struct wire_client_hello *out) {
    struct base_reader r;

    *out = (struct wire_client_hello){.error = ""};
    base_reader_init(&r, body);
    read_fixed_part(&r, out);
    if (!r.failed && base_reader_left(&r) > 0)
        read_extensions(&r, out);
    (void)base_reader_done(&r, "end of ClientHello");
    remember(out, &r);
    set_flags(out);
    out->max_version = newest(out);
    return out->error[0] == '\0';
}

bool wire_extension_find(struct base_bytes block, uint16_t type, struct base_bytes *body) {
    struct base_reader r;

    *body = BASE_BYTES_EMPTY;
    base_reader_init(&r, block);
    while (base_reader_left(&r) > 0) {
        uint16_t found = base_reader_u16(&r, "extension type");
        struct base_reader one = base_reader_sub16(&r, "extension length");
        if (!r.failed && found == type) {
            *body = rest_of(&one);
            return true;
        }
    }
    return false;
}

bool wire_client_hello_has_suite(const struct wire_client_hello *h, uint16_t suite) {
    return list_has(h->suites, suite);
}

bool wire_client_hello_has_group(const struct wire_client_hello *h, uint16_t group) {
    return list_has(h->groups, group);
}

bool wire_client_hello_has_scheme(const struct wire_client_hello *h, uint16_t scheme) {
    return list_has(h->schemes, scheme);
}

bool wire_client_hello_has_version(const struct wire_client_hello *h, uint16_t version) {
    if (h->has_versions)
        return list_has(h->versions, version);
    return version >= VERSION_SSL3 && version <= h->version && version < VERSION_TLS13;
}
