/* SPDX-License-Identifier: Apache-2.0 */
/* waxseal demo - a street of small mail servers, good and bad, checked offline. */
#include "cmd/session.h"
#include "listen/demo.h"
#include "tls/session.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define HOUSES_MAX 32
#define TARGET_SIZE 128
#define SILENCE (300 * BASE_MSEC)

struct demo_options {
    bool serve;
    bool help;
    struct check_options check;
};

#define AT(field) offsetof(struct demo_options, field)
static const char *const colours[] = {"auto", "always", "never", NULL};

static const struct base_option table[] = {
    {.kind = BASE_OPTION_HEADING, .help = "What to do"},
    {.kind = BASE_OPTION_FLAG,
     .name = "serve",
     .offset = AT(serve),
     .help = "keep the servers up and print their ports, until Ctrl-C"},
    {.kind = BASE_OPTION_HEADING, .help = "What to print"},
    {.kind = BASE_OPTION_FLAG,
     .letter = 'j',
     .name = "json",
     .offset = AT(check.json),
     .help = "one JSON document for the run (docs/json.md)"},
    {.kind = BASE_OPTION_FLAG,
     .name = "jsonl",
     .offset = AT(check.jsonl),
     .help = "one JSON line per server"},
    {.kind = BASE_OPTION_CHOICE,
     .name = "color",
     .aliases = "colour",
     .arg = "WHEN",
     .offset = AT(check.colour),
     .choices = colours,
     .help = "auto (default), always or never"},
    {.kind = BASE_OPTION_FLAG,
     .name = "ascii",
     .offset = AT(check.ascii),
     .help = "plain ASCII, no symbols"},
    {.kind = BASE_OPTION_UINT,
     .name = "columns",
     .arg = "N",
     .offset = AT(check.columns),
     .min = 40,
     .max = 500,
     .help = "width of the text (80)"},
    {.kind = BASE_OPTION_COUNT,
     .letter = 'v',
     .name = "verbose",
     .offset = AT(check.verbose),
     .help = "every certificate, keyword and time; twice: log each step to stderr"},
    {.kind = BASE_OPTION_FLAG,
     .name = "debug",
     .offset = AT(check.debug),
     .help = "log every line and state transition to stderr"},
    {.kind = BASE_OPTION_FLAG,
     .name = "debug-bytes",
     .offset = AT(check.debug_bytes),
     .help = "log the bytes of the TLS handshake as well"},
    {.kind = BASE_OPTION_FLAG,
     .letter = 'h',
     .name = "help",
     .offset = AT(help),
     .help = "this help"},
    {.kind = BASE_OPTION_END},
};

static const struct base_option *demo_table(void) {
    return table;
}

/* Above each server's report: what was planted there. */
static void heading(void *arg, const struct facts_target *t, struct base_buf *out) {
    base_buf_printf(out, "--- %s ---\n", listen_demo_house(arg, t->index)->what);
}

/* The server that never says a word is waited for no longer than it takes to see that. */
static base_usec patience(void *arg, size_t index) {
    const struct cmd_session *s = arg;
    return listen_demo_house(s->arg, index)->silent ? SILENCE : 0;
}

static int check_street(struct demo_options *o, struct net_loop *loop, struct listen_demo *d,
                        const struct pki_trust *trust) {
    static char texts[HOUSES_MAX][TARGET_SIZE];
    const char *targets[HOUSES_MAX];
    struct check_override overrides[HOUSES_MAX];
    size_t n = 0;
    for (; n < listen_demo_count(d) && n < HOUSES_MAX; n++) {
        const struct listen_house *h = listen_demo_house(d, n);
        snprintf(texts[n], TARGET_SIZE, "%s:%u", h->name, h->port);
        targets[n] = texts[n];
        overrides[n] = (struct check_override){.name = h->name, .address = "127.0.0.1"};
    }
    struct cmd_session s = {
        .options = &o->check,
        .list = {.targets = targets,
                 .target_count = n,
                 .trust = trust,
                 .overrides = overrides,
                 .override_count = n,
                 .greeting = patience},
        .heading = heading,
        .arg = d,
    };
    int code = cmd_session_run(&s, loop);
    /* The street is meant to have problems: finding them is success. */
    return code <= CMD_EXIT_UNKNOWN ? CMD_EXIT_OK : code;
}

static void stop_serving(void *arg) {
    net_loop_stop(arg);
}

static int serve_street(struct net_loop *loop, struct listen_demo *d) {
    struct base_error e = {0};
    struct base_buf out;
    base_buf_init(&out, 1u << 16);
    for (size_t i = 0; i < listen_demo_count(d); i++) {
        const struct listen_house *h = listen_demo_house(d, i);
        base_buf_printf(&out, "127.0.0.1:%-6u %-34s %s\n", h->port, h->name, h->what);
    }
    base_buf_append_str(&out, "Try: waxseal --no-ptr 127.0.0.1:PORT   (Ctrl-C ends the servers)\n");
    int code = cmd_write(&out);
    if (code != 0)
        return code;
    if (net_loop_on_interrupt(loop, stop_serving, loop, &e) != WS_OK ||
        net_loop_run(loop, &e) != WS_OK) {
        cmd_complain("%s", base_error_message(&e));
        return CMD_EXIT_SOFTWARE;
    }
    return CMD_EXIT_OK;
}

static int open_street(struct demo_options *o) {
    struct base_error e = {0};
    struct net_loop *loop = NULL;
    struct listen_demo *d = NULL;
    struct pki_trust *trust = NULL;
    int code = CMD_EXIT_SOFTWARE;
    if (!tls_library_start() || net_loop_new(&loop, &e) != WS_OK ||
        listen_demo_new(loop, NULL, &d, &e) != WS_OK ||
        pki_trust_new_pem(listen_demo_root_pem(d), "the demo's own root", &trust, &e) != WS_OK)
        cmd_complain("%s", base_error_message(&e));
    else if (o->serve)
        code = serve_street(loop, d);
    else
        code = check_street(o, loop, d, trust);
    pki_trust_free(trust);
    listen_demo_free(d);
    net_loop_free(loop);
    return code;
}

static int run(const struct cmd_command *self, int argc, char *const *argv) {
    static struct demo_options o;
    struct base_error e = {0};
    size_t count = 0;
    check_options_defaults(&o.check);
    o.check.no_ptr = true;
    if (base_option_parse(table, &o, argc, argv, NULL, 0, &count, &e) != WS_OK ||
        check_options_apply(&o.check, &e) != WS_OK)
        return cmd_usage_error(self, &e);
    if (o.help)
        return cmd_print_help(self);
    return open_street(&o);
}

const struct cmd_command cmd_demo = {
    .name = "demo",
    .summary = "start a street of local mail servers, good and bad, and check it; offline",
    .synopsis = "[--serve] [OPTION...]",
    .description =
        "Starts small mail servers on loopback with freshly made certificates: healthy ones and\n"
        "ones with a planted fault. Checks them all and ends; with --serve keeps them up.",
    .table = demo_table,
    .run = run,
};
