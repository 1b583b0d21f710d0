/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_TALK_FAKE_H
#define TESTS_TALK_FAKE_H

#include "talk/talk.h"

/* A server that follows a script, behind the stream that the conversation is given. */

struct fake_turn {
    const char *hears; /* what the client must have said next, to the byte; NULL: nothing */
    const char *says;  /* the answer; NULL: none */
    bool closes;       /* after that */
};

struct fake {
    const struct fake_turn *turns; /* ends with {0} */
    size_t at;
    size_t piece;             /* bytes that come at a time; 0: all */
    size_t flood;             /* bytes of 'x' behind the first line of the next answer */
    size_t forgives;          /* bytes that the client may say after the first turn, unread */
    struct base_buf sent;     /* all that the client said */
    size_t heard;             /* of it, by the script */
    struct base_buf pending;  /* said by the server, not yet come */
    struct base_buf incoming; /* come */
    bool closing, closed;
    bool talked_over; /* the client spoke while an answer was on its way */
    size_t most_unsent, waiting;
    char commands[256]; /* the session's commands that were called, "name rest;" */
    int in, out;
    char *shown; /* what was written to `out` */
    size_t shown_len;
};

void fake_open(struct fake *f, const struct fake_turn *turns, const char *input);
void fake_open_bytes(struct fake *f, const struct fake_turn *turns, const void *input, size_t len);
void fake_stream(struct fake *f, struct talk_stream *s);
/* A talk in step from f->in to f->out. */
struct talk_config fake_talk(const struct fake *f, enum facts_protocol protocol);
/* Reads what was shown into f->shown. */
void fake_look(struct fake *f);
void fake_close(struct fake *f);

#endif
