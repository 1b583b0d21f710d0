/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SWAKS_PROXY_H
#define WAXSEAL_SWAKS_PROXY_H

#include "base/buf.h"

/* Headers of the PROXY protocol, versions 1 and 2 (HAProxy, proxy-protocol.txt). */
struct swaks_proxy {
    const char *family; /* v1: "TCP4", "TCP6"; v2: "AF_UNSPEC", "AF_INET", "AF_INET6", "AF_UNIX" */
    const char *protocol; /* v2: "UNSPEC", "STREAM", "DGRAM" */
    const char *command;  /* v2: "LOCAL", "PROXY" */
    const char *source, *source_port, *dest, *dest_port;
};

/* "PROXY TCP4 192.0.2.1 192.0.2.2 4711 25\r\n"; the values as they are. */
void swaks_proxy_v1(const struct swaks_proxy *p, struct base_buf *out);
/* The binary header. WS_SYNTAX when an address or port can't be written in the family. */
WS_MUST_USE enum ws_err swaks_proxy_v2(const struct swaks_proxy *p, struct base_buf *out,
                                       struct base_error *e);

#endif
