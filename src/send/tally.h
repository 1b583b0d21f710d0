/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_TALLY_H
#define WAXSEAL_SEND_TALLY_H

#include "base/clock.h"
#include "send/exit.h"
#include "send/transcript.h"

/* What came of many transactions: how many ended how, and how long they took. */
#define SEND_TALLY_CODES 64u

struct send_tally {
    unsigned wanted;
    unsigned concurrency;
    unsigned done;
    unsigned ended[SEND_TALLY_CODES]; /* by exit code */
    float *ms; /* of each transaction that was done; at most a million kept */
    size_t kept;
    base_usec begun, finished;
    base_usec told; /* when the progress line was last written */
    bool progress;  /* there is a terminal for it */
};

WS_MUST_USE enum ws_err send_tally_init(struct send_tally *t, unsigned wanted, unsigned concurrency,
                                        base_usec now, struct base_error *e);
void send_tally_release(struct send_tally *t);
void send_tally_add(struct send_tally *t, enum send_exit code, base_usec took, base_usec now);
/* The report into the transcript (or its stream, as JSON); the exit code of the whole: the first
 * kind of failure, by number, or 0. */
enum send_exit send_tally_report(struct send_tally *t, struct send_transcript *transcript);

#endif
