/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CONNECT_OPTIONS_H
#define WAXSEAL_CONNECT_OPTIONS_H

#include "base/option.h"
#include "client/client.h"
#include "dns/resolver.h"
#include "mail/dialogue.h"

/* The values behind the option table of `connect`: those of `openssl s_client` under its names, and
 * our own. */
struct connect_options {
    /* where */
    const char *connect, *host, *unix_path, *bind, *proxy, *proxy_user, *proxy_pass;
    unsigned port;
    bool only_ipv4, only_ipv6;
    int starttls; /* enum facts_protocol; -1 not given */
    int protocol; /* the same */
    bool implicit_tls;
    const char *helo;
    struct base_option_list resolvers;
    const char *hosts_file;
    base_usec connect_timeout, handshake_timeout, dns_timeout, reply_timeout;
    struct mail_timeouts timeouts;

    /* TLS */
    const char *servername;
    bool no_servername;
    bool tls1, tls1_1, tls1_2, tls1_3;
    struct base_option_pairs settings, checks;
    const char *verify;
    const char *pass;
    struct base_option_list crls, dane_records;
    const char *alias_ca_file, *alias_ca_dir; /* -verifyCAfile, -verifyCApath */
    const char *early_data;
    struct client_wish wish;
    bool reconnect;
    const char *session_out;

    /* what to show */
    bool brief, full, show_certs, quiet, prexit, state, messages, trace, debug, debug_bytes;
    bool tls_extensions, security, security_verbose;
    const char *message_file;
    bool no_explain, timing, json, ascii;
    int colour;
    unsigned columns, verbose;
    const char *save_hello, *show_hello;

    /* the conversation */
    bool crlf, ignore_eof, no_ignore_eof, no_commands, no_interactive, s_client;
    struct base_option_list expect;
    const char *auth_user, *history;
    bool help;

    /* ignored, since there is nothing left to choose: s_client's I/O modes */
    bool nbio, nbio_test, async, adv;

    /* settled by connect_options_apply */
    struct client_setting setting_items[BASE_OPTION_PAIRS_MAX];
    struct client_setting check_items[BASE_OPTION_PAIRS_MAX];
    bool as_s_client; /* s_client's own way of talking was asked for by one of its options */
    char pass_text[1024];
    char proxy_pass_text[256];
};

const struct base_option *connect_option_table(void);
/* What the rows that go into the wish are called, for client_wish.option_names. */
const char *const *connect_option_names(void);
void connect_options_defaults(struct connect_options *o);
/* Refuses what does not go together and fills `wish`. Pointers into `o` are kept. */
WS_MUST_USE enum ws_err connect_options_apply(struct connect_options *o, struct base_error *e);

#endif
