/* SPDX-License-Identifier: Apache-2.0 */
/* wire/handshake - handshake messages of a server
 *
 * Reads the messages in which a server tells its choices: ServerHello and HelloRetryRequest,
 * ServerKeyExchange, CertificateVerify, NewSessionTicket. No keys and no I/O: the bytes come from a
 * plaintext hello, or decrypted from the TLS library's message callback.
 *
 * Views borrow from the caller's bytes. Every field goes through a bounded reader; a malformed
 * message keeps what was readable and says what did not fit where. RFC 8446 4, RFC 5246 7.4, RFC
 * 8422 5.4, RFC 5077 3.3. */
#include "wire/handshake.h"

enum {
    EXT_SERVER_NAME = 0,
    EXT_STATUS_REQUEST = 5,
    EXT_ALPN = 16,
    EXT_SCT = 18,
    EXT_ENCRYPT_THEN_MAC = 22,
    EXT_EXTENDED_MASTER_SECRET = 23,
    EXT_SESSION_TICKET = 35,
    EXT_PRE_SHARED_KEY = 41,
    EXT_SUPPORTED_VERSIONS = 43,
    EXT_COOKIE = 44,
    EXT_KEY_SHARE = 51,
    EXT_RENEGOTIATION_INFO = 0xff01,
};

const char *wire_message_name(uint8_t type) {
    switch (type) {
    case WIRE_MESSAGE_HELLO_REQUEST:
        return "HelloRequest";
    case WIRE_MESSAGE_CLIENT_HELLO:
        return "ClientHello";
    case WIRE_MESSAGE_SERVER_HELLO:
        return "ServerHello";
    case WIRE_MESSAGE_NEW_SESSION_TICKET:
        return "NewSessionTicket";
    case WIRE_MESSAGE_END_OF_EARLY_DATA:
        return "EndOfEarlyData";
    case WIRE_MESSAGE_ENCRYPTED_EXTENSIONS:
        return "EncryptedExtensions";
    case WIRE_MESSAGE_CERTIFICATE:
        return "Certificate";
    case WIRE_MESSAGE_SERVER_KEY_EXCHANGE:
        return "ServerKeyExchange";
    case WIRE_MESSAGE_CERTIFICATE_REQUEST:
        return "CertificateRequest";
    case WIRE_MESSAGE_SERVER_HELLO_DONE:
        return "ServerHelloDone";
    case WIRE_MESSAGE_CERTIFICATE_VERIFY:
        return "CertificateVerify";
    case WIRE_MESSAGE_CLIENT_KEY_EXCHANGE:
        return "ClientKeyExchange";
    case WIRE_MESSAGE_FINISHED:
        return "Finished";
    case WIRE_MESSAGE_CERTIFICATE_STATUS:
        return "CertificateStatus";
    case WIRE_MESSAGE_KEY_UPDATE:
        return "KeyUpdate";
    case WIRE_MESSAGE_COMPRESSED_CERTIFICATE:
        return "CompressedCertificate";
    default:
        return "unknown message";
    }
}

bool wire_handshake_next(struct base_reader *r, uint8_t *type, struct base_bytes *body) {
    struct base_reader look = *r;
    uint32_t length;

    *type = 0;
    *body = BASE_BYTES_EMPTY;
    if (base_reader_left(&look) < 4)
        return false;
    *type = base_reader_u8(&look, "message type");
    length = base_reader_u24(&look, "message length");
    if (look.failed || base_reader_left(&look) < length)
        return false;
    *body = base_reader_bytes(&look, length, "message");
    *r = look;
    return true;
}

/* SHA-256 of "HelloRetryRequest" (RFC 8446 4.1.3). */
static const uint8_t retry_random[32] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

static uint16_t downgrade_of(struct base_bytes random) {
    struct base_bytes tail = base_bytes_slice(random, 24, 8);

    if (!base_bytes_equal_str(base_bytes_slice(tail, 0, 7), "DOWNGRD"))
        return 0;
    if (tail.data[7] == 1)
        return 0x0303;
    return tail.data[7] == 0 ? 0x0302 : 0;
}

static void read_alpn(struct base_reader *r, struct wire_server_hello *out) {
    struct base_reader list = base_reader_sub16(r, "ALPN list");
    struct base_reader name = base_reader_sub8(&list, "ALPN name");

    out->alpn = base_reader_bytes(&name, base_reader_left(&name), "ALPN name");
    if (name.failed || out->alpn.len == 0 || !base_reader_done(&list, "one ALPN name"))
        base_reader_fail(r, "ALPN");
}

static void read_key_share(struct base_reader *r, struct wire_server_hello *out) {
    out->key_share = true;
    out->group = base_reader_u16(r, "key_share group");
    if (!out->retry_request) {
        struct base_reader share = base_reader_sub16(r, "key_share");
        if (base_reader_left(&share) == 0)
            base_reader_fail(r, "key_share");
    }
}

/* The body of one extension; what is not needed is skipped whole. */
static void read_extension(uint16_t type, struct base_reader *r, struct wire_server_hello *out) {
    bool known_whole = true;

    switch (type) {
    case EXT_SUPPORTED_VERSIONS:
        out->selected_version = base_reader_u16(r, "supported_versions");
        break;
    case EXT_KEY_SHARE:
        read_key_share(r, out);
        break;
    case EXT_ALPN:
        read_alpn(r, out);
        break;
    case EXT_EXTENDED_MASTER_SECRET:
        out->extended_master_secret = true;
        break;
    case EXT_ENCRYPT_THEN_MAC:
        out->encrypt_then_mac = true;
        break;
    case EXT_RENEGOTIATION_INFO:
        out->renegotiation_info = true;
        (void)base_reader_sub8(r, "renegotiation_info");
        break;
    case EXT_SESSION_TICKET:
        out->session_ticket = true;
        break;
    case EXT_STATUS_REQUEST:
        out->status_request = true;
        break;
    default:
        out->server_name |= type == EXT_SERVER_NAME;
        out->scts |= type == EXT_SCT;
        out->pre_shared_key |= type == EXT_PRE_SHARED_KEY;
        out->cookie |= type == EXT_COOKIE;
        known_whole = false;
    }
    if (known_whole)
        (void)base_reader_done(r, "extension");
}

static bool extension_seen(const struct wire_server_hello *h, uint16_t type) {
    for (size_t i = 0; i < h->extension_count && i < WIRE_EXTENSIONS_MAX; i++)
        if (h->extensions[i] == type)
            return true;
    return false;
}

static void read_extensions(struct base_reader *r, struct wire_server_hello *out) {
    struct base_reader all = base_reader_sub16(r, "extensions");

    while (!all.failed && base_reader_left(&all) > 0) {
        uint16_t type = base_reader_u16(&all, "extension type");
        struct base_reader body = base_reader_sub16(&all, "extension");
        if (all.failed)
            break;
        if (extension_seen(out, type)) {
            base_reader_fail(&all, "extension sent twice");
            break;
        }
        if (out->extension_count < WIRE_EXTENSIONS_MAX)
            out->extensions[out->extension_count] = type;
        out->extension_count++;
        read_extension(type, &body, out);
        if (body.failed)
            all = body;
    }
    if (all.failed)
        *r = all;
}

bool wire_server_hello_parse(struct base_bytes body, struct wire_server_hello *out) {
    struct base_reader r;

    *out = (struct wire_server_hello){.error = ""};
    base_reader_init(&r, body);
    out->version = base_reader_u16(&r, "version");
    out->selected_version = out->version;
    out->random = base_reader_bytes(&r, 32, "random");
    out->retry_request =
        base_bytes_equal(out->random, base_bytes_view(retry_random, sizeof(retry_random)));
    out->downgrade = r.failed ? 0 : downgrade_of(out->random);
    struct base_reader id = base_reader_sub8(&r, "session id");
    if (!r.failed && base_reader_left(&id) > 32)
        base_reader_fail(&r, "session id");
    out->session_id = base_reader_bytes(&id, base_reader_left(&id), "session id");
    out->suite = base_reader_u16(&r, "cipher suite");
    out->compression = base_reader_u8(&r, "compression");
    if (!r.failed && base_reader_left(&r) > 0)
        read_extensions(&r, out);
    (void)base_reader_done(&r, "end of ServerHello");
    if (r.failed) {
        out->error = r.fail_what;
        out->error_at = r.fail_at;
    }
    return !r.failed;
}

static unsigned bits_of(struct base_bytes number) {
    unsigned bits = 0;

    if (number.len == 0)
        return 0;
    for (unsigned top = number.data[0]; top != 0; top >>= 1)
        bits++;
    return (unsigned)(number.len - 1) * 8 + bits;
}

static void read_dh(struct base_reader *r, struct wire_key_exchange *out) {
    struct base_reader p = base_reader_sub16(r, "DH prime");
    struct base_bytes prime = base_reader_bytes(&p, base_reader_left(&p), "DH prime");

    while (prime.len > 0 && prime.data[0] == 0)
        prime = base_bytes_slice(prime, 1, prime.len - 1);
    out->prime = prime;
    out->prime_bits = bits_of(prime);
    (void)base_reader_sub16(r, "DH generator");
    (void)base_reader_sub16(r, "DH public value");
}

static void read_ecdh(struct base_reader *r, struct wire_key_exchange *out) {
    if (base_reader_u8(r, "curve type") != 3) {
        base_reader_fail(r, "curve type");
        return;
    }
    out->group = base_reader_u16(r, "named curve");
    (void)base_reader_sub8(r, "EC point");
}

bool wire_key_exchange_parse(struct base_bytes body, enum wire_exchange kind, uint16_t version,
                             struct wire_key_exchange *out) {
    struct base_reader r;

    *out = (struct wire_key_exchange){.error = ""};
    base_reader_init(&r, body);
    if (kind == WIRE_EXCHANGE_ECDHE)
        read_ecdh(&r, out);
    else
        read_dh(&r, out);
    if (!r.failed && base_reader_left(&r) > 0) {
        out->is_signed = true;
        if (version >= 0x0303)
            out->scheme = base_reader_u16(&r, "signature scheme");
        (void)base_reader_sub16(&r, "signature");
        (void)base_reader_done(&r, "end of ServerKeyExchange");
    }
    if (r.failed)
        out->error = r.fail_what;
    return !r.failed;
}

uint16_t wire_certificate_verify_scheme(struct base_bytes body) {
    struct base_reader r;

    base_reader_init(&r, body);
    return base_reader_u16(&r, "signature scheme");
}

bool wire_ticket_parse(struct base_bytes body, uint16_t version, struct wire_ticket *out) {
    struct base_reader r;

    *out = (struct wire_ticket){0};
    base_reader_init(&r, body);
    out->lifetime = base_reader_u32(&r, "ticket lifetime");
    if (version >= 0x0304) {
        (void)base_reader_u32(&r, "ticket age_add");
        (void)base_reader_sub8(&r, "ticket nonce");
    }
    struct base_reader ticket = base_reader_sub16(&r, "ticket");
    out->length = base_reader_left(&ticket);
    if (version >= 0x0304)
        (void)base_reader_sub16(&r, "ticket extensions");
    return base_reader_done(&r, "end of NewSessionTicket");
}
