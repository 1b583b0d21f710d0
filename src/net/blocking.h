/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_NET_BLOCKING_H
#define WAXSEAL_NET_BLOCKING_H

#include "net/address.h"
#include "net/engine.h"

/* The blocking driver: plays one engine over one connection with poll(2), until it is done. That it
 * is not connected is told to the engine and is not an error here. */
WS_MUST_USE enum ws_err net_blocking_run(const struct net_address *remote,
                                         const struct net_address *source,
                                         base_usec connect_timeout, struct net_engine *engine,
                                         struct base_error *e);
/* The same over a stream socket that is already connected (a socketpair); closes it. WS_USAGE when
 * it is no socket. */
WS_MUST_USE enum ws_err net_blocking_run_fd(int fd, struct net_engine *engine,
                                            struct base_error *e);

#endif
