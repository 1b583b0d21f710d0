/* SPDX-License-Identifier: Apache-2.0 */
/* A server's first bytes: records, the handshake messages in them, and each message's reader. */
#include "wire/handshake.h"
#include "wire/record.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth) {
    if (!truth)
        abort();
}

static int inside(struct base_bytes part, struct base_bytes whole) {
    return part.len == 0 ||
           (part.data >= whole.data && part.data + part.len <= whole.data + whole.len);
}

static void read_hello(struct base_bytes body) {
    struct wire_server_hello h;
    int ok = wire_server_hello_parse(body, &h);

    require(h.error != NULL && (ok != 0) == (h.error[0] == '\0'));
    require(h.error_at <= body.len);
    require(inside(h.random, body) && inside(h.session_id, body) && inside(h.alpn, body));
    require(h.session_id.len <= 255 && h.alpn.len <= 255);
}

static void read_exchange(struct base_bytes body) {
    struct wire_key_exchange k;

    for (uint16_t version = 0x0302; version <= 0x0303; version++) {
        (void)wire_key_exchange_parse(body, WIRE_EXCHANGE_ECDHE, version, &k);
        (void)wire_key_exchange_parse(body, WIRE_EXCHANGE_DHE, version, &k);
        require(inside(k.prime, body));
        require(k.prime_bits <= 65535u * 8u);
    }
}

static void read_messages(struct base_bytes stream) {
    struct base_reader r;
    struct base_bytes body;
    uint8_t type;

    base_reader_init(&r, stream);
    while (wire_handshake_next(&r, &type, &body)) {
        struct wire_ticket ticket;
        require(inside(body, stream));
        require(wire_message_name(type) != NULL);
        read_hello(body);
        read_exchange(body);
        (void)wire_certificate_verify_scheme(body);
        (void)wire_ticket_parse(body, 0x0303, &ticket);
        (void)wire_ticket_parse(body, 0x0304, &ticket);
        require(ticket.length <= body.len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct base_bytes all = base_bytes_view(data, size);
    struct wire_record record;
    struct base_reader r;
    size_t left = size;

    require(wire_record_classify(all).words != NULL);
    read_messages(all);
    base_reader_init(&r, all);
    while (wire_record_next(&r, &record) == WIRE_RECORD_OK) {
        uint8_t level, description;
        require(base_reader_left(&r) < left);
        left = base_reader_left(&r);
        require(inside(record.fragment, all));
        (void)wire_record_alert(&record, &level, &description);
        read_messages(record.fragment);
    }
    return 0;
}
