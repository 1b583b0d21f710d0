/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TESTS_SEND_STAGE_H
#define WAXSEAL_TESTS_SEND_STAGE_H

#include "message/message.h"
#include "send/transaction.h"

/* A transaction under a virtual clock; the test plays the server. */
struct stage {
    struct send_plan plan;
    struct message *message;
    struct send_transcript transcript;
    struct send_transaction *transaction;
    struct net_engine *engine;
    base_usec now;
    int out_fd, err_fd;
    struct base_buf seen;        /* what the client said since it was last looked at, decrypted */
    struct tls_context *server;  /* made by stage_tls */
    struct tls_session *session; /* the server's side, once stage_start_tls was called */
    size_t chunk;                /* bytes per delivery, 0: all at once */
    size_t biggest_output;
    struct base_buf shown; /* for stage_out and stage_err */
};

void stage_open(struct stage *s); /* a plan with one recipient; change it before stage_begin */
void stage_begin(struct stage *s);
void stage_close(struct stage *s);

/* The server says this (CRLF is not added). */
void stage_say(struct stage *s, const char *text);
void stage_say_bytes(struct stage *s, struct base_bytes bytes);
/* What the client has said since the last look; valid until the next call. */
const char *stage_heard(struct stage *s);
void stage_hang_up(struct stage *s, bool reset);
/* Time passes; the engine is called when its deadline has come. */
void stage_pass(struct stage *s, base_usec d);
/* Takes output until there is no more. */
void stage_take(struct stage *s);

/* A certificate for mx.test.example by a root of its own, as the server's; `root` gets the PEM. */
void stage_tls(struct stage *s, struct base_buf *root);
void stage_start_tls(struct stage *s); /* from now on the server speaks TLS */

/* The transcript so far. */
const char *stage_out(struct stage *s);
const char *stage_err(struct stage *s);

/* The usual answers up to and with the reply to DATA. */
void stage_to_data(struct stage *s, const char *ehlo);

#endif
