/* SPDX-License-Identifier: Apache-2.0 */
/* proxy - PROXY protocol headers
 *
 * Version 1 is one line of text; version 2 is binary: signature, version and command, family and
 * protocol, length, addresses. A LOCAL header and the family AF_UNSPEC carry no addresses (section
 * 2.2 of the specification of the PROXY protocol). */
#include "swaks/proxy.h"

#include "base/writer.h"
#include "net/address.h"

#include <netinet/in.h>
#include <string.h>

#define UNIX_PATH_BYTES 108u

void swaks_proxy_v1(const struct swaks_proxy *p, struct base_buf *out) {
    base_buf_printf(out, "PROXY %s %s %s %s %s\r\n", p->family, p->source, p->dest, p->source_port,
                    p->dest_port);
}

static bool same(const char *a, const char *b) {
    return a && strcmp(a, b) == 0;
}

static unsigned family_bits(const char *family) {
    return same(family, "AF_INET")    ? 1
           : same(family, "AF_INET6") ? 2
           : same(family, "AF_UNIX")  ? 3
                                      : 0;
}

static unsigned protocol_bits(const char *protocol) {
    return same(protocol, "STREAM") ? 1 : same(protocol, "DGRAM") ? 2 : 0;
}

static enum ws_err put_ip(struct base_buf *out, const char *text, unsigned family,
                          struct base_error *e) {
    struct net_address a;
    if (net_address_parse(text, 0, &a) != WS_OK || net_address_is_ipv6(&a) != (family == 2))
        return base_error_set(e, WS_SYNTAX, "%s is no address of the PROXY header's family", text);
    if (family == 2) {
        struct sockaddr_in6 in6;
        (void)base_bytes_copy(&in6, sizeof in6, base_bytes_view(&a.storage, sizeof in6));
        base_buf_append(out, &in6.sin6_addr, sizeof in6.sin6_addr);
    } else {
        struct sockaddr_in in;
        (void)base_bytes_copy(&in, sizeof in, base_bytes_view(&a.storage, sizeof in));
        base_buf_append(out, &in.sin_addr, sizeof in.sin_addr);
    }
    return WS_OK;
}

static enum ws_err put_port(struct base_buf *out, const char *text, struct base_error *e) {
    uint64_t port = 0;
    if (!base_bytes_to_uint(base_bytes_of_str(text), UINT16_MAX, &port))
        return base_error_set(e, WS_SYNTAX, "%s is no port number", text ? text : "\"\"");
    base_writer_u16(out, (uint16_t)port);
    return WS_OK;
}

static enum ws_err put_path(struct base_buf *out, const char *path, struct base_error *e) {
    struct base_bytes b = base_bytes_of_str(path);
    if (b.len > UNIX_PATH_BYTES)
        return base_error_set(e, WS_SYNTAX, "%s is longer than %u bytes", path, UNIX_PATH_BYTES);
    base_buf_append_bytes(out, b);
    for (size_t i = b.len; i < UNIX_PATH_BYTES; i++)
        base_buf_append_byte(out, 0);
    return WS_OK;
}

static enum ws_err put_addresses(const struct swaks_proxy *p, unsigned family, struct base_buf *out,
                                 struct base_error *e) {
    enum ws_err err;
    if (family == 0)
        return WS_OK;
    if (family == 3) {
        err = put_path(out, p->source, e);
        return err == WS_OK ? put_path(out, p->dest, e) : err;
    }
    err = put_ip(out, p->source, family, e);
    if (err == WS_OK)
        err = put_ip(out, p->dest, family, e);
    if (err == WS_OK)
        err = put_port(out, p->source_port, e);
    if (err == WS_OK)
        err = put_port(out, p->dest_port, e);
    return err;
}

enum ws_err swaks_proxy_v2(const struct swaks_proxy *p, struct base_buf *out,
                           struct base_error *e) {
    static const uint8_t signature[] = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
                                        0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
    bool local = same(p->command, "LOCAL");
    unsigned family = local ? 0 : family_bits(p->family);
    unsigned protocol = local ? 0 : protocol_bits(p->protocol);
    base_buf_append(out, signature, sizeof signature);
    base_writer_u8(out, local ? 0x20 : 0x21);
    base_writer_u8(out, (uint8_t)(family << 4 | protocol));
    size_t mark = base_writer_open(out, 2);
    enum ws_err err = put_addresses(p, family, out, e);
    base_writer_close(out, mark, 2);
    return err;
}
