/* SPDX-License-Identifier: Apache-2.0 */
/* listen_demo - a street of small mail servers, each with at most one thing wrong.
 *
 * One row of the table is one house: its fault in the dialogue, the TLS versions it speaks, and
 * what is wrong with its certificate. All certificates hang from one root by way of one
 * intermediate, are made when the street is opened (EC P-256, a few milliseconds for all) and die
 * with the process.
 *
 * The houses listen on 127.0.0.1, on ports that the system chooses; their names end in .invalid
 * (RFC 2606), so that nobody else can ever be meant. */
#include "listen/demo.h"

#include "base/buf.h"
#include "listen/sink.h"
#include "pki/forge.h"

#include <stdlib.h>
#include <time.h>

#define GUESTS_MAX 64
#define IDLE (300 * BASE_SECOND)
#define PEM_MAX (64u << 10)
#define DAY ((int64_t)86400)
#define TLS_1_2 0x0303
#define TLS_1_3 0x0304
#define ROW_COUNT (sizeof rows / sizeof rows[0])

enum certificate {
    CERTIFICATE_NONE, /* never gets as far as TLS */
    CERTIFICATE_GOOD,
    CERTIFICATE_EXPIRED,
    CERTIFICATE_WRONG_NAME,
    CERTIFICATE_INCOMPLETE, /* the intermediate is not sent */
};

static const struct row {
    const char *name;
    const char *what;
    const char *finding;
    enum listen_fault fault;
    enum certificate certificate;
    uint16_t min_version, max_version;
} rows[] = {
    {"healthy.demo.invalid", "healthy", NULL, LISTEN_HEALTHY, CERTIFICATE_GOOD, TLS_1_2, TLS_1_3},
    {"tls12-only.demo.invalid", "TLS 1.2 only", NULL, LISTEN_HEALTHY, CERTIFICATE_GOOD, TLS_1_2,
     TLS_1_2},
    {"tls13-only.demo.invalid", "TLS 1.3 only", NULL, LISTEN_HEALTHY, CERTIFICATE_GOOD, TLS_1_3,
     TLS_1_3},
    {"expired.demo.invalid", "expired certificate", "certificate-expired", LISTEN_HEALTHY,
     CERTIFICATE_EXPIRED, TLS_1_2, TLS_1_3},
    {"wrong-name.demo.invalid", "certificate for another name", "certificate-name-mismatch",
     LISTEN_HEALTHY, CERTIFICATE_WRONG_NAME, TLS_1_2, TLS_1_3},
    {"incomplete-chain.demo.invalid", "intermediate certificate missing",
     "certificate-chain-incomplete", LISTEN_HEALTHY, CERTIFICATE_INCOMPLETE, TLS_1_2, TLS_1_3},
    {"no-starttls.demo.invalid", "no STARTTLS", "starttls-not-offered", LISTEN_NO_STARTTLS,
     CERTIFICATE_NONE, 0, 0},
    {"starttls-fails.demo.invalid", "STARTTLS offered, then refused", "starttls-refused",
     LISTEN_STARTTLS_454, CERTIFICATE_NONE, 0, 0},
    {"handshake-dies.demo.invalid", "closes in the TLS handshake", "handshake-failed",
     LISTEN_HANDSHAKE_DIES, CERTIFICATE_NONE, 0, 0},
    {"tarpit.demo.invalid", "accepts and stays silent", "greeting-timeout", LISTEN_TARPIT,
     CERTIFICATE_NONE, 0, 0},
    {"early-plaintext.demo.invalid", "text slipped in behind STARTTLS", "early-plaintext",
     LISTEN_EARLY_PLAINTEXT, CERTIFICATE_GOOD, TLS_1_2, TLS_1_3},
    {"masked.demo.invalid", "a firewall masks STARTTLS", "starttls-masked", LISTEN_MASKED,
     CERTIFICATE_NONE, 0, 0},
};

struct house {
    struct listen_house house; /* what callers see */
    struct listen_sink_config config;
    struct net_listener *listener;
};

struct listen_demo {
    struct house houses[ROW_COUNT];
    struct pki_forged *root, *intermediate;
    struct base_buf root_pem;
    int64_t now;
};

/* --- certificates --- */

static enum ws_err forge_authorities(struct listen_demo *d, struct base_error *e) {
    struct pki_forge_request r = {
        .common_name = "waxseal demo root",
        .not_before = d->now - DAY,
        .not_after = d->now + 3650 * DAY,
        .ca = true,
    };
    enum ws_err err = pki_forge(&r, NULL, &d->root, e);
    r.common_name = "waxseal demo intermediate";
    if (err == WS_OK)
        err = pki_forge(&r, d->root, &d->intermediate, e);
    if (err == WS_OK)
        err = pki_forged_certificate_pem(d->root, &d->root_pem);
    return err;
}

static enum ws_err forge_leaf(const struct listen_demo *d, const struct row *row,
                              struct pki_forged **out, struct base_error *e) {
    bool wrong = row->certificate == CERTIFICATE_WRONG_NAME;
    bool expired = row->certificate == CERTIFICATE_EXPIRED;
    const char *names[] = {wrong ? "www.elsewhere.invalid" : row->name, NULL};
    struct pki_forge_request r = {
        .common_name = names[0],
        .dns_names = names,
        .not_before = d->now - (expired ? 100 : 1) * DAY,
        .not_after = d->now + (expired ? -10 : 89) * DAY,
    };
    return pki_forge(&r, d->intermediate, out, e);
}

static enum ws_err write_pems(const struct listen_demo *d, const struct row *row,
                              const struct pki_forged *leaf, struct base_buf *chain,
                              struct base_buf *key) {
    enum ws_err err = pki_forged_certificate_pem(leaf, chain);
    if (err == WS_OK && row->certificate != CERTIFICATE_INCOMPLETE)
        err = pki_forged_certificate_pem(d->intermediate, chain);
    if (err == WS_OK)
        err = pki_forged_key_pem(leaf, key);
    return err;
}

static enum ws_err make_tls(const struct listen_demo *d, const struct row *row,
                            struct tls_context **out, struct base_error *e) {
    struct pki_forged *leaf = NULL;
    struct base_buf chain, key;
    base_buf_init(&chain, PEM_MAX);
    base_buf_init(&key, PEM_MAX);
    enum ws_err err = forge_leaf(d, row, &leaf, e);
    if (err == WS_OK)
        err = write_pems(d, row, leaf, &chain, &key);
    if (err == WS_OK) {
        struct tls_server_config c = {
            .chain_pem = base_buf_view(&chain),
            .key_pem = base_buf_view(&key),
            .min_version = row->min_version,
            .max_version = row->max_version,
        };
        err = tls_server_context_new(&c, out, e);
    }
    pki_forged_free(leaf);
    base_buf_release(&chain);
    base_buf_release(&key);
    return err;
}

/* --- houses --- */

static struct net_engine *welcome(void *arg, const char *peer) {
    struct house *h = arg;
    struct listen_sink *sink;
    if (listen_sink_new(&h->config, peer, &sink) != WS_OK)
        return NULL;
    return listen_sink_engine(sink);
}

static void goodbye(void *arg, struct net_engine *e) {
    (void)arg;
    listen_sink_free(listen_sink_of(e));
}

static enum ws_err open_house(struct listen_demo *d, size_t i, struct net_loop *loop,
                              const struct base_log *log, struct base_error *e) {
    const struct row *row = &rows[i];
    struct house *h = &d->houses[i];
    struct net_listen listen = {
        .max_connections = GUESTS_MAX, .accept = welcome, .release = goodbye, .arg = h};
    enum ws_err err = WS_OK;
    h->house = (struct listen_house){.name = row->name,
                                     .what = row->what,
                                     .finding = row->finding,
                                     .silent = row->fault == LISTEN_TARPIT};
    h->config = (struct listen_sink_config){
        .name = row->name, .fault = row->fault, .idle_timeout = IDLE, .log = log};
    if (row->certificate != CERTIFICATE_NONE)
        err = make_tls(d, row, &h->config.tls, e);
    if (err == WS_OK)
        err = net_address_parse("127.0.0.1", 0, &listen.local);
    if (err == WS_OK)
        err = net_listener_new(loop, &listen, &h->listener, e);
    if (err == WS_OK)
        h->house.port = net_listener_port(h->listener);
    return err;
}

enum ws_err listen_demo_new(struct net_loop *loop, const struct base_log *log,
                            struct listen_demo **out, struct base_error *e) {
    struct listen_demo *d = calloc(1, sizeof *d);
    *out = NULL;
    if (!d)
        return base_error_set(e, WS_NOMEM, "no memory for the demo");
    d->now = (int64_t)time(NULL);
    base_buf_init(&d->root_pem, PEM_MAX);
    enum ws_err err = forge_authorities(d, e);
    for (size_t i = 0; err == WS_OK && i < ROW_COUNT; i++)
        err = open_house(d, i, loop, log, e);
    if (err != WS_OK) {
        listen_demo_free(d);
        return base_error_set(e, err, "can't open the demo's servers");
    }
    *out = d;
    return WS_OK;
}

void listen_demo_free(struct listen_demo *d) {
    if (!d)
        return;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        net_listener_free(d->houses[i].listener);
        tls_context_free(d->houses[i].config.tls);
    }
    pki_forged_free(d->root);
    pki_forged_free(d->intermediate);
    base_buf_release(&d->root_pem);
    free(d);
}

size_t listen_demo_count(const struct listen_demo *d) {
    (void)d;
    return ROW_COUNT;
}

const struct listen_house *listen_demo_house(const struct listen_demo *d, size_t i) {
    return i < ROW_COUNT ? &d->houses[i].house : NULL;
}

struct base_bytes listen_demo_root_pem(const struct listen_demo *d) {
    return base_buf_view(&d->root_pem);
}
