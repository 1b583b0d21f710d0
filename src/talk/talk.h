/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TALK_TALK_H
#define WAXSEAL_TALK_TALK_H

#include "base/buf.h"
#include "base/clock.h"
#include "facts/endpoint.h"
#include "net/play.h"

/* The conversation inside the session: a person at a terminal (line editing, history, completion),
 * or a script on a pipe (lines go out in step with the replies). It knows lines and replies; the
 * connection is its caller's. */

/* What the caller lends: the session as a stream of plaintext. */
struct talk_stream {
    void *arg;
    /* Plays the connection until `fd` is readable, bytes have come in, it is over, or `until`. */
    enum net_play_event (*wait)(void *arg, int fd, base_usec until);
    struct base_buf *(*incoming)(void *arg); /* decrypted bytes; consumed here */
    void (*send)(void *arg, struct base_bytes bytes);
    bool (*open)(void *arg);     /* still possible to send */
    size_t (*unsent)(void *arg); /* bytes that were to be sent and are not gone yet */
    /* Once it is not open: why, when it did not end as a session should ("the server reset the
     * connection"), else NULL. May be NULL itself. */
    const char *(*broken)(void *arg);
    /* A dot command that is the session's: "renegotiate", "keyupdate", "reconnect", "certificate",
     * "session". False: no such command. Text for the user goes to `say`. */
    bool (*command)(void *arg, const char *name, const char *rest, struct base_buf *say);
};

struct talk_config {
    enum facts_protocol protocol;
    const struct facts_ehlo *offered; /* for completion; may be NULL */
    bool server_first; /* a reply nobody asked for comes first: the greeting of implicit TLS, the
                          capabilities that ManageSieve lists again inside TLS */
    int in, out;       /* STDIN_FILENO, STDOUT_FILENO */
    bool in_step;      /* pipe: one command, one reply (default for pipes in waxseal's own mode) */
    bool through;      /* as s_client does: bytes through, no understanding (-quiet and friends) */
    bool crlf;         /* LF of the input becomes CRLF */
    bool letters;      /* s_client's Q, R, K, k, B at the start of a line */
    bool ignore_eof;   /* the end of the input does not end the session */
    bool quiet;        /* nothing but the server's own bytes */
    bool colour, ascii;
    unsigned columns;
    base_usec reply_timeout;   /* pipe: for each reply */
    const char *const *expect; /* --expect CODE: for each reply in turn; "2", "25", "250" */
    size_t expect_count;
    const char *helo;         /* the name we give when --auth has to say EHLO; NULL: localhost */
    const char *auth_user;    /* --auth USER: AUTH is done first; NULL: not */
    const char *history_file; /* NULL: history is not kept between sessions */
    int *write_error; /* of a script's output: errno when it can't be written; may be NULL */
};

enum talk_end {
    TALK_END_QUIT,       /* the user left, or the input ended and all replies came */
    TALK_END_CLOSED,     /* the server closed when it was free to (after QUIT, 221) */
    TALK_END_CUT,        /* the server closed in the middle, or a reply did not come */
    TALK_END_UNEXPECTED, /* a reply was not what --expect wants */
    TALK_END_AUTH_FAILED,
    TALK_END_INTERRUPTED,
    TALK_END_UNWRITTEN, /* what the server said can't be written: *write_error */
};

enum talk_end talk_run(const struct talk_config *t, const struct talk_stream *s);

#endif
