/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_POLICY_WEB_H
#define TESTS_POLICY_WEB_H

#include <sys/types.h>

/* An HTTPS server on 127.0.0.1 in a process of its own, for mta-sts.NAME.example. What it answers
 * goes by NAME, see web.c; by default it is a policy in mode enforce. Its
 * certificate bears the names there, "good" and "many0" to WEB_MANY - 1. */
#define WEB_MANY 24
struct web {
    pid_t child;
    unsigned port;
    char roots[32]; /* file with the authority's certificate */
};

void web_start(struct web *w);
void web_stop(struct web *w);

#endif
