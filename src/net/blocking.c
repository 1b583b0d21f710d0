/* SPDX-License-Identifier: Apache-2.0 */
/* net_blocking - plays one engine over one connection, from its begin to its end. */
#include "net/blocking.h"

#include "net/play.h"

static void play_to_the_end(struct net_play *p) {
    while (net_play_step(p, -1, BASE_NEVER) != NET_PLAY_OVER)
        ;
    net_play_free(p);
}

enum ws_err net_blocking_run(const struct net_address *remote, const struct net_address *source,
                             base_usec connect_timeout, struct net_engine *engine,
                             struct base_error *e) {
    struct net_play *p;
    enum ws_err err = net_play_connect(remote, source, connect_timeout, engine, &p, e);
    if (err == WS_OK)
        play_to_the_end(p);
    return err;
}

enum ws_err net_blocking_run_fd(int fd, struct net_engine *engine, struct base_error *e) {
    struct net_play *p;
    enum ws_err err = net_play_open(fd, engine, &p, e);
    if (err == WS_OK)
        play_to_the_end(p);
    return err;
}
