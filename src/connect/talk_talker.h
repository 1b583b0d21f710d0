/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CONNECT_TALK_TALKER_H
#define WAXSEAL_CONNECT_TALK_TALKER_H

#include "connect/talk.h"
#include "connect/talk_exchange.h"
#include "connect/talk_offers.h"
#include "connect/talk_sink.h"

/* What the ways of talking share: the exchange, played over the stream. */

struct connect_talker {
    const struct connect_talk *t;
    const struct connect_stream *s;
    struct connect_exchange x;
    struct connect_sink sink;
    struct connect_offers offers;
    struct base_buf out; /* on its way to the server */
    bool over;           /* the connection has ended */
    bool hears_silently; /* replies are not shown */
    base_usec patience;  /* for a reply; t->reply_timeout unless changed */
    size_t replies;      /* that were judged */
    bool unexpected;     /* one of them was not what it should be */
    /* Asked now and then while waiting: true leaves the wait. May be NULL. */
    bool (*stopped)(void *arg);
    void *arg;
};

enum connect_await {
    CONNECT_AWAIT_REPLY,
    CONNECT_AWAIT_OVER, /* the connection ended before it came */
    CONNECT_AWAIT_TIME, /* it did not come in time */
    CONNECT_AWAIT_STOPPED,
};

void connect_talker_init(struct connect_talker *k, const struct connect_talk *t,
                         const struct connect_stream *s, bool escape);
void connect_talker_release(struct connect_talker *k);

/* What is in `out` goes to the server; waits while more than a little has not left yet. */
void connect_talker_send(struct connect_talker *k);
/* Shows what has come. True: the reply that was awaited is complete, nothing behind it was
 * looked at. */
bool connect_talker_hear(struct connect_talker *k);
/* Waits for `fd` (-1: none), the connection or `until`; sets `over`. */
enum net_play_event connect_talker_wait(struct connect_talker *k, int fd, base_usec until);
/* It is the server's turn: waits for its whole reply. A large one may take longer, by its size. */
enum connect_await connect_talker_await(struct connect_talker *k);
/* Sends one line of ours and awaits its reply. */
enum connect_await connect_talker_ask(struct connect_talker *k, const char *line);
/* A sentence about the conversation on stderr, escaped; not with `quiet`. */
void connect_talker_note(const struct connect_talker *k, const char *fmt, ...) WS_PRINTF(2, 3);
/* Why the session broke off; NULL when the server ended it as one should. */
const char *connect_talker_broken(const struct connect_talker *k);
/* Counts the reply that came against --expect. False: not as it should be; said in a note. */
bool connect_talker_judge(struct connect_talker *k);

/* How it ended, unless its output could not be written. */
enum connect_talk_end connect_talker_end(const struct connect_talker *k, enum connect_talk_end end);

/* The ways. */
enum connect_talk_end connect_pipe_run(const struct connect_talk *t,
                                       const struct connect_stream *s);
enum connect_talk_end connect_talk_stream(const struct connect_talk *t,
                                          const struct connect_stream *s);
enum connect_talk_end connect_terminal_run(const struct connect_talk *t,
                                           const struct connect_stream *s);

/* --auth: logs in as t->auth_user, with the secret that is asked for on the terminal. */
enum connect_auth_end {
    CONNECT_AUTH_DONE,
    CONNECT_AUTH_REFUSED, /* by the server, or it offers nothing we can do */
    CONNECT_AUTH_CUT,
    CONNECT_AUTH_STOPPED,
};
enum connect_auth_end connect_auth_run(struct connect_talker *k);

#endif
