/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TESTS_REPORT_SCENE_CONNECT_H
#define WAXSEAL_TESTS_REPORT_SCENE_CONNECT_H

#include "facts/client.h"
#include "facts/detail.h"
#include "scene.h"

/* One session looked at in full: facts made by hand, as OpenSSL 3.0 would give them. */
struct scene_session {
    struct scene scene;
    struct facts_target *target;
    struct facts_endpoint *endpoint;
    struct facts_detail detail;
    struct facts_client client;
    double dns_ms;
    bool showcerts;
};

/* A healthy TLS 1.3 session with mx.example.org. */
void scene_session_init(struct scene_session *s);
void scene_session_release(struct scene_session *s);
void scene_session_step(struct scene_session *s, int depth, int error, const char *text, bool ok);
void scene_session_finding(struct scene_session *s, struct facts_finding f);

/* The sessions, ended by a row without a name. */
struct scene_session_row {
    const char *name;
    void (*make)(struct scene_session *s);
};
extern const struct scene_session_row scene_session_rows[];

#endif
