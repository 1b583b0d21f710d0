/* SPDX-License-Identifier: Apache-2.0 */
/* connect_options - what the values of the option table mean together. */
#include "connect/options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void connect_options_defaults(struct connect_options *o) {
    *o = (struct connect_options){
        .connect_timeout = 10 * BASE_SECOND,
        .handshake_timeout = 20 * BASE_SECOND,
        .dns_timeout = 10 * BASE_SECOND,
        .reply_timeout = 300 * BASE_SECOND,
        .timeouts = {.greeting = 30 * BASE_SECOND,
                     .command = 30 * BASE_SECOND,
                     .quit = 2 * BASE_SECOND},
        .starttls = -1,
        .protocol = -1,
        .wish = {.verify_depth = -1, .export_length = 20},
    };
}

/* --- what excludes what --- */

static unsigned count_true(const bool *flags, size_t n) {
    unsigned count = 0;
    for (size_t i = 0; i < n; i++)
        count += flags[i];
    return count;
}

static enum ws_err refuse_contradictions(const struct connect_options *o, struct base_error *e) {
    const bool versions[] = {o->tls1, o->tls1_1, o->tls1_2, o->tls1_3};
    const bool wheres[] = {o->connect != NULL, o->host != NULL, o->unix_path != NULL};
    if (count_true(versions, 4) > 1)
        return base_error_set(e, WS_USAGE,
                              "-tls1, -tls1_1, -tls1_2 and -tls1_3 exclude each other; for a range "
                              "give -min_protocol and -max_protocol");
    if (count_true(versions, 4) == 1)
        for (size_t i = 0; i < o->settings.count; i++)
            if (strncmp(o->settings.items[i].name, "no_tls1", 7) == 0)
                return base_error_set(e, WS_USAGE,
                                      "-%s does not go with -tls1 ... -tls1_3: cannot supply both "
                                      "a protocol and its exclusion",
                                      o->settings.items[i].name);
    if (count_true(wheres, 3) > 1)
        return base_error_set(e, WS_USAGE, "-connect, -host and -unix exclude each other");
    if (o->only_ipv4 && o->only_ipv6)
        return base_error_set(e, WS_USAGE, "-4 and -6 exclude each other");
    if (o->no_servername && o->servername)
        return base_error_set(e, WS_USAGE, "-servername and -noservername exclude each other");
    if (o->starttls >= 0 && o->implicit_tls)
        return base_error_set(e, WS_USAGE, "-starttls and --implicit-tls exclude each other");
    if (o->starttls >= 0 && o->protocol >= 0 && o->starttls != o->protocol)
        return base_error_set(e, WS_USAGE,
                              "-starttls and --protocol name different protocols; give one");
    if (o->proxy && o->unix_path)
        return base_error_set(e, WS_USAGE, "-proxy does not go with -unix");
    if (o->json && (o->brief || o->full))
        return base_error_set(e, WS_USAGE, "--json does not go with -brief or --full");
    if (o->dane_records.count > 0 && !o->wish.dane.domain)
        return base_error_set(e, WS_USAGE, "-dane_tlsa_rrdata needs -dane_tlsa_domain NAME");
    if (o->wish.dane.domain && o->dane_records.count == 0)
        return base_error_set(e, WS_USAGE,
                              "-dane_tlsa_domain needs at least one -dane_tlsa_rrdata RECORD");
    return WS_OK;
}

/* What goes into a command line of the protocol must not be able to add one. */
static enum ws_err refuse_unsafe_name(const char *option, const char *name, struct base_error *e) {
    if (!name)
        return WS_OK;
    if (!name[0])
        return base_error_set(e, WS_USAGE, "%s needs a name", option);
    if (strlen(name) > 255)
        return base_error_set(e, WS_USAGE, "%s: a name has at most 255 bytes", option);
    for (const char *p = name; *p; p++)
        if ((unsigned char)*p <= ' ' || *p == 0x7f)
            return base_error_set(
                e, WS_USAGE, "%s: the name must not hold spaces or control characters", option);
    return WS_OK;
}

/* --- pass phrases --- */

static enum ws_err read_first_line(int fd, const char *source, char *out, size_t size,
                                   struct base_error *e) {
    size_t len = 0;
    ssize_t n = 1;
    while (len + 1 < size && n > 0) {
        n = read(fd, out + len, 1);
        if (n < 0)
            return base_error_set(e, WS_USAGE, "pass phrase from %s: %s", source, strerror(errno));
        if (n == 1 && out[len] == '\n')
            break;
        len += (size_t)n;
    }
    if (len > 0 && out[len - 1] == '\r')
        len--;
    out[len] = '\0';
    return WS_OK;
}

static enum ws_err read_pass_file(const char *source, char *out, size_t size,
                                  struct base_error *e) {
    int fd = open(source + 5, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return base_error_set(e, WS_USAGE, "pass phrase from %s: %s", source, strerror(errno));
    enum ws_err err = read_first_line(fd, source, out, size, e);
    close(fd);
    return err;
}

static enum ws_err keep_pass(const char *text, const char *source, char *out, size_t size,
                             struct base_error *e) {
    if (!text)
        return base_error_set(e, WS_USAGE, "pass phrase from %s: it is not set", source);
    struct base_bytes b = base_bytes_of_str(text);
    if (b.len >= size)
        return base_error_set(e, WS_USAGE, "the pass phrase is longer than %zu bytes", size - 1);
    out[base_bytes_copy(out, size - 1, b)] = '\0';
    return WS_OK;
}

/* A pass phrase source as OpenSSL writes it: "pass:TEXT", "env:NAME", "file:PATH", "fd:N", "stdin".
 */
static enum ws_err read_pass(const char *source, char *out, size_t size, struct base_error *e) {
    uint64_t fd;
    if (strncmp(source, "pass:", 5) == 0)
        return keep_pass(source + 5, source, out, size, e);
    if (strncmp(source, "env:", 4) == 0)
        return keep_pass(getenv(source + 4), source, out, size, e);
    if (strncmp(source, "file:", 5) == 0)
        return read_pass_file(source, out, size, e);
    if (strcmp(source, "stdin") == 0)
        return read_first_line(STDIN_FILENO, source, out, size, e);
    if (strncmp(source, "fd:", 3) == 0 &&
        base_bytes_to_uint(base_bytes_of_str(source + 3), 1 << 20, &fd))
        return read_first_line((int)fd, source, out, size, e);
    return base_error_set(
        e, WS_USAGE, "a pass phrase is given as pass:TEXT, env:NAME, file:PATH, fd:N or stdin");
}

/* --- putting it together --- */

/* The library's name of an option that has an alias of ours is the first one of its row. */
static const struct client_setting *take_pairs(const struct base_option_pairs *pairs,
                                               struct client_setting *items,
                                               char spelled[BASE_OPTION_PAIRS_MAX][40]) {
    for (size_t i = 0; i < pairs->count; i++) {
        snprintf(spelled[i], 40, "-%s", pairs->items[i].name);
        items[i] = (struct client_setting){pairs->items[i].name, spelled[i], pairs->items[i].value};
    }
    return items;
}

static void take_version(const struct connect_options *o, struct client_wish *w) {
    const struct {
        bool given;
        uint16_t version;
        const char *option;
    } rows[] = {
        {o->tls1, 0x0301, "-tls1"},
        {o->tls1_1, 0x0302, "-tls1_1"},
        {o->tls1_2, 0x0303, "-tls1_2"},
        {o->tls1_3, 0x0304, "-tls1_3"},
    };
    for (size_t i = 0; i < 4; i++)
        if (rows[i].given) {
            w->min_version = w->max_version = rows[i].version;
            w->version_option = rows[i].option;
        }
}

static enum ws_err take_verify(struct connect_options *o, struct base_error *e) {
    uint64_t depth;
    if (!o->verify)
        return WS_OK;
    if (!base_bytes_to_uint(base_bytes_of_str(o->verify), 100000, &depth) || depth == 0)
        return base_error_set(e, WS_USAGE, "-verify: '%s' is not a depth; give a number such as 5",
                              o->verify);
    o->wish.verify = true;
    o->wish.verify_depth = (int)depth;
    return WS_OK;
}

static enum ws_err take_fragment_length(const struct connect_options *o, struct base_error *e) {
    unsigned n = o->wish.max_fragment_length;
    if (n == 0 || n == 512 || n == 1024 || n == 2048 || n == 4096)
        return WS_OK;
    return base_error_set(e, WS_USAGE, "-maxfraglen %u: give 512, 1024, 2048 or 4096", n);
}

static enum ws_err take_pass(struct connect_options *o, struct base_error *e) {
    if (!o->pass)
        return WS_OK;
    enum ws_err err = read_pass(o->pass, o->pass_text, sizeof o->pass_text, e);
    o->wish.pass = o->pass_text;
    return err;
}

static enum ws_err take_proxy_pass(struct connect_options *o, struct base_error *e) {
    if (!o->proxy_pass)
        return WS_OK;
    return read_pass(o->proxy_pass, o->proxy_pass_text, sizeof o->proxy_pass_text, e);
}

static void take_watch(struct connect_options *o) {
    struct client_watch *w = &o->wish.watch;
    w->state = o->state;
    w->messages = o->messages;
    w->extensions = o->tls_extensions;
    w->security = o->security || o->security_verbose;
    w->security_verbose = o->security_verbose;
}

enum ws_err connect_options_apply(struct connect_options *o, struct base_error *e) {
    static char setting_names[BASE_OPTION_PAIRS_MAX][40], check_names[BASE_OPTION_PAIRS_MAX][40];
    struct client_wish *w = &o->wish;
    enum ws_err err = refuse_contradictions(o, e);
    if (err == WS_OK)
        err = refuse_unsafe_name("-name", o->helo, e);
    if (err == WS_OK)
        err = refuse_unsafe_name("-servername", o->servername, e);
    if (err == WS_OK && o->auth_user && !o->auth_user[0])
        err = base_error_set(e, WS_USAGE, "--auth needs a user: --auth USER");
    if (err == WS_OK)
        err = take_verify(o, e);
    if (err == WS_OK)
        err = take_fragment_length(o, e);
    if (err == WS_OK)
        err = take_pass(o, e);
    if (err == WS_OK)
        err = take_proxy_pass(o, e);
    if (err != WS_OK)
        return err;
    w->option_names = connect_option_names();
    w->settings = take_pairs(&o->settings, o->setting_items, setting_names);
    w->setting_count = o->settings.count;
    w->checks = take_pairs(&o->checks, o->check_items, check_names);
    w->check_count = o->checks.count;
    w->crl_files = o->crls.items;
    w->crl_count = o->crls.count;
    w->dane.records = o->dane_records.items;
    w->dane.count = o->dane_records.count;
    if (o->alias_ca_file)
        w->ca_file = o->alias_ca_file;
    if (o->alias_ca_dir)
        w->ca_dir = o->alias_ca_dir;
    if (w->verify_return_error)
        w->verify = true;
    take_version(o, w);
    take_watch(o);
    o->as_s_client = o->s_client;
    return WS_OK;
}
