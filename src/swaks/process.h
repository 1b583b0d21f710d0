/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SWAKS_PROCESS_H
#define WAXSEAL_SWAKS_PROCESS_H

#include "message/message.h"
#include "send/exit.h"
#include "send/plan.h"
#include "send/transcript.h"
#include "swaks/layers.h"
#include "swaks/prompt.h"
#include "swaks/proxy.h"

/* Options resolved: each value checked, asked for or filled in, in swaks' order and with its
 * messages. */

/* A list of texts. */
struct swaks_texts {
    const char **items;
    size_t count;
    size_t cap;
};

void swaks_texts_add(struct swaks_texts *t, struct base_arena *arena, const char *text);
/* Splits at commas with white space around them; empty elements at the end are left out. */
void swaks_texts_split(struct swaks_texts *t, struct base_arena *arena, const char *list);
const char *swaks_texts_join(const struct swaks_texts *t, struct base_arena *arena,
                             const char *between);
const char *swaks_text_lower(struct base_arena *arena, const char *s);
const char *swaks_text_upper(struct base_arena *arena, const char *s);

/* One word of --dump, in the order in which the sections are printed. */
enum swaks_section {
    SWAKS_SECTION_SUPPORT,
    SWAKS_SECTION_APP,
    SWAKS_SECTION_OUTPUT,
    SWAKS_SECTION_TRANSPORT,
    SWAKS_SECTION_PROTOCOL,
    SWAKS_SECTION_XCLIENT,
    SWAKS_SECTION_PROXY,
    SWAKS_SECTION_TLS,
    SWAKS_SECTION_AUTH,
    SWAKS_SECTION_DATA,
    SWAKS_SECTION_COUNT
};

/* What --auth-map and the built-in mechanisms come to: a mechanism and the names for it. */
struct swaks_auth_row {
    const char *type;
    struct swaks_texts aliases;
};

/* Everything that is known after resolution; texts live in the arena that was lent. */
struct swaks_settings {
    enum swaks_manner manner;
    struct base_arena *arena;
    const struct swaks_args *args;
    const char *program; /* argv[0] */
    const char *version; /* of X-Mailer and --version */
    const char *fqdn;
    int own_out, own_err; /* where to write unless an option names a file */

    struct send_plan plan;
    struct message_input message;
    struct send_beyond beyond;

    /* output */
    const char *out_name, *err_name; /* "STDOUT", a file's name */
    bool protect_prompt, dump_mail;
    bool error_seen; /* messages were written: --silent 1 talks from then on */
    bool dump_given;
    unsigned dump; /* 1 << enum swaks_section */

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
    struct swaks_proxy proxy;

    /* TLS */
    const char *tls_certificate, *tls_key, *tls_chain, *tls_cipher, *tls_ca_path, *tls_sni;
    const char *tls_peer_cert, *tls_peer_chain; /* "" none, "STDOUT" or a file's name */
    const char *tls_verify_target;
    struct swaks_texts tls_protocols; /* as typed */
    bool tls_protocols_negated;

    /* AUTH */
    struct swaks_auth_row *auth_rows; /* sorted by type */
    size_t auth_row_count;
    size_t auth_row_cap;
    struct swaks_texts auth_allowed; /* names to try, in order */
    struct swaks_texts auth_extras;  /* "KEY=value", sorted */
};

/* Resolves. On failure the messages have been written and the exit code is returned; else
 * SEND_EXIT_OK. `s` needs manner, arena, args, program, version, own_out, own_err set and is filled
 * in. */
enum send_exit swaks_process(struct swaks_settings *s, struct swaks_prompt *prompt);

/* Makes plan.proxy_header; false with an error when an attribute can't be written. */
bool swaks_process_proxy_header(struct swaks_settings *s, struct base_error *e);

#endif
