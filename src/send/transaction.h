/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_TRANSACTION_H
#define WAXSEAL_SEND_TRANSACTION_H

#include "net/engine.h"
#include "send/exit.h"
#include "send/plan.h"
#include "send/record.h"
#include "send/transcript.h"

/* One SMTP, ESMTP or LMTP transaction as planned: an engine without I/O that writes its transcript
 * as it goes. */
struct send_transaction;

/* Plan and transcript outlive the transaction. */
WS_MUST_USE enum ws_err send_transaction_new(const struct send_plan *plan,
                                             struct send_transcript *transcript,
                                             struct send_transaction **out, struct base_error *e);
void send_transaction_free(struct send_transaction *t); /* NULL is fine */
struct net_engine *send_transaction_engine(struct send_transaction *t);
/* Once the engine is done. */
enum send_exit send_transaction_exit(const struct send_transaction *t);
/* Why it is not connected, in the system's words, or "". */
const char *send_transaction_connect_error(const struct send_transaction *t);
/* What was kept of it (--json). */
const struct send_record *send_transaction_record(const struct send_transaction *t);

#endif
