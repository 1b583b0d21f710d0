/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TALK_TALKER_H
#define WAXSEAL_TALK_TALKER_H

#include "talk/talk.h"
#include "talk/exchange.h"
#include "talk/offers.h"
#include "talk/sink.h"

/* What the ways of talking share: the exchange, played over the stream. */

struct talker {
    const struct talk_config *t;
    const struct talk_stream *s;
    struct talk_exchange x;
    struct talk_sink sink;
    struct talk_offers offers;
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

enum talk_await {
    TALK_AWAIT_REPLY,
    TALK_AWAIT_OVER, /* the connection ended before it came */
    TALK_AWAIT_TIME, /* it did not come in time */
    TALK_AWAIT_STOPPED,
};

void talk_init(struct talker *k, const struct talk_config *t, const struct talk_stream *s,
               bool escape);
void talk_release(struct talker *k);

/* What is in `out` goes to the server; waits while more than a little has not left yet. */
void talk_send(struct talker *k);
/* Shows what has come. True: the reply that was awaited is complete, nothing behind it was
 * looked at. */
bool talk_hear(struct talker *k);
/* Waits for `fd` (-1: none), the connection or `until`; sets `over`. */
enum net_play_event talk_wait(struct talker *k, int fd, base_usec until);
/* It is the server's turn: waits for its whole reply. A large one may take longer, by its size. */
enum talk_await talk_await_reply(struct talker *k);
/* Sends one line of ours and awaits its reply. */
enum talk_await talk_ask(struct talker *k, const char *line);
/* A sentence about the conversation on stderr, escaped; not with `quiet`. */
void talk_note(const struct talker *k, const char *fmt, ...) WS_PRINTF(2, 3);
/* Why the session broke off; NULL when the server ended it as one should. */
const char *talk_broken(const struct talker *k);
/* Counts the reply that came against --expect. False: not as it should be; said in a note. */
bool talk_judge(struct talker *k);

/* How it ended, unless its output could not be written. */
enum talk_end talk_end_of(const struct talker *k, enum talk_end end);

/* The ways. */
enum talk_end talk_pipe_run(const struct talk_config *t, const struct talk_stream *s);
enum talk_end talk_through_run(const struct talk_config *t, const struct talk_stream *s);
enum talk_end talk_terminal_run(const struct talk_config *t, const struct talk_stream *s);

/* --auth: logs in as t->auth_user, with the secret that is asked for on the terminal. */
enum talk_auth_end {
    TALK_AUTH_DONE,
    TALK_AUTH_REFUSED, /* by the server, or it offers nothing we can do */
    TALK_AUTH_CUT,
    TALK_AUTH_STOPPED,
};
enum talk_auth_end talk_auth_run(struct talker *k);

#endif
