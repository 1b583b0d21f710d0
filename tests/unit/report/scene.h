/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TESTS_REPORT_SCENE_H
#define WAXSEAL_TESTS_REPORT_SCENE_H

#include "base/arena.h"
#include "facts/target.h"

/* Facts made by hand, with a fixed clock, for the renderers. All memory is the arena's. */
#define SCENE_NOW INT64_C(1800000000) /* 2027-01-15T08:00:00Z */
#define SCENE_DAY INT64_C(86400)

struct scene {
    struct base_arena arena;
    struct facts_report report;
};

void scene_init(struct scene *s);
void scene_release(struct scene *s);
/* Findings and verdicts of all targets. */
void scene_judge(struct scene *s);

/* A domain on port 25 without hosts yet. */
struct facts_target *scene_domain(struct scene *s, const char *name);
/* A host with its MX preference (-1: asked for by name); its A and AAAA were answered. */
struct facts_host *scene_host(struct scene *s, struct facts_target *t, const char *name,
                              int preference);
/* An address of the last host, and a healthy Postfix there: TLS 1.3, a good chain. */
struct facts_endpoint *scene_endpoint(struct scene *s, struct facts_target *t, const char *address);
/* The short way: one host, one address ("mx.example.org", 192.0.2.1). */
struct facts_endpoint *scene_single(struct scene *s);

/* A reply of these lines, separated by LF. */
struct facts_reply scene_reply(struct scene *s, int code, const char *lines);
struct facts_reply scene_reply_bytes(struct scene *s, int code, struct base_bytes lines);
/* "SIZE 1000;8BITMIME" behind the lines of an EHLO reply. */
void scene_keywords(struct scene *s, struct facts_ehlo *e, const char *list);
/* A server certificate for `name`, by "CN=Example Issuing CA". */
void scene_certificate(struct scene *s, struct facts_certificate *c, const char *name);
void scene_san(struct scene *s, struct facts_certificate *c, const char *value,
               const char *unicode);

/* The dialogue ended at this step: nothing of what would have followed is known. */
void scene_stop(struct facts_endpoint *e, enum facts_step step, enum facts_stop stop,
                const char *error);
void scene_unconnected(struct facts_endpoint *e, enum facts_connect_state state, const char *error,
                       double ms);

/* The scenes: NULL-terminated. */
struct scene_row {
    const char *name;
    void (*make)(struct scene *s);
};
extern const struct scene_row scene_rows[];
/* Single faults, each made on a healthy server (scene_single). */
struct scene_fault {
    const char *name;
    void (*spoil)(struct scene *s, struct facts_target *t, struct facts_endpoint *e);
};
extern const struct scene_fault scene_faults[];

#endif
