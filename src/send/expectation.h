/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_EXPECTATION_H
#define WAXSEAL_SEND_EXPECTATION_H

#include "base/arena.h"
#include "send/exit.h"
#include "send/plan.h"
#include "send/transcript.h"

/* --expect: which replies must come at which step. */
struct send_expectation_state {
    bool seen;
    int wrong; /* a code that was not the expected one; 0 none, -1 no reply */
};

/* One state for each expectation of the plan; NULL without any. */
struct send_expectation_state *send_expectations_new(const struct send_plan *plan,
                                                     struct base_arena *arena);
/* A reply came at this step; `code` -1: none came in time. */
void send_expectations_note(const struct send_plan *plan, struct send_expectation_state *states,
                            const char *step, int code);
/* The exit code with the expectations taken into account; tells which were not met. */
enum send_exit send_expectations_judge(const struct send_plan *plan,
                                       const struct send_expectation_state *states,
                                       enum send_exit code, struct send_transcript *t);

#endif
