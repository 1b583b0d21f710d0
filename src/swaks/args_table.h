/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SWAKS_ARGS_TABLE_H
#define WAXSEAL_SWAKS_ARGS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

/* The option table: one row for each option of swaks, in the order in which swaks lists them in
 * "Cmd Line", then our own. It feeds parsing, prompts, --dump, the manual and completion. */

enum swaks_option_id {
    SWAKS_OPT_CONFIG,
    SWAKS_OPT_FROM,
    SWAKS_OPT_TO,
    SWAKS_OPT_CC,
    SWAKS_OPT_BCC,
    SWAKS_OPT_HELO,
    SWAKS_OPT_SERVER,
    SWAKS_OPT_4,
    SWAKS_OPT_6,
    SWAKS_OPT_COPY_ROUTING,
    SWAKS_OPT_PORT,
    SWAKS_OPT_PROTOCOL,
    SWAKS_OPT_DATA,
    SWAKS_OPT_DUMP_AS_BODY,
    SWAKS_OPT_DUMP_AS_BODY_SHOWS_PASSWORD,
    SWAKS_OPT_TIMEOUT,
    SWAKS_OPT_QUIT_AFTER,
    SWAKS_OPT_DROP_AFTER,
    SWAKS_OPT_DROP_AFTER_SEND,
    SWAKS_OPT_SUPPRESS_DATA,
    SWAKS_OPT_AUTH,
    SWAKS_OPT_AUTH_USER,
    SWAKS_OPT_AUTH_PASSWORD,
    SWAKS_OPT_AUTH_MAP,
    SWAKS_OPT_AUTH_EXTRA,
    SWAKS_OPT_AUTH_HIDE_PASSWORD,
    SWAKS_OPT_AUTH_PLAINTEXT,
    SWAKS_OPT_AUTH_OPTIONAL,
    SWAKS_OPT_AUTH_OPTIONAL_STRICT,
    SWAKS_OPT_SUPPORT,
    SWAKS_OPT_LOCAL_INTERFACE,
    SWAKS_OPT_LOCAL_PORT,
    SWAKS_OPT_TLS,
    SWAKS_OPT_TLS_OPTIONAL,
    SWAKS_OPT_TLS_OPTIONAL_STRICT,
    SWAKS_OPT_TLS_ON_CONNECT,
    SWAKS_OPT_TLS_CERT,
    SWAKS_OPT_TLS_KEY,
    SWAKS_OPT_TLS_CHAIN,
    SWAKS_OPT_TLS_PROTOCOL,
    SWAKS_OPT_TLS_CIPHER,
    SWAKS_OPT_TLS_GET_PEER_CERT,
    SWAKS_OPT_TLS_GET_PEER_CHAIN,
    SWAKS_OPT_TLS_SNI,
    SWAKS_OPT_TLS_VERIFY,
    SWAKS_OPT_TLS_VERIFY_CA,
    SWAKS_OPT_TLS_VERIFY_HOST,
    SWAKS_OPT_TLS_VERIFY_TARGET,
    SWAKS_OPT_TLS_CA_PATH,
    SWAKS_OPT_SILENT,
    SWAKS_OPT_NO_STRIP_FROM,
    SWAKS_OPT_NO_HINTS,
    SWAKS_OPT_NO_SEND_HINTS,
    SWAKS_OPT_NO_RECEIVE_HINTS,
    SWAKS_OPT_NO_INFO_HINTS,
    SWAKS_OPT_HIDE_RECEIVE,
    SWAKS_OPT_HIDE_SEND,
    SWAKS_OPT_PROTECT_PROMPT,
    SWAKS_OPT_HIDE_INFORMATIONAL,
    SWAKS_OPT_HIDE_ALL,
    SWAKS_OPT_SHOW_TIME_LAPSE,
    SWAKS_OPT_NO_DATA_FIXUP,
    SWAKS_OPT_SHOW_RAW_TEXT,
    SWAKS_OPT_OUTPUT,
    SWAKS_OPT_OUTPUT_FILE_STDOUT,
    SWAKS_OPT_OUTPUT_FILE_STDERR,
    SWAKS_OPT_SOCKET,
    SWAKS_OPT_PIPE,
    SWAKS_OPT_BODY,
    SWAKS_OPT_ATTACH,
    SWAKS_OPT_ATTACH_BODY,
    SWAKS_OPT_ATTACH_TYPE,
    SWAKS_OPT_ATTACH_NAME,
    SWAKS_OPT_ADD_HEADER,
    SWAKS_OPT_HEADER,
    SWAKS_OPT_DUMP,
    SWAKS_OPT_DUMP_MAIL,
    SWAKS_OPT_PIPELINE,
    SWAKS_OPT_PRDR,
    SWAKS_OPT_FORCE_GETPWUID,
    SWAKS_OPT_XCLIENT_ADDR,
    SWAKS_OPT_XCLIENT_NAME,
    SWAKS_OPT_XCLIENT_PORT,
    SWAKS_OPT_XCLIENT_PROTO,
    SWAKS_OPT_XCLIENT_DESTADDR,
    SWAKS_OPT_XCLIENT_DESTPORT,
    SWAKS_OPT_XCLIENT_HELO,
    SWAKS_OPT_XCLIENT_LOGIN,
    SWAKS_OPT_XCLIENT_REVERSE_NAME,
    SWAKS_OPT_XCLIENT_DELIM,
    SWAKS_OPT_XCLIENT,
    SWAKS_OPT_XCLIENT_OPTIONAL,
    SWAKS_OPT_XCLIENT_OPTIONAL_STRICT,
    SWAKS_OPT_XCLIENT_BEFORE_STARTTLS,
    SWAKS_OPT_XCLIENT_NO_VERIFY,
    SWAKS_OPT_PROXY,
    SWAKS_OPT_PROXY_VERSION,
    SWAKS_OPT_PROXY_FAMILY,
    SWAKS_OPT_PROXY_COMMAND,
    SWAKS_OPT_PROXY_PROTOCOL,
    SWAKS_OPT_PROXY_SOURCE,
    SWAKS_OPT_PROXY_SOURCE_PORT,
    SWAKS_OPT_PROXY_DEST,
    SWAKS_OPT_PROXY_DEST_PORT,
    SWAKS_OPT_VERSION,
    SWAKS_OPT_HELP,
    SWAKS_OPT_TRIGGER_DEPRECATION,
    /* ours from here on */
    SWAKS_OPT_MESSAGE,
    SWAKS_OPT_ATTACH_FILE,
    SWAKS_OPT_ATTACH_INLINE,
    SWAKS_OPT_BODY_CHARSET,
    SWAKS_OPT_ALL_MX,
    SWAKS_OPT_TRY_NEXT_MX,
    SWAKS_OPT_VIA_PROXY,
    SWAKS_OPT_RESOLVER,
    SWAKS_OPT_TRUST_ANCHOR,
    SWAKS_OPT_HOSTS,
    SWAKS_OPT_DSN_NOTIFY,
    SWAKS_OPT_DSN_RET,
    SWAKS_OPT_DSN_ENVID,
    SWAKS_OPT_DSN_ORCPT,
    SWAKS_OPT_SMTPUTF8,
    SWAKS_OPT_CHUNKING,
    SWAKS_OPT_REQUIRETLS,
    SWAKS_OPT_XFORWARD_NAME,
    SWAKS_OPT_XFORWARD_ADDR,
    SWAKS_OPT_XFORWARD_PORT,
    SWAKS_OPT_XFORWARD_PROTO,
    SWAKS_OPT_XFORWARD_HELO,
    SWAKS_OPT_XFORWARD_IDENT,
    SWAKS_OPT_XFORWARD_SOURCE,
    SWAKS_OPT_TLS_CIPHERSUITES,
    SWAKS_OPT_TLS_GROUPS,
    SWAKS_OPT_TLS_SIGALGS,
    SWAKS_OPT_TLS_ALPN,
    SWAKS_OPT_TLS_POLICY,
    SWAKS_OPT_NO_EXPLAIN,
    SWAKS_OPT_TLS_KEYLOG,
    SWAKS_OPT_TLS_SESSION_IN,
    SWAKS_OPT_TLS_SESSION_OUT,
    SWAKS_OPT_TLS_STATUS,
    SWAKS_OPT_AUTH_AUTHZID,
    SWAKS_OPT_LAX,
    SWAKS_OPT_JSON,
    SWAKS_OPT_EXPECT,
    SWAKS_OPT_REPEAT,
    SWAKS_OPT_CONCURRENCY,
    SWAKS_OPT_SCRIPT,
    SWAKS_OPT_SHOW_SECRETS,
    SWAKS_OPT_COUNT
};
#define SWAKS_OPT_FIRST_OURS SWAKS_OPT_MESSAGE

/* How the word after the option is taken, as Getopt::Long does it. */
enum swaks_arg {
    SWAKS_ARG_NONE,
    SWAKS_ARG_OPTIONAL, /* the next word unless it looks like an option */
    SWAKS_ARG_REQUIRED, /* the next word, whatever it is */
    SWAKS_ARG_NUMBER,   /* the next word when it is a whole number */
};

/* What an option means that was given without a value, or with an empty one. */
enum swaks_empty {
    SWAKS_EMPTY_FINE,
    SWAKS_EMPTY_ASK,  /* the user is asked, with `prompt` */
    SWAKS_EMPTY_ERROR /* "specified with no argument" */
};

/* Which answers to a prompt are taken; others: it is asked again. */
enum swaks_answer {
    SWAKS_ANSWER_FILLED,
    SWAKS_ANSWER_ANY,
    SWAKS_ANSWER_WORD,
    SWAKS_ANSWER_TIME,
    SWAKS_ANSWER_1_OR_2
};

/* Options that belong together keep the order in which they were given. */
enum swaks_group { SWAKS_GROUP_NONE, SWAKS_GROUP_ATTACH, SWAKS_GROUP_XCLIENT };

struct swaks_option {
    const char *names; /* without dashes, separated by spaces; the first is the canonical one */
    enum swaks_arg arg;
    enum swaks_empty empty;
    enum swaks_answer answer;
    enum swaks_group group;
    bool list;   /* may be given several times; all count */
    bool file;   /* "-", "@file", "@@text" are understood */
    bool secret; /* the value is hidden where secrets are */
    bool quiet;  /* not in the manual */
    const char *prompt;
    const char *value; /* name of the value in the manual */
    const char *help;
};

/* `id` below SWAKS_OPT_COUNT. */
const struct swaks_option *swaks_option_at(enum swaks_option_id id);
/* The canonical name, not NUL-terminated at its end: its length is in *len. */
const char *swaks_option_name(enum swaks_option_id id, size_t *len);

#endif
