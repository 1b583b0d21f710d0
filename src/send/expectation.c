/* SPDX-License-Identifier: Apache-2.0 */
/* expectation - --expect STEP=CODE, for monitoring
 *
 * An expectation is met when its step was reached and every reply there fits. When all are met, a
 * refusal that was among the replies is no failure any more (rcpt=550: "this relay is closed"). */
#include "send/expectation.h"

#include "mail/code.h"

#include <string.h>

struct send_expectation_state *send_expectations_new(const struct send_plan *plan,
                                                     struct base_arena *arena) {
    if (plan->expectation_count == 0)
        return NULL;
    return base_arena_array(arena, plan->expectation_count, sizeof(struct send_expectation_state));
}

void send_expectations_note(const struct send_plan *plan, struct send_expectation_state *states,
                            const char *step, int code) {
    for (size_t i = 0; states && i < plan->expectation_count; i++) {
        const struct send_expectation *x = &plan->expectations[i];
        if (strcmp(x->step, step) != 0)
            continue;
        states[i].seen = true;
        if (code < 0 || !mail_code_fits(x->code, code))
            states[i].wrong = code;
    }
}

static void tell(const struct send_expectation *x, const struct send_expectation_state *s,
                 struct send_transcript *t) {
    if (!s->seen)
        send_transcript_error(t, "Expected %s=%s, but that step was not reached", x->step, x->code);
    else if (s->wrong < 0)
        send_transcript_error(t, "Expected %s=%s, but no reply came in time", x->step, x->code);
    else
        send_transcript_error(t, "Expected %s=%s, but the reply was %d", x->step, x->code,
                              s->wrong);
}

enum send_exit send_expectations_judge(const struct send_plan *plan,
                                       const struct send_expectation_state *states,
                                       enum send_exit code, struct send_transcript *t) {
    bool all_met = true;
    if (!states || code == SEND_EXIT_CONNECT)
        return code;
    for (size_t i = 0; i < plan->expectation_count; i++) {
        if (states[i].seen && states[i].wrong == 0)
            continue;
        all_met = false;
        tell(&plan->expectations[i], &states[i], t);
    }
    if (!all_met)
        return SEND_EXIT_EXPECT;
    bool refused = code >= SEND_EXIT_BANNER && code <= SEND_EXIT_XCLIENT_HELO;
    return refused ? SEND_EXIT_OK : code;
}
