/* SPDX-License-Identifier: Apache-2.0 */
/* check_options - the option table of `waxseal check`, and what its values mean together.
 *
 * One table feeds parsing, --help, the man page and completion. */
#include "check/options.h"

#include <stddef.h>
#include <string.h>

#define AT(field) offsetof(struct check_options, field)

static const char *const protocols[] = {"smtp", "lmtp", "imap", "pop3", "sieve", NULL};
static const char *const colours[] = {"auto", "always", "never", NULL};

static const struct base_option table[] = {
    {.kind = BASE_OPTION_HEADING, .help = "What to look at"},
    {.kind = BASE_OPTION_LIST,
     .name = "targets",
     .arg = "FILE",
     .offset = AT(targets_given),
     .help = "further targets, one a line, read as they are needed; - is standard input; blank "
             "lines and what follows a # are passed over",
     .complete = "file"},
    {.kind = BASE_OPTION_UINT,
     .letter = 'p',
     .name = "port",
     .arg = "PORT",
     .offset = AT(port),
     .min = 1,
     .max = 65535,
     .help = "port for targets that name none (25)"},
    {.kind = BASE_OPTION_CHOICE,
     .name = "protocol",
     .arg = "NAME",
     .offset = AT(protocol),
     .choices = protocols,
     .help = "smtp (default; submission too), lmtp, imap, pop3 or sieve"},
    {.kind = BASE_OPTION_FLAG,
     .name = "implicit-tls",
     .offset = AT(implicit_tls),
     .help = "TLS from the first byte; the default on ports 465, 993 and 995"},
    {.kind = BASE_OPTION_FLAG,
     .name = "starttls",
     .offset = AT(starttls),
     .help = "STARTTLS even on ports 465, 993 and 995"},
    {.kind = BASE_OPTION_FLAG,
     .name = "no-mx",
     .offset = AT(no_mx),
     .help = "targets are hosts: ask for addresses, not for MX records"},
    {.kind = BASE_OPTION_LIST,
     .name = "mx",
     .arg = "HOST",
     .offset = AT(mx),
     .help = "use this MX host and skip the MX lookup; may be given several times",
     .complete = "host"},
    {.kind = BASE_OPTION_FLAG,
     .letter = '4',
     .name = "ipv4",
     .offset = AT(only_ipv4),
     .help = "IPv4 addresses only"},
    {.kind = BASE_OPTION_FLAG,
     .letter = '6',
     .name = "ipv6",
     .offset = AT(only_ipv6),
     .help = "IPv6 addresses only"},

    {.kind = BASE_OPTION_HEADING, .help = "Who we say we are"},
    {.kind = BASE_OPTION_STRING,
     .name = "helo",
     .aliases = "ehlo",
     .arg = "NAME",
     .offset = AT(config.helo),
     .help = "name given in EHLO (this machine's full name)"},
    {.kind = BASE_OPTION_STRING,
     .name = "source",
     .arg = "ADDR",
     .offset = AT(config.source),
     .help = "local address to connect from"},
    {.kind = BASE_OPTION_STRING,
     .name = "sni",
     .arg = "NAME",
     .offset = AT(config.sni),
     .help = "server name sent in the TLS handshake (the MX host)"},
    {.kind = BASE_OPTION_FLAG,
     .name = "no-sni",
     .offset = AT(no_sni),
     .help = "send no server name"},

    {.kind = BASE_OPTION_HEADING, .help = "What to trust"},
    {.kind = BASE_OPTION_STRING,
     .name = "verify-name",
     .arg = "NAME",
     .offset = AT(config.verify_name),
     .help = "name that the certificate must bear (the MX host); also sent as server name unless "
             "--sni says otherwise"},
    {.kind = BASE_OPTION_STRING,
     .name = "ca-file",
     .arg = "FILE",
     .offset = AT(ca_file),
     .help = "PEM file of trusted roots instead of the system's",
     .complete = "file"},
    {.kind = BASE_OPTION_STRING,
     .name = "ca-dir",
     .arg = "DIR",
     .offset = AT(ca_dir),
     .help = "hashed directory of trusted roots instead of the system's",
     .complete = "dir"},
    {.kind = BASE_OPTION_UINT,
     .name = "expiring-days",
     .arg = "DAYS",
     .offset = AT(expiring_days),
     .min = 0,
     .max = 3650,
     .help = "report certificates with fewer days left than this (21)"},

    {.kind = BASE_OPTION_HEADING, .help = "Names and addresses"},
    {.kind = BASE_OPTION_LIST,
     .name = "resolver",
     .arg = "ADDR",
     .offset = AT(resolvers),
     .help = "ask this DNS server (192.0.2.53, 127.0.0.1@5353) instead of the system's; may be "
             "given several times"},
    {.kind = BASE_OPTION_STRING,
     .name = "trust-anchor",
     .arg = "FILE",
     .offset = AT(dns.trust_anchor_file),
     .help = "DNSSEC trust anchor (Debian's root key)",
     .complete = "file"},
    {.kind = BASE_OPTION_STRING,
     .name = "hosts",
     .arg = "FILE",
     .offset = AT(dns.hosts_file),
     .help = "addresses of names, in the format of /etc/hosts, asked before DNS",
     .complete = "file"},
    {.kind = BASE_OPTION_FLAG,
     .name = "no-ptr",
     .offset = AT(no_ptr),
     .help = "do not ask for the names of addresses"},

    {.kind = BASE_OPTION_HEADING, .help = "Patience and pace"},
    {.kind = BASE_OPTION_SECONDS,
     .name = "connect-timeout",
     .arg = "TIME",
     .offset = AT(config.connect_timeout),
     .min = 0,
     .max = 3600,
     .help = "for a connection to come up (10s)"},
    {.kind = BASE_OPTION_SECONDS,
     .name = "greeting-timeout",
     .arg = "TIME",
     .offset = AT(config.timeouts.greeting),
     .min = 0,
     .max = 3600,
     .help = "for the greeting (30s: real servers delay it)"},
    {.kind = BASE_OPTION_SECONDS,
     .name = "command-timeout",
     .arg = "TIME",
     .offset = AT(config.timeouts.command),
     .min = 0,
     .max = 3600,
     .help = "for each reply after it (30s)"},
    {.kind = BASE_OPTION_SECONDS,
     .name = "handshake-timeout",
     .arg = "TIME",
     .offset = AT(config.handshake_timeout),
     .min = 0,
     .max = 3600,
     .help = "for the TLS handshake (20s)"},
    {.kind = BASE_OPTION_SECONDS,
     .name = "timeout",
     .arg = "TIME",
     .offset = AT(config.overall),
     .min = 0,
     .max = 86400,
     .help = "for one endpoint in all (120s)"},
    {.kind = BASE_OPTION_SECONDS,
     .name = "deadline",
     .arg = "TIME",
     .offset = AT(config.deadline),
     .min = 0,
     .max = 86400,
     .help = "for the whole run (none)"},
    {.kind = BASE_OPTION_SECONDS,
     .name = "dns-timeout",
     .arg = "TIME",
     .offset = AT(dns.timeout),
     .min = 0,
     .max = 3600,
     .help = "for one DNS question (10s)"},
    {.kind = BASE_OPTION_UINT,
     .name = "parallel",
     .arg = "N",
     .offset = AT(config.parallel),
     .min = 1,
     .max = 1000,
     .help = "connections at the same time (8)"},
    {.kind = BASE_OPTION_UINT,
     .name = "per-address",
     .arg = "N",
     .offset = AT(config.per_address),
     .min = 1,
     .max = 100,
     .help = "of these to one address (2)"},

    {.kind = BASE_OPTION_HEADING, .help = "What to print"},
    {.kind = BASE_OPTION_FLAG,
     .letter = 'j',
     .name = "json",
     .offset = AT(json),
     .help = "one JSON document for the run (docs/json.md)"},
    {.kind = BASE_OPTION_FLAG,
     .name = "jsonl",
     .offset = AT(jsonl),
     .help = "one JSON line per target as soon as it is complete, in whatever order"},
    {.kind = BASE_OPTION_CHOICE,
     .name = "color",
     .aliases = "colour",
     .arg = "WHEN",
     .offset = AT(colour),
     .choices = colours,
     .help = "auto (default: on a terminal, unless NO_COLOR is set), always or never"},
    {.kind = BASE_OPTION_FLAG,
     .name = "ascii",
     .offset = AT(ascii),
     .help = "plain ASCII, no symbols"},
    {.kind = BASE_OPTION_UINT,
     .name = "columns",
     .arg = "N",
     .offset = AT(columns),
     .min = 40,
     .max = 500,
     .help = "width of the text (80)"},
    {.kind = BASE_OPTION_COUNT,
     .letter = 'v',
     .name = "verbose",
     .offset = AT(verbose),
     .help = "every certificate, keyword and time; twice: log each step to stderr"},
    {.kind = BASE_OPTION_FLAG,
     .name = "debug",
     .offset = AT(debug),
     .help = "log every line and state transition to stderr"},
    {.kind = BASE_OPTION_FLAG,
     .name = "debug-bytes",
     .offset = AT(debug_bytes),
     .help = "log the bytes of the TLS handshake as well"},
    {.kind = BASE_OPTION_FLAG,
     .letter = 'h',
     .name = "help",
     .offset = AT(help),
     .help = "this help"},
    {.kind = BASE_OPTION_END},
};

const struct base_option *check_option_table(void) {
    return table;
}

void check_options_defaults(struct check_options *o) {
    *o = (struct check_options){
        .dns = {.ipv4 = true, .ipv6 = true, .ptr = true, .timeout = 10 * BASE_SECOND},
        .expiring_days = 21,
    };
    check_config_defaults(&o->config);
}

static enum ws_err refuse_contradictions(const struct check_options *o, struct base_error *e) {
    if (o->only_ipv4 && o->only_ipv6)
        return base_error_set(e, WS_USAGE,
                              "-4 and -6 exclude each other; leave both out to look "
                              "at all addresses");
    if (o->json && o->jsonl)
        return base_error_set(e, WS_USAGE, "--json and --jsonl exclude each other");
    if (o->implicit_tls && o->starttls)
        return base_error_set(e, WS_USAGE, "--implicit-tls and --starttls exclude each other");
    if (o->no_sni && o->config.sni)
        return base_error_set(e, WS_USAGE, "--sni and --no-sni exclude each other");
    if (o->no_mx && o->mx.count > 0)
        return base_error_set(e, WS_USAGE, "--mx and --no-mx exclude each other");
    if (o->protocol == FACTS_PROTOCOL_SIEVE && o->implicit_tls)
        return base_error_set(e, WS_USAGE,
                              "ManageSieve has no implicit TLS; leave out "
                              "--implicit-tls");
    return WS_OK;
}

/* What goes into a command line of the protocol must not be able to add one. */
static enum ws_err refuse_unsafe_names(const struct check_options *o, struct base_error *e) {
    const char *const names[] = {o->config.helo, o->config.sni, o->config.verify_name};
    static const char *const options[] = {"--helo", "--sni", "--verify-name"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!names[i])
            continue;
        if (!names[i][0])
            return base_error_set(e, WS_USAGE, "%s needs a name%s", options[i],
                                  i == 1 ? "; --no-sni sends none" : "");
        if (strlen(names[i]) > 255)
            return base_error_set(e, WS_USAGE, "%s: a name has at most 255 bytes", options[i]);
        for (const char *p = names[i]; *p; p++)
            if ((unsigned char)*p <= ' ' || *p == 0x7f)
                return base_error_set(e, WS_USAGE,
                                      "%s: the name must not hold spaces or control characters",
                                      options[i]);
    }
    return WS_OK;
}

enum ws_err check_options_apply(struct check_options *o, struct base_error *e) {
    enum ws_err err = refuse_contradictions(o, e);
    if (err == WS_OK)
        err = refuse_unsafe_names(o, e);
    if (err != WS_OK)
        return err;
    if (o->targets_given.count > 1)
        return base_error_set(e, WS_USAGE,
                              "--targets is given twice; join the lists: cat FILE... | waxseal "
                              "--targets -");
    o->targets_file = o->targets_given.count ? o->targets_given.items[0] : NULL;
    struct check_config *c = &o->config;
    c->target.protocol = (enum facts_protocol)o->protocol;
    c->target.implicit_tls = o->implicit_tls;
    c->target.implicit_tls_given = o->implicit_tls || o->starttls;
    c->target.port = o->port;
    c->target.no_mx = o->no_mx;
    o->dns.forwarders = o->resolvers.items;
    o->dns.forwarder_count = o->resolvers.count;
    o->dns.ipv4 = !o->only_ipv6;
    o->dns.ipv6 = !o->only_ipv4;
    o->dns.ptr = !o->no_ptr;
    c->mx_hosts = o->mx.items;
    c->mx_count = o->mx.count;
    c->expiring_days = (int)o->expiring_days;
    if (o->no_sni)
        c->sni = "";
    return WS_OK;
}
