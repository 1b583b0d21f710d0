/* SPDX-License-Identifier: Apache-2.0 */
/* check_standard - what the command, the demo and the library hand to their engine.
 *
 * OpenSSL is started before anything else touches it (its first user decides how), its context is
 * made when the engine asks for it. */
#include "check/standard.h"

#include "pki/trust.h"

#include <time.h>

#define ARENA_MAX ((size_t)64 << 10)

static struct tls_context *make_tls(void *arg) {
    struct check_standard *s = arg;
    struct tls_client_config c = {0};
    if (!s->tls && s->failure == WS_OK)
        s->failure = tls_client_context_new(&c, &s->tls, &s->error);
    return s->tls;
}

static enum ws_err open_resolver(struct check_standard *s, const struct check_options *o,
                                 struct base_error *e) {
    enum ws_err err =
        dns_resolver_new(&o->dns, s->tools.loop, o->config.log, &s->tools.resolver, e);
    /* a file that the user named can't be read, or is no such file */
    return err == WS_IO || err == WS_SYNTAX || err == WS_LIMIT ? WS_USAGE : err;
}

static enum ws_err open_trust(struct check_standard *s, const struct check_options *o,
                              const struct pki_trust *trust, struct base_error *e) {
    enum ws_err err = WS_OK;
    if (!trust)
        err = pki_trust_new(o->ca_file, o->ca_dir, &s->own_trust, e);
    s->tools.trust = trust ? trust : s->own_trust;
    return err;
}

enum ws_err check_standard_open(struct check_standard *s, struct net_loop *loop,
                                const struct check_options *o, const struct pki_trust *trust,
                                struct base_error *e) {
    *s = (struct check_standard){.tools = {.loop = loop, .tls = make_tls, .tls_arg = s}};
    base_arena_init(&s->arena, ARENA_MAX);
    s->report = (struct facts_report){
        .version = WAXSEAL_VERSION,
        .started = (int64_t)time(NULL),
        .helo = o->config.helo ? o->config.helo : dns_own_name(&s->arena),
    };
    enum ws_err err = tls_library_start()
                          ? open_resolver(s, o, e)
                          : base_error_set(e, WS_LIBRARY, "OpenSSL could not be started");
    return err == WS_OK ? open_trust(s, o, trust, e) : err;
}

void check_standard_close(struct check_standard *s) {
    dns_resolver_free(s->tools.resolver);
    tls_context_free(s->tls);
    pki_trust_free(s->own_trust);
    base_arena_release(&s->arena);
}
