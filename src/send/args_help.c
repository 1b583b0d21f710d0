/* SPDX-License-Identifier: Apache-2.0 */
/* send_args_help - the options in the order in which a person looks for them.
 */
#include "send/args_help.h"

#include "base/buf.h"
#include "send/args_table.h"

#include <string.h>

#define ROW_MAX 200
#define NAMES_MAX 16384
#define END SEND_OPT_COUNT

struct topic {
    const char *title;
    enum send_option_id options[32];
};

static const struct topic topics[] = {
    {"Who and where",
     {SEND_OPT_TO,
      SEND_OPT_CC,
      SEND_OPT_BCC,
      SEND_OPT_FROM,
      SEND_OPT_SERVER,
      SEND_OPT_PORT,
      SEND_OPT_COPY_ROUTING,
      SEND_OPT_ALL_MX,
      SEND_OPT_TRY_NEXT_MX,
      SEND_OPT_SOCKET,
      SEND_OPT_PIPE,
      SEND_OPT_4,
      SEND_OPT_6,
      SEND_OPT_LOCAL_INTERFACE,
      SEND_OPT_LOCAL_PORT,
      SEND_OPT_VIA_PROXY,
      SEND_OPT_RESOLVER,
      SEND_OPT_TRUST_ANCHOR,
      SEND_OPT_HOSTS,
      END}},
    {"The dialogue", {SEND_OPT_PROTOCOL,        SEND_OPT_HELO,
                      SEND_OPT_QUIT_AFTER,      SEND_OPT_DROP_AFTER,
                      SEND_OPT_DROP_AFTER_SEND, SEND_OPT_TIMEOUT,
                      SEND_OPT_PIPELINE,        SEND_OPT_PRDR,
                      SEND_OPT_SMTPUTF8,        SEND_OPT_CHUNKING,
                      SEND_OPT_REQUIRETLS,      SEND_OPT_DSN_NOTIFY,
                      SEND_OPT_DSN_RET,         SEND_OPT_DSN_ENVID,
                      SEND_OPT_DSN_ORCPT,       SEND_OPT_LAX,
                      SEND_OPT_SCRIPT,          SEND_OPT_EXPECT,
                      SEND_OPT_REPEAT,          SEND_OPT_CONCURRENCY,
                      SEND_OPT_FORCE_GETPWUID,  END}},
    {"TLS",
     {SEND_OPT_TLS,
      SEND_OPT_TLS_OPTIONAL,
      SEND_OPT_TLS_OPTIONAL_STRICT,
      SEND_OPT_TLS_ON_CONNECT,
      SEND_OPT_TLS_VERIFY,
      SEND_OPT_TLS_VERIFY_CA,
      SEND_OPT_TLS_VERIFY_HOST,
      SEND_OPT_TLS_VERIFY_TARGET,
      SEND_OPT_TLS_CA_PATH,
      SEND_OPT_TLS_POLICY,
      SEND_OPT_NO_EXPLAIN,
      SEND_OPT_TLS_SNI,
      SEND_OPT_TLS_PROTOCOL,
      SEND_OPT_TLS_CIPHER,
      SEND_OPT_TLS_CIPHERSUITES,
      SEND_OPT_TLS_GROUPS,
      SEND_OPT_TLS_SIGALGS,
      SEND_OPT_TLS_ALPN,
      SEND_OPT_TLS_CERT,
      SEND_OPT_TLS_KEY,
      SEND_OPT_TLS_CHAIN,
      SEND_OPT_TLS_GET_PEER_CERT,
      SEND_OPT_TLS_GET_PEER_CHAIN,
      SEND_OPT_TLS_STATUS,
      SEND_OPT_TLS_SESSION_IN,
      SEND_OPT_TLS_SESSION_OUT,
      SEND_OPT_TLS_KEYLOG,
      END}},
    {"Authentication",
     {SEND_OPT_AUTH, SEND_OPT_AUTH_OPTIONAL, SEND_OPT_AUTH_OPTIONAL_STRICT, SEND_OPT_AUTH_USER,
      SEND_OPT_AUTH_PASSWORD, SEND_OPT_AUTH_AUTHZID, SEND_OPT_AUTH_MAP, SEND_OPT_AUTH_EXTRA,
      SEND_OPT_AUTH_PLAINTEXT, SEND_OPT_AUTH_HIDE_PASSWORD, SEND_OPT_SHOW_SECRETS,
      SEND_OPT_PROTECT_PROMPT, END}},
    {"The message",
     {SEND_OPT_BODY, SEND_OPT_BODY_CHARSET, SEND_OPT_HEADER, SEND_OPT_ADD_HEADER, SEND_OPT_ATTACH,
      SEND_OPT_ATTACH_FILE, SEND_OPT_ATTACH_INLINE, SEND_OPT_ATTACH_BODY, SEND_OPT_ATTACH_TYPE,
      SEND_OPT_ATTACH_NAME, SEND_OPT_DATA, SEND_OPT_MESSAGE, SEND_OPT_NO_DATA_FIXUP,
      SEND_OPT_NO_STRIP_FROM, SEND_OPT_DUMP_AS_BODY, SEND_OPT_DUMP_AS_BODY_SHOWS_PASSWORD, END}},
    {"On behalf of another client: XCLIENT and XFORWARD",
     {SEND_OPT_XCLIENT_ADDR,
      SEND_OPT_XCLIENT_NAME,
      SEND_OPT_XCLIENT_PORT,
      SEND_OPT_XCLIENT_PROTO,
      SEND_OPT_XCLIENT_HELO,
      SEND_OPT_XCLIENT_LOGIN,
      SEND_OPT_XCLIENT_DESTADDR,
      SEND_OPT_XCLIENT_DESTPORT,
      SEND_OPT_XCLIENT_REVERSE_NAME,
      SEND_OPT_XCLIENT_DELIM,
      SEND_OPT_XCLIENT,
      SEND_OPT_XCLIENT_NO_VERIFY,
      SEND_OPT_XCLIENT_BEFORE_STARTTLS,
      SEND_OPT_XCLIENT_OPTIONAL,
      SEND_OPT_XCLIENT_OPTIONAL_STRICT,
      SEND_OPT_XFORWARD_NAME,
      SEND_OPT_XFORWARD_ADDR,
      SEND_OPT_XFORWARD_PORT,
      SEND_OPT_XFORWARD_PROTO,
      SEND_OPT_XFORWARD_HELO,
      SEND_OPT_XFORWARD_IDENT,
      SEND_OPT_XFORWARD_SOURCE,
      END}},
    {"PROXY protocol",
     {SEND_OPT_PROXY_VERSION, SEND_OPT_PROXY_FAMILY, SEND_OPT_PROXY_SOURCE,
      SEND_OPT_PROXY_SOURCE_PORT, SEND_OPT_PROXY_DEST, SEND_OPT_PROXY_DEST_PORT,
      SEND_OPT_PROXY_PROTOCOL, SEND_OPT_PROXY_COMMAND, SEND_OPT_PROXY, END}},
    {"Output",
     {SEND_OPT_SILENT, SEND_OPT_SUPPRESS_DATA, SEND_OPT_SHOW_TIME_LAPSE, SEND_OPT_SHOW_RAW_TEXT,
      SEND_OPT_HIDE_SEND, SEND_OPT_HIDE_RECEIVE, SEND_OPT_HIDE_INFORMATIONAL, SEND_OPT_HIDE_ALL,
      SEND_OPT_NO_SEND_HINTS, SEND_OPT_NO_RECEIVE_HINTS, SEND_OPT_NO_INFO_HINTS, SEND_OPT_NO_HINTS,
      SEND_OPT_OUTPUT, SEND_OPT_OUTPUT_FILE_STDOUT, SEND_OPT_OUTPUT_FILE_STDERR, SEND_OPT_JSON,
      END}},
    {"Instead of sending",
     {SEND_OPT_DUMP, SEND_OPT_DUMP_MAIL, SEND_OPT_SUPPORT, SEND_OPT_VERSION, SEND_OPT_HELP,
      SEND_OPT_CONFIG, END}},
};

/* The names of the table, taken apart. */
struct shelf {
    char text[NAMES_MAX];
    size_t used;
};

static const char *keep(struct shelf *s, struct base_bytes name) {
    char *at = s->text + s->used;
    if (s->used + name.len + 1 > NAMES_MAX)
        return "";
    base_bytes_copy(at, name.len, name);
    at[name.len] = '\0';
    s->used += name.len + 1;
    return at;
}

/* "[VALUE]" where the option makes sense without one. */
static const char *shown_value(struct shelf *s, const struct send_option *o) {
    struct base_buf b;
    if (!o->value || o->arg == SEND_ARG_REQUIRED || o->empty != SEND_EMPTY_FINE)
        return o->value;
    base_buf_init(&b, NAMES_MAX);
    base_buf_printf(&b, "[%s]", o->value);
    const char *text = keep(s, base_buf_view(&b));
    base_buf_release(&b);
    return text;
}

static struct base_option show(struct shelf *s, enum send_option_id id) {
    const struct send_option *o = send_option_at(id);
    size_t len = strcspn(o->names, " ");
    const char *others = o->names + len;
    return (struct base_option){
        .kind = o->arg == SEND_ARG_NONE ? BASE_OPTION_FLAG : BASE_OPTION_STRING,
        .name = keep(s, base_bytes_view(o->names, len)),
        .aliases = *others ? others + 1 : NULL,
        .arg = shown_value(s, o),
        .help = o->help,
        .complete =
            o->value && (strstr(o->value, "FILE") || strstr(o->value, "PATH")) ? "file" : NULL,
    };
}

const struct base_option *send_option_table(void) {
    static struct base_option rows[ROW_MAX]; /* made at the first call */
    static struct shelf shelf;
    size_t count = 0;
    if (rows[0].kind != BASE_OPTION_END)
        return rows;
    for (size_t t = 0; t < sizeof topics / sizeof *topics; t++) {
        rows[count++] = (struct base_option){.kind = BASE_OPTION_HEADING, .help = topics[t].title};
        for (size_t i = 0; topics[t].options[i] != END && count + 2 < ROW_MAX; i++)
            rows[count++] = show(&shelf, topics[t].options[i]);
    }
    return rows;
}
