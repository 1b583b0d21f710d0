/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_TRANSPORT_H
#define WAXSEAL_SEND_TRANSPORT_H

#include "send/exit.h"
#include "send/plan.h"

/* Connects as plan->target says, plays the transaction, writes the transcript; returns the exit
 * code. Blocks; SIGPIPE must be ignored. */
enum send_exit send_transport_run(const struct send_plan *plan);

#endif
