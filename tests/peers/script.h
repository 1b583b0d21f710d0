/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TESTS_PEERS_SCRIPT_H
#define WAXSEAL_TESTS_PEERS_SCRIPT_H

#include "base/buf.h"
#include "mail/dialogue.h"

/* A scripted peer (README.md), read from its file. */
enum step_kind {
    STEP_SAY,     /* text: what the server sends */
    STEP_HEAR,    /* text: what the client must have said since, exactly */
    STEP_WAIT,    /* number: microseconds that pass */
    STEP_TIMEOUT, /* time passes up to the deadline */
    STEP_TLS_UP,
    STEP_TLS_FAILED,
    STEP_CLOSE,
    STEP_RESET,
    STEP_EXPECT, /* field, text */
};

struct step {
    enum step_kind kind;
    unsigned line;
    struct base_buf text;
    char field[64];
    uint64_t number;
};

#define SCRIPT_STEPS 256

struct script {
    char name[128];
    struct mail_config config; /* but for name and time-outs */
    bool joined_only;          /* makes sense only when the server's words come in one segment */
    struct step steps[SCRIPT_STEPS];
    size_t count;
    char error[256]; /* "" when it was read */
};

void script_read(struct script *s, const char *path);
void script_release(struct script *s);
/* The value of a field after the scenario ("step", "greeting.code", "ehlo.keyword.SIZE", ...). */
void script_field(const struct facts_endpoint *e, const char *field, struct base_buf *out);

#endif
