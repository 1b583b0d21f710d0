/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TEST_CLASH_SCENE_H
#define WAXSEAL_TEST_CLASH_SCENE_H

#include "diagnose/diagnose.h"

/* A client that was told something, its failed look, and a second one that went through. */
struct clash_scene {
    struct base_arena arena;
    struct facts_client client;
    struct facts_target target;
    struct facts_endpoint tried[1];
    struct facts_endpoint open;
    struct facts_certificate chain[2];
    bool no_client; /* as `check` does */
    bool no_open;
    uint8_t hello[4096], open_hello[4096];
    struct base_bytes greeting[1];
};

/* TLS 1.2 and 1.3, one suite, group and scheme more than the server's choice; alert 40 came. The
 * second look took TLS 1.3 with x25519 and an ECDSA certificate. */
void clash_scene_set(struct clash_scene *s);
void clash_scene_release(struct clash_scene *s);
/* How the first look ended. */
void clash_scene_end(struct clash_scene *s, enum facts_handshake_end end, int alert);
void clash_scene_local(struct clash_scene *s, const char *error, int alert_sent);
/* What the second look took. */
void clash_scene_took(struct clash_scene *s, uint16_t version, uint16_t suite, const char *group,
                      const char *scheme, const char *key_type);
/* The second look failed too. */
void clash_scene_open_fails(struct clash_scene *s, enum facts_handshake_end end, int alert);

/* Lists end with 0. NULL: no such extension. */
struct clash_hello {
    const uint16_t *versions, *suites, *groups, *schemes;
    bool sni, psk;
    unsigned max_fragment;
    size_t padding; /* bytes of an extension that nobody knows */
};
/* Writes a ClientHello with its header of four bytes. */
struct base_bytes clash_hello_write(uint8_t *room, size_t size, const struct clash_hello *h);
void clash_scene_hello(struct clash_scene *s, const struct clash_hello *h);

/* Runs the rules; the first finding, NULL none. */
const struct facts_finding *clash_scene_judge(struct clash_scene *s);

#endif
