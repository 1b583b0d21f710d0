/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CHECK_OPTIONS_H
#define WAXSEAL_CHECK_OPTIONS_H

#include "base/option.h"
#include "check/check.h"

enum check_colour { CHECK_COLOUR_AUTO, CHECK_COLOUR_ALWAYS, CHECK_COLOUR_NEVER };

/* The values behind the option table of `check`; the library and the command share them. */
struct check_options {
    struct check_config config; /* what the engine is told; the rest is for who makes its tools */
    struct dns_config dns;
    const char *ca_file;
    const char *ca_dir;
    struct base_option_list targets_given;
    const char *targets_file; /* of them, by check_options_apply; "-": standard input; NULL: none */
    struct base_option_list resolvers;
    struct base_option_list mx;
    int protocol;
    bool implicit_tls;
    bool starttls;
    bool no_mx;
    bool only_ipv4;
    bool only_ipv6;
    bool no_ptr;
    bool no_sni;
    unsigned port;
    unsigned expiring_days;
    bool json;
    bool jsonl;
    int colour;
    bool ascii;
    unsigned columns; /* 0: of the terminal, at most 80 */
    unsigned verbose;
    bool debug;
    bool debug_bytes;
    bool help;
};

/* Ends with BASE_OPTION_END. */
const struct base_option *check_option_table(void);
void check_options_defaults(struct check_options *o);
/* Turns the values into `config`, refusing what does not go together. Pointers into `o` are kept:
 * it must stay where it is. */
WS_MUST_USE enum ws_err check_options_apply(struct check_options *o, struct base_error *e);

#endif
