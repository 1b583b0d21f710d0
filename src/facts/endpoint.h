/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_FACTS_ENDPOINT_H
#define WAXSEAL_FACTS_ENDPOINT_H

#include "facts/certificate.h"
#include "facts/reply.h"
#include "facts/session.h"

enum facts_protocol {
    FACTS_PROTOCOL_SMTP,
    FACTS_PROTOCOL_LMTP,
    FACTS_PROTOCOL_IMAP,
    FACTS_PROTOCOL_POP3,
    FACTS_PROTOCOL_SIEVE,
};

enum facts_connect_state {
    FACTS_CONNECT_NOT_TRIED,
    FACTS_CONNECT_OK,
    FACTS_CONNECT_REFUSED,
    FACTS_CONNECT_TIMEOUT,
    FACTS_CONNECT_UNREACHABLE,
    FACTS_CONNECT_RESET,  /* reset before or while connecting, or before a greeting */
    FACTS_CONNECT_CLOSED, /* accepted, then closed before a greeting */
    FACTS_CONNECT_ERROR,  /* a local failure (no socket, bad source address): `error` says which */
};

/* How far the dialogue came, and why it went no further. */
enum facts_step {
    FACTS_STEP_CONNECT,
    FACTS_STEP_GREETING,
    FACTS_STEP_EHLO,
    FACTS_STEP_STARTTLS,
    FACTS_STEP_HANDSHAKE,
    FACTS_STEP_EHLO_TLS,
    FACTS_STEP_QUIT,
    FACTS_STEP_DONE,
};

enum facts_stop {
    FACTS_STOP_NONE,         /* all steps were done */
    FACTS_STOP_NO_STARTTLS,  /* not offered, so not tried */
    FACTS_STOP_REFUSED,      /* the server's reply said no (4xx, 5xx, NO, -ERR) */
    FACTS_STOP_TIMEOUT,      /* the step's time ran out */
    FACTS_STOP_DEADLINE,     /* the overall deadline came */
    FACTS_STOP_CLOSED,       /* the server closed */
    FACTS_STOP_RESET,        /* the connection was reset */
    FACTS_STOP_NOT_PROTOCOL, /* what came is not this protocol */
    FACTS_STOP_LIMIT,        /* a reply was larger than our limits */
    FACTS_STOP_HANDSHAKE,    /* the TLS handshake failed: session.end says how */
    FACTS_STOP_LOCAL,        /* a local failure: `error` */
};

struct facts_connect {
    enum facts_connect_state state;
    double ms;
    const char *error; /* the system's words for anything but OK, or "" */
    bool by_proxy;     /* it was a proxy that did not lead to the server */
};

struct facts_starttls {
    bool offered;
    bool offered_masked;    /* an 8-byte X-keyword (XXXXXXXA) stands where STARTTLS would */
    const char *offered_as; /* the keyword line as sent when it was unusual ("starttls "), or "" */
    bool asked;             /* we sent STARTTLS (or STLS) */
    bool without_hello;     /* ... straight after the greeting: `offered` is not known */
    struct facts_reply reply;
    struct facts_reply rejection; /* it was refused without EHLO; `reply` is of the time after it */
    size_t early_bytes;           /* bytes that followed the reply in clear; discarded */
    struct base_bytes early;      /* the first of them (at most 256) */
};

struct facts_accepts;
struct facts_target;

/* One address of one host: everything seen there. */
struct facts_endpoint {
    const char *host;    /* MX host or the host asked for, A-labels, no final dot */
    const char *address; /* text form, no brackets; "" when the host has none */
    unsigned port;
    enum facts_protocol protocol;
    bool implicit_tls;
    int mx_preference;               /* -1 when not from MX */
    const char *ptr;                 /* PTR name or "" */
    enum facts_answer ptr_confirmed; /* PTR name leads back to the address */

    struct facts_connect connect;
    struct facts_reply greeting;
    struct facts_ehlo ehlo;
    struct facts_starttls starttls;
    struct facts_session session;
    struct facts_ehlo ehlo_tls;
    struct facts_certificate *certificates;
    size_t certificate_count;
    struct facts_chain chain;
    struct facts_verification verification;
    struct facts_reply quit;
    struct facts_accepts *accepts; /* what else the server would take; NULL: not looked for */
    enum facts_step step;          /* the last step begun */
    enum facts_stop stop;          /* why it ended there; NONE with step DONE when all was done */
    const char *error;             /* more words on it, or "" */
    struct base_bytes unread; /* NOT_PROTOCOL: the first bytes that made no sense (at most 256) */
    size_t unsolicited_bytes; /* in clear, sent by the server before it was asked; dropped */
    double ms;                /* whole visit */
    unsigned connections;     /* TCP connections it took */
    unsigned round_trips;     /* waits for the server's answer, TCP's included */
};

/* Nothing known yet: all texts "", no alert, no preference. */
void facts_endpoint_init(struct facts_endpoint *e);
/* Nothing known yet but where it is: `host` and `address` are borrowed, the rest is the target's.
 */
void facts_endpoint_begin(struct facts_endpoint *e, const struct facts_target *t, const char *host,
                          const char *address);
/* For another look: nothing known but the place of `at`, which may be `e` itself. */
void facts_endpoint_again(struct facts_endpoint *e, const struct facts_endpoint *at);

#endif
