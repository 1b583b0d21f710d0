/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_TRANSACTION_PRIVATE_H
#define WAXSEAL_SEND_TRANSACTION_PRIVATE_H

#include "base/arena.h"
#include "mail/ehlo.h"
#include "mail/reply.h"
#include "message/message.h"
#include "send/expectation.h"
#include "send/record.h"
#include "send/script.h"
#include "send/transaction.h"

/* What the files of the transaction share. */

enum send_state {
    SEND_STATE_CONNECT,   /* nothing is connected yet */
    SEND_STATE_PROXY,     /* the PROXY header */
    SEND_STATE_TLS,       /* the handshake, on connect or after STARTTLS */
    SEND_STATE_BANNER,    /* waiting for 220 */
    SEND_STATE_HELLO,     /* EHLO, LHLO or HELO, in three roles */
    SEND_STATE_OLD_HELLO, /* HELO since EHLO was refused */
    SEND_STATE_XCLIENT,
    SEND_STATE_STARTTLS,
    SEND_STATE_AUTH,
    SEND_STATE_XFORWARD,
    SEND_STATE_MAIL,
    SEND_STATE_RCPT,
    SEND_STATE_DATA,
    SEND_STATE_BDAT,
    SEND_STATE_MESSAGE, /* the message goes out */
    SEND_STATE_DOT,     /* waiting for the answer to it */
    SEND_STATE_EACH,    /* PRDR, LMTP: an answer for each recipient */
    SEND_STATE_SCRIPT,  /* a dialogue of the user's own */
    SEND_STATE_QUIT,
    SEND_STATE_DONE,
    SEND_STATE_COUNT
};

/* What a hello is for: how its failure ends and where it leads. */
enum send_role { SEND_ROLE_FIRST, SEND_ROLE_TLS, SEND_ROLE_XCLIENT };

struct send_transaction {
    struct net_engine engine; /* first: the driver's handle is the transaction */
    const struct send_plan *plan;
    struct send_transcript *transcript;
    struct base_arena arena;       /* of the hello */
    struct base_arena reply_arena; /* of the reply under way */
    struct base_buf out;           /* to the connection */
    struct base_buf in;            /* from the server, decrypted, not looked at yet */
    size_t dumped;                 /* bytes of `in` that the raw dump has shown */
    enum send_state state;
    enum send_role role;
    base_usec now;
    base_usec asked;
    base_usec deadline;
    enum send_exit exit;
    enum send_exit forgiven; /* --lax: the first refusal that did not end it */

    struct mail_reply_reader reader;
    struct facts_reply reply;
    struct base_buf heard; /* the reply's bytes as they came */
    bool awaiting;         /* a reply is expected */
    int expected;          /* its code when all is well */
    int expected_too;      /* another one, or 0 */
    bool as_expected;
    bool input_ended; /* nothing more comes from the server */
    bool dropped;     /* the connection ends without a word */

    struct facts_ehlo hello;
    struct send_record record;
    struct base_arena kept; /* for the whole transaction */
    struct send_expectation_state *expectations;

    struct send_tls_context own_context; /* where the run has none */
    struct tls_session *tls;
    bool in_tls;
    bool heard_in_tls; /* the server said something inside TLS */
    const char *connect_error;
    const char *tls_failure; /* why TLS did not start, for the transcript */

    struct sasl_exchange *auth; /* the attempt under way */
    size_t auth_at;             /* the next name to try */
    bool auth_cancelled;        /* "*" was sent */
    bool reply_is_plain;        /* --auth-plaintext: nothing to decode in the answer */
    size_t xclient_done;        /* commands that were accepted */
    bool xclient_over;          /* done, refused or not advertised */

    struct send_script script;
    size_t script_at; /* the step that comes next, or waits for its reply */
    bool expects_any; /* the script's pattern decides, not `expected` */

    bool utf8;         /* the envelope is in UTF-8 (SMTPUTF8) */
    size_t recipient;  /* index of the one asked about */
    size_t accepted;   /* recipients accepted so far */
    size_t answered;   /* LMTP, PRDR: answers to the message so far */
    size_t agreed;     /* of them, good ones */
    bool quit_sent;    /* PIPELINING: together with the envelope */
    bool pipelining;   /* the envelope has gone out in one go */
    bool mail_refused; /* PIPELINING: the answers that follow do not matter */
    bool message_ended;
    bool message_moved; /* some of it went out since the last look at the clock */
    struct send_transcript_stream shown;
    bool chunks_begun;       /* BDAT: `chunk` is in use */
    struct base_buf chunk;   /* BDAT: the one under way */
    struct base_bytes piece; /* BDAT: of the message's stream, not yet in a chunk */
    struct base_buf held;    /* an envelope until it goes out in one write; a chunk's raw dump */
    bool holds_commands;
    size_t message_lines;
    size_t message_bytes; /* sent after DATA so far */
};

/* --- transaction.c: the machine --- */
void send_state_set(struct send_transaction *t, enum send_state next);
/* Sends a command line: CRLF is added. */
void send_command(struct send_transaction *t, const char *line);
/* The same, shown otherwise. */
void send_command_shown(struct send_transaction *t, const char *line, struct base_bytes shown);
/* Expects the next reply to have this code, or the other (0 none). */
void send_expect(struct send_transaction *t, int code, int other);
/* Bytes to the server, in clear or through TLS. */
void send_bytes(struct send_transaction *t, struct base_bytes b);
/* Ends with QUIT and this exit code. */
void send_give_up(struct send_transaction *t, enum send_exit code);
/* The same, for a state whose command was not sent: dropping after it then means after QUIT. */
void send_give_up_unsent(struct send_transaction *t, enum send_exit code);
/* Ends at once, with this exit code. */
void send_end(struct send_transaction *t, enum send_exit code);
void send_drop(struct send_transaction *t); /* --drop-after */
/* Something that a stop point stands for was sent; true: the connection was dropped. */
bool send_stops_after_sending(struct send_transaction *t, enum send_stop point);
/* A stop point was passed; true: the end has begun. */
bool send_stops_after(struct send_transaction *t, enum send_stop point);

/* As the state's row in the table has it: */
void send_await(struct send_transaction *t);   /* its command was sent: the reply, or a stop */
bool send_refused(struct send_transaction *t); /* not as expected, not forgiven: gives up */
void send_fail(struct send_transaction *t);    /* gives up with its exit code */
void send_pass(struct send_transaction *t, enum send_state next); /* its stop point, or next */

bool send_advertised(const struct send_transaction *t, const char *keyword);
/* --lax: the rule may be broken. Then the reply at hand counts for nothing but the exit code. */
bool send_forgives(struct send_transaction *t, unsigned rule, enum send_exit code);
/* The keyword is advertised with this word among its parameters. */
bool send_parameter_advertised(const struct send_transaction *t, const char *keyword,
                               const char *parameter);

/* --- transaction_greet.c: up to the hello --- */
void send_proxy_enter(struct send_transaction *t);
void send_banner_enter(struct send_transaction *t);
void send_banner_reply(struct send_transaction *t);
void send_hello_enter(struct send_transaction *t);
void send_hello_reply(struct send_transaction *t);
void send_old_hello_enter(struct send_transaction *t);
void send_old_hello_reply(struct send_transaction *t);
void send_xclient_enter(struct send_transaction *t);
void send_xclient_reply(struct send_transaction *t);
void send_starttls_enter(struct send_transaction *t);
void send_starttls_reply(struct send_transaction *t);
void send_auth_enter(struct send_transaction *t);
void send_auth_reply(struct send_transaction *t);
/* --auth-plaintext: a reply with its base64 decoded: the one word that follows the code. More words
 * are taken for plain text. */
void send_auth_decode_reply(struct base_bytes reply, struct base_buf *out);

/* --- transaction_tls.c --- */
void send_tls_enter(struct send_transaction *t);
/* Ciphertext from the server, the end of the connection, the handshake's time. */
void send_tls_received(struct send_transaction *t, struct base_bytes in);
void send_tls_closed(struct send_transaction *t, bool reset);
void send_tls_timeout(struct send_transaction *t);
/* --tls-session-out: at the end. */
void send_tls_keep_session(struct send_transaction *t);
/* STARTTLS was refused, or TLS did not start after it. */
void send_starttls_failed(struct send_transaction *t);
/* After TLS was started, refused or not wanted. */
void send_tls_passed(struct send_transaction *t);

/* --- transaction_mail.c: envelope and message --- */
void send_mail_enter(struct send_transaction *t);
void send_mail_reply(struct send_transaction *t);
void send_rcpt_enter(struct send_transaction *t);
void send_rcpt_reply(struct send_transaction *t);
void send_data_enter(struct send_transaction *t);
void send_data_reply(struct send_transaction *t);
/* What is shown of a message: begin, pieces, end. */
void send_message_begin_show(struct send_transaction *t);
void send_message_show(struct send_transaction *t, struct base_bytes piece);
void send_message_show_end(struct send_transaction *t);
/* The stream has failed: ends without delivering half a message. */
void send_message_broken(struct send_transaction *t, const struct base_error *e);
void send_message_enter(struct send_transaction *t);
void send_message_pump(struct send_transaction *t);
/* The time or the server's side has moved on: the end of the message, or a stall. */
void send_message_settle(struct send_transaction *t);
void send_dot_enter(struct send_transaction *t);
void send_dot_reply(struct send_transaction *t);
void send_each_enter(struct send_transaction *t);
void send_each_reply(struct send_transaction *t);

/* --- transaction_extensions.c --- */
/* What was asked for and this server, or this connection, has not: a text, or NULL. */
const char *send_missing_extension(struct send_transaction *t);
/* Decides whether the envelope will be in UTF-8; before the first of the three below. */
void send_choose_utf8(struct send_transaction *t);
/* The address as this server understands it. */
const char *send_envelope_address(struct send_transaction *t, const char *address);
/* What follows the address, with a space in front; "" nothing. */
const char *send_mail_parameters(struct send_transaction *t);
const char *send_rcpt_parameters(struct send_transaction *t);
void send_xforward_enter(struct send_transaction *t);
void send_xforward_reply(struct send_transaction *t);
void send_bdat_enter(struct send_transaction *t);
void send_bdat_reply(struct send_transaction *t);

/* --- transaction_script.c --- */
void send_script_enter(struct send_transaction *t);
bool send_script_fits(const struct send_transaction *t, int code);
void send_script_reply(struct send_transaction *t);

/* --- tls_lines.c --- */

/* "=== TLS started with cipher ..." and what follows, for a session that is up. */
void send_tls_lines(struct send_transcript *t, const struct send_plan *plan,
                    const struct tls_session *s, struct base_arena *arena);
/* Why the certificate is not good enough for what was demanded, "" when it is. */
const char *send_tls_objection(const struct send_plan *plan, const struct tls_session *s,
                               struct base_arena *arena);

/* Why no context could be made, in swaks' words where those are wanted. */
const char *send_tls_trouble(const struct send_plan *plan, const char *message,
                             struct base_arena *arena);

#endif
