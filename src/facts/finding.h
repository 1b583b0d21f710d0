/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_FACTS_FINDING_H
#define WAXSEAL_FACTS_FINDING_H

#include <stddef.h>

enum facts_severity { FACTS_SEVERITY_INFO, FACTS_SEVERITY_WARNING, FACTS_SEVERITY_ERROR };

/* What diagnose concluded from the facts. Text is printable UTF-8 in the arena. */
struct facts_finding {
    const char *id; /* stable, never reused: "certificate-expired" */
    enum facts_severity severity;
    int endpoint; /* index into the target's endpoints; -1: the target as a whole */
    size_t *also; /* further endpoints with the same finding (collapsed), or NULL */
    size_t also_count;
    const char *title;
    const char *evidence; /* what was seen */
    const char *impact;   /* why it matters and whom it hurts */
    const char *fix;      /* what to change, where */
    /* Where they are known, else NULL; several are lines, without a final line feed. */
    const char *logs; /* what the logs of both sides show: "Postfix (client): ..." */
    const char *ask;  /* what to ask the other side's owner for */
    const char *next; /* which look tells the remaining causes apart */
};

#endif
