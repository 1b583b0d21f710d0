/* SPDX-License-Identifier: Apache-2.0 */
/* report/trace - a message in words
 *
 * What --trace and --hello show: one handshake message, alert, change_cipher_spec or heartbeat as
 * indented lines, with IANA's names and numbers. One row per message {number, sender, describe};
 * extensions are described by report/trace_extension, key exchanges by report/trace_exchange.
 *
 * The text goes to the caller's buffer, bounded and printable whatever the bytes are; contents that
 * could be secret or are large are told by their length. RFC 8446 4, RFC 5246 7.4, RFC 8879, RFC
 * 6066 8. */
#include "report/trace.h"

#include "know/tls_alert.h"
#include "know/tls_suite.h"
#include "know/tls_version.h"
#include "wire/client_hello.h"
#include "report/trace_parts.h"
#include "wire/handshake.h"
#include "wire/record.h"

#define TEXT_MAX ((size_t)128 << 10)
#define CERTIFICATES_SHOWN 32
#define TLS12 0x0303
#define TLS13 0x0304

static struct base_bytes rest_of(struct base_reader *r) {
    return base_reader_bytes(r, base_reader_left(r), "rest");
}

/* --- hellos --- */

static void add_version(struct report_words *w, struct base_reader *r, const char *what) {
    uint16_t version = base_reader_u16(r, what);

    if (r->failed)
        return;
    report_trace_line(w, "%s: ", what);
    (void)report_trace_number(w, 0, know_tls_version_name(version), version);
}

static void add_random(struct report_words *w, struct base_reader *r) {
    struct base_bytes random = base_reader_bytes(r, 32, "random");

    if (r->failed)
        return;
    report_trace_line(w, "random: ");
    report_trace_add_hex(w, random);
}

static void add_session_id(struct report_words *w, struct base_reader *r) {
    struct base_reader id = base_reader_sub8(r, "session_id");

    if (id.failed)
        return;
    report_trace_line(w, "session_id: ");
    report_trace_add_hex(w, rest_of(&id));
    if (id.len > 32)
        report_trace_line(w, "! session_id: longer than 32 bytes");
}

static void add_suites(struct report_words *w, struct base_reader *r) {
    struct base_reader list = base_reader_sub16(r, "cipher_suites");

    if (list.failed)
        return;
    report_trace_line(w, "cipher_suites: %zu", list.len / 2);
    w->depth++;
    for (size_t i = 0; base_reader_left(&list) >= 2 && i < REPORT_TRACE_LIST_MAX; i++) {
        uint16_t suite = base_reader_u16(&list, "cipher_suites");
        report_trace_line(w, "%s", "");
        (void)report_trace_number(w, 0, report_trace_name_suite(suite), suite);
    }
    if (base_reader_left(&list) >= 2) {
        report_trace_line(w, "and %zu more", base_reader_left(&list) / 2);
        base_reader_skip(&list, base_reader_left(&list) & ~(size_t)1, "cipher_suites");
    }
    report_trace_check(w, &list, "cipher_suites");
    w->depth--;
}

static const char *name_compression(uint8_t id) {
    return id == 0 ? "null" : id == 1 ? "DEFLATE" : id == 64 ? "LZS" : "";
}

static void describe_client_hello(struct report_trace *state, struct report_words *w,
                                  struct base_reader *r) {
    (void)state;
    add_version(w, r, "legacy_version");
    add_random(w, r);
    add_session_id(w, r);
    add_suites(w, r);
    struct base_reader compression = base_reader_sub8(r, "compression_methods");
    if (!compression.failed) {
        report_trace_line(w, "compression_methods: ");
        report_trace_small_numbers(w, &compression, name_compression);
    }
    if (!r->failed && base_reader_left(r) > 0)
        report_trace_extensions(w, REPORT_PLACE_CLIENT_HELLO, r);
}

static void add_chosen_suite(struct report_words *w, uint16_t suite) {
    const struct know_tls_suite *known = know_tls_suite_find(suite);

    report_trace_line(w, "cipher_suite: ");
    (void)report_trace_number(w, 0, known ? known->name : "", suite);
    if (known && known->openssl[0] != '\0' && known->kx != KNOW_TLS_KX_ANY)
        report_trace_line(w, "  OpenSSL's name: %s", known->openssl);
}

static void add_chosen_compression(struct report_words *w, struct base_reader *r) {
    uint8_t id = base_reader_u8(r, "compression_method");
    const char *name = name_compression(id);

    if (!r->failed)
        report_trace_line(w, "compression_method: %s (%u)", name[0] != '\0' ? name : "unknown", id);
}

/* RFC 8446 4.1.3: written into the random so that a downgrade by someone in between shows. */
static void add_downgrade(struct report_words *w, const struct wire_server_hello *h) {
    if (h->downgrade != 0 && h->selected_version < TLS13)
        report_trace_line(w, "the random's end says that this server can do %s",
                          h->downgrade == TLS12 ? "TLS 1.3" : "TLS 1.2 or newer");
}

/* RFC 7250 3: the server's choice changes what its Certificate, or the client's, holds. */
static void note_certificate_types(struct report_trace *state, struct base_reader look) {
    struct base_reader all = base_reader_sub16(&look, "extensions");
    struct base_bytes block = rest_of(&all), body;

    state->client_certificate_type = 0;
    state->server_certificate_type = 0;
    if (wire_extension_find(block, KNOW_TLS_EXTENSION_CLIENT_CERTIFICATE_TYPE, &body) &&
        body.len == 1)
        state->client_certificate_type = body.data[0];
    if (wire_extension_find(block, KNOW_TLS_EXTENSION_SERVER_CERTIFICATE_TYPE, &body) &&
        body.len == 1)
        state->server_certificate_type = body.data[0];
}

static void describe_server_hello(struct report_trace *state, struct report_words *w,
                                  struct base_reader *r) {
    struct wire_server_hello h;

    (void)wire_server_hello_parse(base_bytes_view(r->data, r->len), &h);
    state->chosen = true;
    state->version = h.selected_version;
    state->suite = h.suite;
    add_version(w, r, "legacy_version");
    add_random(w, r);
    add_downgrade(w, &h);
    add_session_id(w, r);
    uint16_t suite = base_reader_u16(r, "cipher_suite");
    if (!r->failed)
        add_chosen_suite(w, suite);
    add_chosen_compression(w, r);
    note_certificate_types(state, *r);
    if (!r->failed && base_reader_left(r) > 0)
        report_trace_extensions(
            w, h.retry_request ? REPORT_PLACE_RETRY_REQUEST : REPORT_PLACE_SERVER_HELLO, r);
}

static void describe_encrypted_extensions(struct report_trace *state, struct report_words *w,
                                          struct base_reader *r) {
    note_certificate_types(state, *r);
    report_trace_extensions(w, REPORT_PLACE_ENCRYPTED_EXTENSIONS, r);
}

/* --- certificates --- */

static void add_context(struct report_words *w, struct base_reader *r) {
    struct base_reader context = base_reader_sub8(r, "request context");

    if (context.failed || context.len == 0)
        return;
    report_trace_line(w, "request context: ");
    report_trace_add_hex(w, rest_of(&context));
}

/* RFC 8446 4.4.2; before TLS 1.3 an entry has no extensions (RFC 5246 7.4.2). */
static void add_entry(struct report_words *w, struct base_reader *list, size_t i, bool tls13) {
    struct base_reader certificate = base_reader_sub24(list, "certificate");

    if (list->failed)
        return;
    report_trace_line(w, "certificate %zu: ", i);
    w->depth++;
    report_trace_add_opaque(w, rest_of(&certificate));
    if (tls13)
        report_trace_extensions(w, REPORT_PLACE_CERTIFICATE, list);
    w->depth--;
}

static void add_entries(struct report_words *w, struct base_reader *list, bool tls13) {
    size_t i = 0;

    if (!list->failed && list->len == 0)
        report_trace_line(w, "no certificate");
    for (; base_reader_left(list) > 0 && i < CERTIFICATES_SHOWN; i++)
        add_entry(w, list, i, tls13);
    if (base_reader_left(list) > 0) {
        report_trace_line(w, "more certificates: %zu bytes", base_reader_left(list));
        (void)rest_of(list);
    }
    report_trace_check(w, list, "certificate list");
}

static void describe_certificate(struct report_trace *state, struct report_words *w,
                                 struct base_reader *r, bool from_server) {
    uint8_t type = from_server ? state->server_certificate_type : state->client_certificate_type;
    bool tls13 = state->version >= TLS13;

    if (tls13)
        add_context(w, r);
    if (!tls13 && type == 2) { /* RFC 7250 3: the key alone, no list */
        struct base_reader key = base_reader_sub24(r, "raw public key");
        report_trace_line(w, "raw public key: ");
        report_trace_add_opaque(w, rest_of(&key));
        return;
    }
    struct base_reader list = base_reader_sub24(r, "certificate list");
    if (!list.failed && type == 2)
        report_trace_line(w, "raw public keys stand in for certificates");
    add_entries(w, &list, tls13);
}

static void describe_server_certificate(struct report_trace *state, struct report_words *w,
                                        struct base_reader *r) {
    describe_certificate(state, w, r, true);
}

static void describe_client_certificate(struct report_trace *state, struct report_words *w,
                                        struct base_reader *r) {
    describe_certificate(state, w, r, false);
}

static const char *name_client_type(uint8_t id) {
    switch (id) {
    case 1:
        return "rsa_sign";
    case 2:
        return "dss_sign";
    case 3:
        return "rsa_fixed_dh";
    case 4:
        return "dss_fixed_dh";
    case 20:
        return "fortezza_dms";
    case 64:
        return "ecdsa_sign";
    case 65:
        return "rsa_fixed_ecdh";
    case 66:
        return "ecdsa_fixed_ecdh";
    case 67:
        return "gost_sign256";
    case 68:
        return "gost_sign512";
    default:
        return "";
    }
}

/* RFC 5246 7.4.4; the schemes came with TLS 1.2. */
static void add_old_request(struct report_words *w, struct base_reader *r, bool with_schemes) {
    struct base_reader types = base_reader_sub8(r, "certificate types");

    if (r->failed)
        return;
    report_trace_line(w, "certificate types: ");
    w->depth++;
    report_trace_small_numbers(w, &types, name_client_type);
    w->depth--;
    if (with_schemes) {
        struct base_reader schemes = base_reader_sub16(r, "signature_algorithms");
        if (r->failed)
            return;
        report_trace_line(w, "signature_algorithms: ");
        w->depth++;
        report_trace_numbers(w, &schemes, "signature_algorithms", report_trace_name_scheme);
        report_trace_check(w, &schemes, "signature_algorithms");
        w->depth--;
    }
    report_trace_line(w, "certificate authorities: ");
    report_trace_authorities(w, r);
}

static void describe_certificate_request(struct report_trace *state, struct report_words *w,
                                         struct base_reader *r) {
    if (state->version < TLS13) {
        add_old_request(w, r, state->version >= TLS12);
        return;
    }
    add_context(w, r);
    report_trace_extensions(w, REPORT_PLACE_CERTIFICATE_REQUEST, r);
}

static void describe_certificate_status(struct report_trace *state, struct report_words *w,
                                        struct base_reader *r) {
    (void)state;
    report_trace_line(w, "status");
    w->depth++;
    report_trace_status(w, r);
    w->depth--;
}

/* RFC 8879 4. */
static void describe_compressed_certificate(struct report_trace *state, struct report_words *w,
                                            struct base_reader *r) {
    uint16_t algorithm = base_reader_u16(r, "compression algorithm");
    uint32_t plain = base_reader_u24(r, "uncompressed length");
    struct base_reader packed = base_reader_sub24(r, "compressed certificate");

    (void)state;
    if (packed.failed)
        return;
    report_trace_line(w, "algorithm: ");
    (void)report_trace_number(w, 0, report_trace_name_certificate_compression(algorithm),
                              algorithm);
    report_trace_line(w, "length: %zu bytes, for %u bytes of Certificate", packed.len,
                      (unsigned)plain);
}

/* --- the smaller messages --- */

static void describe_nothing(struct report_trace *state, struct report_words *w,
                             struct base_reader *r) {
    (void)state;
    (void)w;
    (void)r;
}

static void describe_finished(struct report_trace *state, struct report_words *w,
                              struct base_reader *r) {
    (void)state;
    report_trace_line(w, "verify_data: ");
    w->depth++;
    report_trace_add_opaque(w, rest_of(r));
    w->depth--;
}

static void add_lifetime(struct report_words *w, struct base_reader *r) {
    uint32_t seconds = base_reader_u32(r, "ticket_lifetime");

    if (!r->failed)
        report_trace_line(w, "ticket_lifetime: %u second%s%s", (unsigned)seconds,
                          report_trace_plural(seconds), seconds == 0 ? ", not said" : "");
}

/* RFC 8446 4.6.1, RFC 5077 3.3. */
static void describe_ticket(struct report_trace *state, struct report_words *w,
                            struct base_reader *r) {
    bool tls13 = state->version >= TLS13;

    add_lifetime(w, r);
    if (tls13) {
        (void)base_reader_u32(r, "ticket_age_add");
        struct base_reader nonce = base_reader_sub8(r, "ticket_nonce");
        if (!nonce.failed)
            report_trace_line(w, "ticket_nonce: %zu byte%s", nonce.len,
                              report_trace_plural(nonce.len));
    }
    struct base_reader ticket = base_reader_sub16(r, "ticket");
    if (ticket.failed)
        return;
    report_trace_line(w, "ticket: ");
    w->depth++;
    report_trace_add_opaque(w, rest_of(&ticket));
    w->depth--;
    if (tls13)
        report_trace_extensions(w, REPORT_PLACE_TICKET, r);
}

static void describe_key_update(struct report_trace *state, struct report_words *w,
                                struct base_reader *r) {
    uint8_t ask = base_reader_u8(r, "request_update");

    (void)state;
    if (r->failed)
        return;
    report_trace_line(w, "request_update: %s (%u)",
                      ask == 0   ? "update_not_requested"
                      : ask == 1 ? "update_requested, the other side shall renew its keys too"
                                 : "unknown",
                      ask);
}

static void describe_unknown(struct report_trace *state, struct report_words *w,
                             struct base_reader *r) {
    (void)state;
    report_trace_line(w, "contents: ");
    report_trace_add_hex(w, rest_of(r));
}

/* --- the table --- */

enum sender { EITHER, CLIENT, SERVER };

struct message {
    uint8_t type;
    enum sender sender;
    const char *name;
    void (*describe)(struct report_trace *state, struct report_words *w, struct base_reader *r);
};

static const struct message messages[] = {
    {WIRE_MESSAGE_HELLO_REQUEST, SERVER, "HelloRequest", describe_nothing},
    {WIRE_MESSAGE_CLIENT_HELLO, CLIENT, "ClientHello", describe_client_hello},
    {WIRE_MESSAGE_SERVER_HELLO, SERVER, "ServerHello", describe_server_hello},
    {WIRE_MESSAGE_NEW_SESSION_TICKET, SERVER, "NewSessionTicket", describe_ticket},
    {WIRE_MESSAGE_END_OF_EARLY_DATA, CLIENT, "EndOfEarlyData", describe_nothing},
    {WIRE_MESSAGE_ENCRYPTED_EXTENSIONS, SERVER, "EncryptedExtensions",
     describe_encrypted_extensions},
    {WIRE_MESSAGE_CERTIFICATE, SERVER, "Certificate", describe_server_certificate},
    {WIRE_MESSAGE_CERTIFICATE, CLIENT, "Certificate", describe_client_certificate},
    {WIRE_MESSAGE_SERVER_KEY_EXCHANGE, SERVER, "ServerKeyExchange", report_trace_server_exchange},
    {WIRE_MESSAGE_CERTIFICATE_REQUEST, SERVER, "CertificateRequest", describe_certificate_request},
    {WIRE_MESSAGE_SERVER_HELLO_DONE, SERVER, "ServerHelloDone", describe_nothing},
    {WIRE_MESSAGE_CERTIFICATE_VERIFY, EITHER, "CertificateVerify", report_trace_signature},
    {WIRE_MESSAGE_CLIENT_KEY_EXCHANGE, CLIENT, "ClientKeyExchange", report_trace_client_exchange},
    {WIRE_MESSAGE_FINISHED, EITHER, "Finished", describe_finished},
    {21, CLIENT, "CertificateURL", describe_unknown},
    {WIRE_MESSAGE_CERTIFICATE_STATUS, SERVER, "CertificateStatus", describe_certificate_status},
    {23, EITHER, "SupplementalData", describe_unknown},
    {WIRE_MESSAGE_KEY_UPDATE, EITHER, "KeyUpdate", describe_key_update},
    {WIRE_MESSAGE_COMPRESSED_CERTIFICATE, EITHER, "CompressedCertificate",
     describe_compressed_certificate},
    {67, CLIENT, "NextProtocol", describe_unknown},
};

/* The row for this sender, else the one of the other side. */
static const struct message *message_of(uint8_t type, bool from_server) {
    const struct message *found = NULL;

    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        const struct message *m = &messages[i];
        if (m->type != type)
            continue;
        if (m->sender == EITHER || (m->sender == SERVER) == from_server)
            return m;
        found = m;
    }
    return found;
}

/* A ServerHello with a certain random is a HelloRetryRequest (RFC 8446 4.1.4). */
static const char *name_of(const struct message *m, struct base_bytes body) {
    struct wire_server_hello h;

    if (m->type != WIRE_MESSAGE_SERVER_HELLO)
        return m->name;
    (void)wire_server_hello_parse(body, &h);
    return h.retry_request ? "HelloRetryRequest" : m->name;
}

static void describe_body(struct report_trace *state, struct report_words *w,
                          const struct message *m, bool from_server, struct base_reader *body) {
    const char *name = name_of(m, base_bytes_view(body->data, body->len));

    report_trace_add(w, "%s, %zu byte%s", name, body->len + 4, report_trace_plural(body->len + 4));
    w->depth++;
    if (m->sender != EITHER && (m->sender == SERVER) != from_server)
        report_trace_line(w, "! only a %s sends this", from_server ? "client" : "server");
    m->describe(state, w, body);
    report_trace_check(w, body, name);
    w->depth--;
}

static void describe_handshake(struct report_trace *state, bool from_server, struct report_words *w,
                               struct base_bytes bytes) {
    struct base_reader r, body;
    base_reader_init(&r, bytes);
    uint8_t type = base_reader_u8(&r, "message type");
    uint32_t length = base_reader_u24(&r, "message length");
    const struct message *m = message_of(type, from_server);

    if (r.failed) {
        report_trace_add(w, "handshake message, cut short: ");
        report_trace_add_hex(w, bytes);
        return;
    }
    body = r;
    if (length < base_reader_left(&r))
        body.len = body.pos + length;
    body.base = body.pos;
    body.data += body.pos;
    body.len -= body.pos;
    body.pos = 0;
    if (!m) {
        report_trace_add(w, "unknown handshake message (%u), %zu bytes", type, bytes.len);
        w->depth++;
        describe_unknown(state, w, &body);
        w->depth--;
    } else {
        describe_body(state, w, m, from_server, &body);
    }
    if (length != bytes.len - 4)
        report_trace_line(w, "  ! the header says %u bytes, %zu follow it", (unsigned)length,
                          bytes.len - 4);
}

/* --- other records --- */

static void describe_alert(struct report_words *w, struct base_bytes bytes) {
    struct wire_record record = {.content = WIRE_CONTENT_ALERT, .fragment = bytes};
    const struct know_tls_alert *known;
    uint8_t level, id;

    if (bytes.len != 2) {
        report_trace_add(w, "Alert, not two bytes but ");
        report_trace_add_hex(w, bytes);
        return;
    }
    (void)wire_record_alert(&record, &level, &id);
    known = know_tls_alert_find(id);
    report_trace_add(w, "Alert, %s (%u), %s (%u)",
                     level == 1   ? "warning"
                     : level == 2 ? "fatal"
                                  : "unknown level",
                     level, known ? known->name : "unknown", id);
    w->depth++;
    if (known)
        report_trace_line(w, "%s", known->meaning);
    w->depth--;
}

static void describe_change(const struct report_trace *state, struct report_words *w,
                            struct base_bytes bytes) {
    report_trace_add(w, "ChangeCipherSpec, %zu byte%s", bytes.len, report_trace_plural(bytes.len));
    w->depth++;
    if (bytes.len != 1 || bytes.data[0] != 1) {
        report_trace_line(w, "! not the one byte 1: ");
        report_trace_add_hex(w, bytes);
    } else if (state->version >= TLS13) {
        report_trace_line(w,
                          "TLS 1.3 ignores it; it is sent for devices on the way that expect it");
    }
    w->depth--;
}

static void describe_record(struct report_words *w, uint8_t content_type, struct base_bytes bytes) {
    const char *name = content_type == WIRE_CONTENT_APPLICATION_DATA ? "ApplicationData"
                       : content_type == WIRE_CONTENT_HEARTBEAT      ? "Heartbeat"
                                                                     : "unknown record";

    report_trace_add(w, "%s (%u), %zu byte%s", name, content_type, bytes.len,
                     report_trace_plural(bytes.len));
}

void report_trace_message(struct report_trace *state, bool from_server, uint8_t content_type,
                          uint16_t record_version, struct base_bytes bytes, struct base_buf *out) {
    struct report_trace now = *state;
    struct report_words w;

    report_trace_begin(&w, out, TEXT_MAX, state->bytes);
    report_trace_line(&w, "%s", "");
    if (!now.chosen)
        now.version = record_version;
    if (content_type == WIRE_CONTENT_HANDSHAKE)
        describe_handshake(&now, from_server, &w, bytes);
    else if (content_type == WIRE_CONTENT_ALERT)
        describe_alert(&w, bytes);
    else if (content_type == WIRE_CONTENT_CHANGE_CIPHER_SPEC)
        describe_change(&now, &w, bytes);
    else
        describe_record(&w, content_type, bytes);
    if (now.chosen)
        *state = now;
    report_trace_finish(&w);
}

void report_trace_hello(const struct wire_hello_file *form, struct base_bytes hello,
                        struct base_buf *out) {
    struct report_trace state = {0};

    if (form->records == 0)
        base_buf_append_str(out, "a ClientHello message");
    else
        base_buf_printf(out, "a ClientHello in %zu TLS record%s", form->records,
                        report_trace_plural(form->records));
    base_buf_append_str(out, form->text ? ", as hex text\n" : "\n");
    report_trace_message(&state, false, WIRE_CONTENT_HANDSHAKE, 0, hello, out);
}
