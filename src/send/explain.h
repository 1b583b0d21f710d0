/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_EXPLAIN_H
#define WAXSEAL_SEND_EXPLAIN_H

#include "net/address.h"
#include "send/transaction_private.h"

/* Why TLS came to nothing, in the words of `check` and `connect`. */

/* To be called while the session is still there: keeps its facts in t->record, and findings on its
 * certificate. Nothing as swaks, or with --no-explain. */
void send_explain_keep(struct send_transaction *t);
/* The server ended the session before it said a word inside: keeps and shows why, when its alert or
 * what it asked for tells (TLS 1.3 refuses a client's certificate only now). */
void send_explain_taken_back(struct send_transaction *t);
/* Shows the findings, as informational lines. */
void send_explain_show(struct send_transaction *t);
/* After the end: judges a handshake that failed and shows the findings. Where that can tell more,
 * the same address is visited again first, unless `remote` is NULL. Blocks, five seconds at most
 * for each of two looks. */
void send_explain_look(struct send_transaction *t, const struct net_address *remote,
                       const struct net_address *source);

#endif
