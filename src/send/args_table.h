/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_ARGS_TABLE_H
#define WAXSEAL_SEND_ARGS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

/* The option table: one row for each option of swaks, in the order in which swaks lists them in
 * "Cmd Line", then our own. It feeds parsing, prompts, --dump, the manual and completion. */

enum send_option_id {
    SEND_OPT_CONFIG,
    SEND_OPT_FROM,
    SEND_OPT_TO,
    SEND_OPT_CC,
    SEND_OPT_BCC,
    SEND_OPT_HELO,
    SEND_OPT_SERVER,
    SEND_OPT_4,
    SEND_OPT_6,
    SEND_OPT_COPY_ROUTING,
    SEND_OPT_PORT,
    SEND_OPT_PROTOCOL,
    SEND_OPT_DATA,
    SEND_OPT_DUMP_AS_BODY,
    SEND_OPT_DUMP_AS_BODY_SHOWS_PASSWORD,
    SEND_OPT_TIMEOUT,
    SEND_OPT_QUIT_AFTER,
    SEND_OPT_DROP_AFTER,
    SEND_OPT_DROP_AFTER_SEND,
    SEND_OPT_SUPPRESS_DATA,
    SEND_OPT_AUTH,
    SEND_OPT_AUTH_USER,
    SEND_OPT_AUTH_PASSWORD,
    SEND_OPT_AUTH_MAP,
    SEND_OPT_AUTH_EXTRA,
    SEND_OPT_AUTH_HIDE_PASSWORD,
    SEND_OPT_AUTH_PLAINTEXT,
    SEND_OPT_AUTH_OPTIONAL,
    SEND_OPT_AUTH_OPTIONAL_STRICT,
    SEND_OPT_SUPPORT,
    SEND_OPT_LOCAL_INTERFACE,
    SEND_OPT_LOCAL_PORT,
    SEND_OPT_TLS,
    SEND_OPT_TLS_OPTIONAL,
    SEND_OPT_TLS_OPTIONAL_STRICT,
    SEND_OPT_TLS_ON_CONNECT,
    SEND_OPT_TLS_CERT,
    SEND_OPT_TLS_KEY,
    SEND_OPT_TLS_CHAIN,
    SEND_OPT_TLS_PROTOCOL,
    SEND_OPT_TLS_CIPHER,
    SEND_OPT_TLS_GET_PEER_CERT,
    SEND_OPT_TLS_GET_PEER_CHAIN,
    SEND_OPT_TLS_SNI,
    SEND_OPT_TLS_VERIFY,
    SEND_OPT_TLS_VERIFY_CA,
    SEND_OPT_TLS_VERIFY_HOST,
    SEND_OPT_TLS_VERIFY_TARGET,
    SEND_OPT_TLS_CA_PATH,
    SEND_OPT_SILENT,
    SEND_OPT_NO_STRIP_FROM,
    SEND_OPT_NO_HINTS,
    SEND_OPT_NO_SEND_HINTS,
    SEND_OPT_NO_RECEIVE_HINTS,
    SEND_OPT_NO_INFO_HINTS,
    SEND_OPT_HIDE_RECEIVE,
    SEND_OPT_HIDE_SEND,
    SEND_OPT_PROTECT_PROMPT,
    SEND_OPT_HIDE_INFORMATIONAL,
    SEND_OPT_HIDE_ALL,
    SEND_OPT_SHOW_TIME_LAPSE,
    SEND_OPT_NO_DATA_FIXUP,
    SEND_OPT_SHOW_RAW_TEXT,
    SEND_OPT_OUTPUT,
    SEND_OPT_OUTPUT_FILE_STDOUT,
    SEND_OPT_OUTPUT_FILE_STDERR,
    SEND_OPT_SOCKET,
    SEND_OPT_PIPE,
    SEND_OPT_BODY,
    SEND_OPT_ATTACH,
    SEND_OPT_ATTACH_BODY,
    SEND_OPT_ATTACH_TYPE,
    SEND_OPT_ATTACH_NAME,
    SEND_OPT_ADD_HEADER,
    SEND_OPT_HEADER,
    SEND_OPT_DUMP,
    SEND_OPT_DUMP_MAIL,
    SEND_OPT_PIPELINE,
    SEND_OPT_PRDR,
    SEND_OPT_FORCE_GETPWUID,
    SEND_OPT_XCLIENT_ADDR,
    SEND_OPT_XCLIENT_NAME,
    SEND_OPT_XCLIENT_PORT,
    SEND_OPT_XCLIENT_PROTO,
    SEND_OPT_XCLIENT_DESTADDR,
    SEND_OPT_XCLIENT_DESTPORT,
    SEND_OPT_XCLIENT_HELO,
    SEND_OPT_XCLIENT_LOGIN,
    SEND_OPT_XCLIENT_REVERSE_NAME,
    SEND_OPT_XCLIENT_DELIM,
    SEND_OPT_XCLIENT,
    SEND_OPT_XCLIENT_OPTIONAL,
    SEND_OPT_XCLIENT_OPTIONAL_STRICT,
    SEND_OPT_XCLIENT_BEFORE_STARTTLS,
    SEND_OPT_XCLIENT_NO_VERIFY,
    SEND_OPT_PROXY,
    SEND_OPT_PROXY_VERSION,
    SEND_OPT_PROXY_FAMILY,
    SEND_OPT_PROXY_COMMAND,
    SEND_OPT_PROXY_PROTOCOL,
    SEND_OPT_PROXY_SOURCE,
    SEND_OPT_PROXY_SOURCE_PORT,
    SEND_OPT_PROXY_DEST,
    SEND_OPT_PROXY_DEST_PORT,
    SEND_OPT_VERSION,
    SEND_OPT_HELP,
    SEND_OPT_TRIGGER_DEPRECATION,
    /* ours from here on */
    SEND_OPT_MESSAGE,
    SEND_OPT_ATTACH_FILE,
    SEND_OPT_ATTACH_INLINE,
    SEND_OPT_BODY_CHARSET,
    SEND_OPT_ALL_MX,
    SEND_OPT_TRY_NEXT_MX,
    SEND_OPT_VIA_PROXY,
    SEND_OPT_RESOLVER,
    SEND_OPT_TRUST_ANCHOR,
    SEND_OPT_HOSTS,
    SEND_OPT_DSN_NOTIFY,
    SEND_OPT_DSN_RET,
    SEND_OPT_DSN_ENVID,
    SEND_OPT_DSN_ORCPT,
    SEND_OPT_SMTPUTF8,
    SEND_OPT_CHUNKING,
    SEND_OPT_REQUIRETLS,
    SEND_OPT_XFORWARD_NAME,
    SEND_OPT_XFORWARD_ADDR,
    SEND_OPT_XFORWARD_PORT,
    SEND_OPT_XFORWARD_PROTO,
    SEND_OPT_XFORWARD_HELO,
    SEND_OPT_XFORWARD_IDENT,
    SEND_OPT_XFORWARD_SOURCE,
    SEND_OPT_TLS_CIPHERSUITES,
    SEND_OPT_TLS_GROUPS,
    SEND_OPT_TLS_SIGALGS,
    SEND_OPT_TLS_ALPN,
    SEND_OPT_TLS_POLICY,
    SEND_OPT_NO_EXPLAIN,
    SEND_OPT_TLS_KEYLOG,
    SEND_OPT_TLS_SESSION_IN,
    SEND_OPT_TLS_SESSION_OUT,
    SEND_OPT_TLS_STATUS,
    SEND_OPT_AUTH_AUTHZID,
    SEND_OPT_LAX,
    SEND_OPT_JSON,
    SEND_OPT_EXPECT,
    SEND_OPT_REPEAT,
    SEND_OPT_CONCURRENCY,
    SEND_OPT_SCRIPT,
    SEND_OPT_SHOW_SECRETS,
    SEND_OPT_COUNT
};
#define SEND_OPT_FIRST_OURS SEND_OPT_MESSAGE

/* How the word after the option is taken, as Getopt::Long does it. */
enum send_arg {
    SEND_ARG_NONE,
    SEND_ARG_OPTIONAL, /* the next word unless it looks like an option */
    SEND_ARG_REQUIRED, /* the next word, whatever it is */
    SEND_ARG_NUMBER,   /* the next word when it is a whole number */
};

/* What an option means that was given without a value, or with an empty one. */
enum send_empty {
    SEND_EMPTY_FINE,
    SEND_EMPTY_ASK,  /* the user is asked, with `prompt` */
    SEND_EMPTY_ERROR /* "specified with no argument" */
};

/* Which answers to a prompt are taken; others: it is asked again. */
enum send_answer {
    SEND_ANSWER_FILLED,
    SEND_ANSWER_ANY,
    SEND_ANSWER_WORD,
    SEND_ANSWER_TIME,
    SEND_ANSWER_1_OR_2
};

/* Options that belong together keep the order in which they were given. */
enum send_group { SEND_GROUP_NONE, SEND_GROUP_ATTACH, SEND_GROUP_XCLIENT };

struct send_option {
    const char *names; /* without dashes, separated by spaces; the first is the canonical one */
    enum send_arg arg;
    enum send_empty empty;
    enum send_answer answer;
    enum send_group group;
    bool list;   /* may be given several times; all count */
    bool file;   /* "-", "@file", "@@text" are understood */
    bool secret; /* the value is hidden where secrets are */
    bool quiet;  /* not in the manual */
    const char *prompt;
    const char *value; /* name of the value in the manual */
    const char *help;
};

/* `id` below SEND_OPT_COUNT. */
const struct send_option *send_option_at(enum send_option_id id);
/* The canonical name, not NUL-terminated at its end: its length is in *len. */
const char *send_option_name(enum send_option_id id, size_t *len);

#endif
