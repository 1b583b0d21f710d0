/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a file with a ClientHello, and as the body of one. */
#include "wire/client_hello.h"
#include "wire/hello_file.h"

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

static void read_lists(const struct wire_client_hello *h) {
    struct base_bytes shares = h->key_shares, names = h->alpn, key, name;
    uint16_t group;

    while (wire_key_share_next(&shares, &group, &key))
        require(inside(key, h->key_shares));
    while (wire_alpn_next(&names, &name))
        require(inside(name, h->alpn) && name.len > 0 && name.len <= 255);
    if (wire_list_count(h->suites) > 0)
        require(wire_client_hello_has_suite(h, wire_list_at(h->suites, 0)));
    require(wire_list_at(h->groups, wire_list_count(h->groups)) == 0);
}

static void read_body(struct base_bytes body) {
    struct wire_client_hello h;
    int ok = wire_client_hello_parse(body, &h);

    require(h.error != NULL && (ok != 0) == (h.error[0] == '\0'));
    require(h.error_at <= body.len);
    require(inside(h.random, body) && inside(h.session_id, body) && inside(h.suites, body));
    require(inside(h.compression, body) && inside(h.extension_block, body));
    require(inside(h.versions, h.extension_block) && inside(h.groups, h.extension_block));
    require(inside(h.schemes, h.extension_block) && inside(h.key_shares, h.extension_block));
    require(inside(h.certificate_schemes, h.extension_block));
    require(inside(h.server_name, h.extension_block) && inside(h.alpn, h.extension_block));
    require(inside(h.point_formats, h.extension_block) && inside(h.psk_modes, h.extension_block));
    require(inside(h.session_ticket, h.extension_block));
    require(h.suites.len % 2 == 0 && h.groups.len % 2 == 0 && h.schemes.len % 2 == 0);
    require(h.has_groups || h.groups.len == 0);
    read_lists(&h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct base_bytes all = base_bytes_view(data, size);
    struct wire_hello_file found;
    struct base_error e = {0};
    struct base_buf hello;

    read_body(all);
    base_buf_init(&hello, size);
    if (wire_hello_file_read(all, &hello, &found, &e) == WS_OK) {
        struct base_bytes message = base_buf_view(&hello);
        require(message.len >= 4 && message.data[0] == 1);
        require(found.left <= size);
        read_body(base_bytes_slice(message, 4, message.len));
    } else {
        require(e.message[0] != '\0');
    }
    base_buf_release(&hello);
    return 0;
}
