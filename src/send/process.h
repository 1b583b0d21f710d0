/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_PROCESS_H
#define WAXSEAL_SEND_PROCESS_H

#include "send/beyond.h"
#include "send/exit.h"
#include "send/layers.h"
#include "send/message.h"
#include "send/plan.h"
#include "send/prompt.h"
#include "send/proxy.h"
#include "send/transcript.h"

/* Options resolved: each value checked, asked for or filled in, in swaks' order and with its
 * messages. */

/* A list of texts. */
struct send_texts {
    const char **items;
    size_t count;
    size_t cap;
};

void send_texts_add(struct send_texts *t, struct base_arena *arena, const char *text);
/* Splits at commas with white space around them; empty elements at the end are left out. */
void send_texts_split(struct send_texts *t, struct base_arena *arena, const char *list);
const char *send_texts_join(const struct send_texts *t, struct base_arena *arena,
                            const char *between);
const char *send_text_lower(struct base_arena *arena, const char *s);
const char *send_text_upper(struct base_arena *arena, const char *s);

/* One word of --dump, in the order in which the sections are printed. */
enum send_section {
    SEND_SECTION_SUPPORT,
    SEND_SECTION_APP,
    SEND_SECTION_OUTPUT,
    SEND_SECTION_TRANSPORT,
    SEND_SECTION_PROTOCOL,
    SEND_SECTION_XCLIENT,
    SEND_SECTION_PROXY,
    SEND_SECTION_TLS,
    SEND_SECTION_AUTH,
    SEND_SECTION_DATA,
    SEND_SECTION_COUNT
};

/* What --auth-map and the built-in mechanisms come to: a mechanism and the names for it. */
struct send_auth_row {
    const char *type;
    struct send_texts aliases;
};

/* Everything that is known after resolution; texts live in the arena that was lent. */
struct send_settings {
    enum send_manner manner;
    struct base_arena *arena;
    const struct send_args *args;
    const char *program; /* argv[0] */
    const char *version; /* of X-Mailer and --version */
    const char *fqdn;
    int own_out, own_err; /* where to write unless an option names a file */

    struct send_plan plan;
    struct send_message_input message;
    struct send_beyond beyond;

    /* output */
    const char *out_name, *err_name; /* "STDOUT", a file's name */
    bool protect_prompt, dump_mail;
    bool error_seen; /* messages were written: --silent 1 talks from then on */
    bool dump_given;
    unsigned dump; /* 1 << enum send_section */

    /* transport and protocol */
    const char *copy_routing;  /* NULL not given */
    const char *protocol;      /* "esmtp", "smtp", "lmtp" */
    const char *to, *cc, *bcc; /* comma lists, "" none */
    const char *all_recipients;
    const char *quit_after, *drop_after, *drop_after_send; /* "" none */
    bool force_getpwuid, server_only;
    const char *timeout;  /* seconds, as typed where no unit was */
    const char *to_route; /* the domain whose MX is wanted; NULL: the server was named */

    /* PROXY */
    bool proxy_wanted;
    unsigned proxy_version;
    struct base_bytes proxy_raw; /* without its signature; data NULL: attributes */
    struct send_proxy proxy;

    /* TLS */
    const char *tls_certificate, *tls_key, *tls_chain, *tls_cipher, *tls_ca_path, *tls_sni;
    const char *tls_peer_cert, *tls_peer_chain; /* "" none, "STDOUT" or a file's name */
    const char *tls_verify_target;
    struct send_texts tls_protocols; /* as typed */
    bool tls_protocols_negated;

    /* AUTH */
    struct send_auth_row *auth_rows; /* sorted by type */
    size_t auth_row_count;
    size_t auth_row_cap;
    struct send_texts auth_allowed; /* names to try, in order */
    struct send_texts auth_extras;  /* "KEY=value", sorted */
};

/* Resolves. On failure the messages have been written and the exit code is returned; else
 * SEND_EXIT_OK. `s` needs manner, arena, args, program, version, own_out, own_err set and is filled
 * in. */
enum send_exit send_process(struct send_settings *s, struct send_prompt *prompt);

/* Makes plan.proxy_header; false with an error when an attribute can't be written. */
bool send_process_proxy_header(struct send_settings *s, struct base_error *e);

/* This machine's name as a mail client gives it: the canonical one that the system knows. */
const char *send_process_own_name(struct base_arena *arena);

#endif
