/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_MAIL_DIALOGUE_H
#define WAXSEAL_MAIL_DIALOGUE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "facts/endpoint.h"

/* A mail dialogue up to, through and after STARTTLS, without I/O: greeting, EHLO (fallback HELO),
 * STARTTLS, [TLS by somebody else], EHLO again, QUIT; likewise LMTP, IMAP, POP3, ManageSieve.
 * At most one command is in flight, and never a byte is sent before the whole greeting has come.
 * It writes what it sees into the facts_endpoint: greeting, ehlo, starttls, ehlo_tls, quit, step,
 * stop, error, unread, round_trips; memory from the arena. */

struct mail_timeouts {
    base_usec greeting; /* from the connection to the end of the greeting */
    base_usec command;  /* for each reply */
    base_usec quit;     /* for QUIT's reply and the close that follows */
};

/* How the connection is left once all was asked. None of these resets it. */
enum mail_leave {
    MAIL_LEAVE_WAIT,  /* QUIT, its answer, then the server's close: its slot is free afterwards */
    MAIL_LEAVE_QUIT,  /* QUIT, and close at once: the facts have no answer to it */
    MAIL_LEAVE_CLOSE, /* close without a word */
};

/* For servers that mind a client's haste: our first word (a command, or the TLS bytes where they
 * come first) waits for both. What the server says meanwhile in clear is unsolicited. */
struct mail_pace {
    base_usec after_connection; /* since the connection was made */
    base_usec first_word;       /* since it was our turn: the greeting's end, or the connection */
};

struct mail_config {
    enum facts_protocol protocol;
    const char *helo;  /* name we give in EHLO/LHLO; no CR, LF, NUL (checked by init) */
    bool implicit_tls; /* TLS first, then greeting; no STARTTLS */
    bool plain_only;   /* stop after the first EHLO: never ask STARTTLS */
    bool ask_anyway;   /* ask STARTTLS even where it is not offered: the refusal tells more */
    /* What it can do is known from an earlier visit: STARTTLS straight after the greeting, which
     * saves a round trip. Postfix, Dovecot and Node's smtp-server take it; Exim and OpenSMTPD
     * answer 503: a server that refuses it for good is asked in order after all, which costs one,
     * and facts_starttls.rejection tells. Not for one that greets twice: its second greeting would
     * read as consent. No effect on ManageSieve, with implicit_tls or plain_only. */
    bool skip_hello;
    enum mail_leave leave;
    struct mail_pace pace;
    struct mail_timeouts timeouts;
};

enum mail_want {
    MAIL_WANT_READ,  /* send the output, then wait for bytes, the deadline or the close */
    MAIL_WANT_TLS,   /* start TLS now; call mail_dialogue_tls_up / _tls_failed */
    MAIL_WANT_CLOSE, /* all is said: wait for the server's close until the deadline */
    MAIL_WANT_DONE,  /* finished, facts are complete; close the connection */
};

enum mail_close_reason { MAIL_CLOSED_EOF, MAIL_CLOSED_RESET };

struct mail_dialogue; /* opaque; allocated in the arena */

/* Creates a dialogue over `facts` (protocol and implicit_tls are copied into it). WS_USAGE when the
 * helo name holds CR, LF, NUL or is empty; WS_NOMEM. Release frees what is not the arena's. */
WS_MUST_USE enum ws_err mail_dialogue_new(const struct mail_config *config,
                                          struct facts_endpoint *facts, struct base_arena *arena,
                                          const struct base_log *log, const char *who,
                                          struct mail_dialogue **out, struct base_error *e);
void mail_dialogue_release(struct mail_dialogue *d);

/* The connection is up (for implicit TLS this leads to MAIL_WANT_TLS, at once without a pause). */
void mail_dialogue_start(struct mail_dialogue *d, base_usec now);
/* Ends a pause before its time, nothing otherwise: a server that speaks where TLS comes first. */
void mail_dialogue_end_pause(struct mail_dialogue *d, base_usec now);
/* Bytes from the server: in clear before TLS, decrypted ones after mail_dialogue_tls_up. Bytes that
 * stand behind the STARTTLS reply in the same feed are early plaintext: kept as a fact, dropped. */
void mail_dialogue_feed(struct mail_dialogue *d, struct base_bytes in, base_usec now);
/* Bytes to send; the driver consumes them. */
struct base_buf *mail_dialogue_output(struct mail_dialogue *d);
enum mail_want mail_dialogue_want(const struct mail_dialogue *d);
/* Absolute time at which mail_dialogue_tick must be called, or BASE_NEVER (while TLS runs, too). */
base_usec mail_dialogue_deadline(const struct mail_dialogue *d);
void mail_dialogue_tick(struct mail_dialogue *d, base_usec now);
void mail_dialogue_closed(struct mail_dialogue *d, enum mail_close_reason why, base_usec now);
/* TLS stands / has failed (session facts are the TLS side's; this sets step, stop and want). */
void mail_dialogue_tls_up(struct mail_dialogue *d, base_usec now);
void mail_dialogue_tls_failed(struct mail_dialogue *d, base_usec now);
/* TLS was all that was wanted, and is over: nothing went wrong and no word follows; the server's
 * close is waited for where `leave` says so. */
void mail_dialogue_tls_over(struct mail_dialogue *d, base_usec now);
/* The overall deadline came, or a local failure ended it. */
void mail_dialogue_abort(struct mail_dialogue *d, enum facts_stop why, const char *error);
/* Whether the goodbye was said (or nothing was left to say it to): whatever still comes changes no
 * fact but the answer to it, and `step`. */
bool mail_dialogue_is_leaving(const struct mail_dialogue *d);
/* Name of the current state ("greeting", "ehlo-tls"), for logs and tests. */
const char *mail_dialogue_state(const struct mail_dialogue *d);

#endif
