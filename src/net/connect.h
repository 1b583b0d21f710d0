/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_NET_CONNECT_H
#define WAXSEAL_NET_CONNECT_H

#include "facts/endpoint.h"
#include "net/address.h"

/* The steps of a non-blocking connect, shared by the drivers, and what their failures mean. */

struct net_connect {
    int fd;                         /* -1 after a failure */
    enum facts_connect_state state; /* NOT_TRIED: wait until writable; OK; else it failed */
    char error[96];                 /* the system's words for a failure, else "" */
};

/* Makes the socket, binds `source` (may be NULL) and begins to connect. */
void net_connect_begin(struct net_connect *c, const struct net_address *remote,
                       const struct net_address *source);
/* The socket became writable. */
void net_connect_finish(struct net_connect *c, const struct net_address *remote);
/* Time ran out. */
void net_connect_give_up(struct net_connect *c);
/* What an errno of connect(2) to `remote` says about it. */
enum facts_connect_state net_connect_state_of(int error, const struct net_address *remote);

#endif
