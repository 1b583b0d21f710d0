/* SPDX-License-Identifier: Apache-2.0 */
#include "hello.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void read_list(struct base_reader *r, struct hello_list *out) {
    while (base_reader_left(r) >= 2 && out->count < HELLO_LIST_MAX)
        out->ids[out->count++] = base_reader_u16(r, "id");
    assert_false(r->failed);
}

static void read_shares(struct base_reader *r, struct hello_list *out) {
    while (base_reader_left(r) > 0 && !r->failed) {
        out->ids[out->count++] = base_reader_u16(r, "group");
        (void)base_reader_sub16(r, "share");
    }
}

static void read_extensions(struct base_reader *r, struct hello *h) {
    while (base_reader_left(r) > 0 && !r->failed) {
        uint16_t type = base_reader_u16(r, "type");
        struct base_reader body = base_reader_sub16(r, "body");
        struct base_reader inner;
        h->extensions.ids[h->extensions.count++] = type;
        if (type == 10 || type == 13 || type == 51) {
            inner = base_reader_sub16(&body, "list");
            if (type == 51)
                read_shares(&inner, &h->shares);
            else
                read_list(&inner, type == 10 ? &h->groups : &h->schemes);
        }
        if (type == 16)
            h->alpn = base_bytes_view(body.data, body.len);
        if (type == 1)
            h->max_fragment = base_bytes_view(body.data, body.len);
        if (type == 43) {
            inner = base_reader_sub8(&body, "list");
            read_list(&inner, &h->versions);
        }
    }
    assert_false(r->failed);
}

void hello_parse(struct base_bytes message, struct hello *h) {
    struct base_reader r, part;

    memset(h, 0, sizeof(*h));
    base_reader_init(&r, message);
    assert_int_equal(base_reader_u8(&r, "type"), 1);
    base_reader_skip(&r, 3, "length");
    h->version = base_reader_u16(&r, "version");
    base_reader_skip(&r, 32, "random");
    (void)base_reader_sub8(&r, "session id");
    part = base_reader_sub16(&r, "suites");
    read_list(&part, &h->suites);
    (void)base_reader_sub8(&r, "compression");
    part = base_reader_sub16(&r, "extensions");
    read_extensions(&part, h);
    assert_true(base_reader_done(&r, "end"));
}

void hello_parse_record(struct base_bytes record, struct hello *h) {
    hello_parse(base_bytes_slice(record, 5, record.len), h);
}

bool hello_has(const struct hello_list *l, uint16_t id) {
    for (size_t i = 0; i < l->count; i++)
        if (l->ids[i] == id)
            return true;
    return false;
}

void hello_of(struct tls_session *client, base_usec now, struct hello *out) {
    tls_session_start(client, now);
    hello_parse_record(base_buf_view(tls_session_output(client)), out);
}
