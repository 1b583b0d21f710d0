/* SPDX-License-Identifier: Apache-2.0 */
/* args_help - the options in the order in which a person looks for them.
 */
#include "swaks/args_help.h"

#include "base/buf.h"
#include "swaks/args_table.h"

#include <string.h>

#define ROW_MAX 200
#define NAMES_MAX 16384
#define END SWAKS_OPT_COUNT

struct topic {
    const char *title;
    enum swaks_option_id options[32];
};

static const struct topic topics[] = {
    {"Who and where",
     {SWAKS_OPT_TO,
      SWAKS_OPT_CC,
      SWAKS_OPT_BCC,
      SWAKS_OPT_FROM,
      SWAKS_OPT_SERVER,
      SWAKS_OPT_PORT,
      SWAKS_OPT_COPY_ROUTING,
      SWAKS_OPT_ALL_MX,
      SWAKS_OPT_TRY_NEXT_MX,
      SWAKS_OPT_SOCKET,
      SWAKS_OPT_PIPE,
      SWAKS_OPT_4,
      SWAKS_OPT_6,
      SWAKS_OPT_LOCAL_INTERFACE,
      SWAKS_OPT_LOCAL_PORT,
      SWAKS_OPT_VIA_PROXY,
      SWAKS_OPT_RESOLVER,
      SWAKS_OPT_TRUST_ANCHOR,
      SWAKS_OPT_HOSTS,
      END}},
    {"The dialogue", {SWAKS_OPT_PROTOCOL,        SWAKS_OPT_HELO,
                      SWAKS_OPT_QUIT_AFTER,      SWAKS_OPT_DROP_AFTER,
                      SWAKS_OPT_DROP_AFTER_SEND, SWAKS_OPT_TIMEOUT,
                      SWAKS_OPT_PIPELINE,        SWAKS_OPT_PRDR,
                      SWAKS_OPT_SMTPUTF8,        SWAKS_OPT_CHUNKING,
                      SWAKS_OPT_REQUIRETLS,      SWAKS_OPT_DSN_NOTIFY,
                      SWAKS_OPT_DSN_RET,         SWAKS_OPT_DSN_ENVID,
                      SWAKS_OPT_DSN_ORCPT,       SWAKS_OPT_LAX,
                      SWAKS_OPT_SCRIPT,          SWAKS_OPT_EXPECT,
                      SWAKS_OPT_REPEAT,          SWAKS_OPT_CONCURRENCY,
                      SWAKS_OPT_FORCE_GETPWUID,  END}},
    {"TLS",
     {SWAKS_OPT_TLS,
      SWAKS_OPT_TLS_OPTIONAL,
      SWAKS_OPT_TLS_OPTIONAL_STRICT,
      SWAKS_OPT_TLS_ON_CONNECT,
      SWAKS_OPT_TLS_VERIFY,
      SWAKS_OPT_TLS_VERIFY_CA,
      SWAKS_OPT_TLS_VERIFY_HOST,
      SWAKS_OPT_TLS_VERIFY_TARGET,
      SWAKS_OPT_TLS_CA_PATH,
      SWAKS_OPT_TLS_POLICY,
      SWAKS_OPT_NO_EXPLAIN,
      SWAKS_OPT_TLS_SNI,
      SWAKS_OPT_TLS_PROTOCOL,
      SWAKS_OPT_TLS_CIPHER,
      SWAKS_OPT_TLS_CIPHERSUITES,
      SWAKS_OPT_TLS_GROUPS,
      SWAKS_OPT_TLS_SIGALGS,
      SWAKS_OPT_TLS_ALPN,
      SWAKS_OPT_TLS_CERT,
      SWAKS_OPT_TLS_KEY,
      SWAKS_OPT_TLS_CHAIN,
      SWAKS_OPT_TLS_GET_PEER_CERT,
      SWAKS_OPT_TLS_GET_PEER_CHAIN,
      SWAKS_OPT_TLS_STATUS,
      SWAKS_OPT_TLS_SESSION_IN,
      SWAKS_OPT_TLS_SESSION_OUT,
      SWAKS_OPT_TLS_KEYLOG,
      END}},
    {"Authentication",
     {SWAKS_OPT_AUTH, SWAKS_OPT_AUTH_OPTIONAL, SWAKS_OPT_AUTH_OPTIONAL_STRICT, SWAKS_OPT_AUTH_USER,
      SWAKS_OPT_AUTH_PASSWORD, SWAKS_OPT_AUTH_AUTHZID, SWAKS_OPT_AUTH_MAP, SWAKS_OPT_AUTH_EXTRA,
      SWAKS_OPT_AUTH_PLAINTEXT, SWAKS_OPT_AUTH_HIDE_PASSWORD, SWAKS_OPT_SHOW_SECRETS,
      SWAKS_OPT_PROTECT_PROMPT, END}},
    {"The message",
     {SWAKS_OPT_BODY, SWAKS_OPT_BODY_CHARSET, SWAKS_OPT_HEADER, SWAKS_OPT_ADD_HEADER,
      SWAKS_OPT_ATTACH, SWAKS_OPT_ATTACH_FILE, SWAKS_OPT_ATTACH_INLINE, SWAKS_OPT_ATTACH_BODY,
      SWAKS_OPT_ATTACH_TYPE, SWAKS_OPT_ATTACH_NAME, SWAKS_OPT_DATA, SWAKS_OPT_MESSAGE,
      SWAKS_OPT_NO_DATA_FIXUP, SWAKS_OPT_NO_STRIP_FROM, SWAKS_OPT_DUMP_AS_BODY,
      SWAKS_OPT_DUMP_AS_BODY_SHOWS_PASSWORD, END}},
    {"On behalf of another client: XCLIENT and XFORWARD",
     {SWAKS_OPT_XCLIENT_ADDR,
      SWAKS_OPT_XCLIENT_NAME,
      SWAKS_OPT_XCLIENT_PORT,
      SWAKS_OPT_XCLIENT_PROTO,
      SWAKS_OPT_XCLIENT_HELO,
      SWAKS_OPT_XCLIENT_LOGIN,
      SWAKS_OPT_XCLIENT_DESTADDR,
      SWAKS_OPT_XCLIENT_DESTPORT,
      SWAKS_OPT_XCLIENT_REVERSE_NAME,
      SWAKS_OPT_XCLIENT_DELIM,
      SWAKS_OPT_XCLIENT,
      SWAKS_OPT_XCLIENT_NO_VERIFY,
      SWAKS_OPT_XCLIENT_BEFORE_STARTTLS,
      SWAKS_OPT_XCLIENT_OPTIONAL,
      SWAKS_OPT_XCLIENT_OPTIONAL_STRICT,
      SWAKS_OPT_XFORWARD_NAME,
      SWAKS_OPT_XFORWARD_ADDR,
      SWAKS_OPT_XFORWARD_PORT,
      SWAKS_OPT_XFORWARD_PROTO,
      SWAKS_OPT_XFORWARD_HELO,
      SWAKS_OPT_XFORWARD_IDENT,
      SWAKS_OPT_XFORWARD_SOURCE,
      END}},
    {"PROXY protocol",
     {SWAKS_OPT_PROXY_VERSION, SWAKS_OPT_PROXY_FAMILY, SWAKS_OPT_PROXY_SOURCE,
      SWAKS_OPT_PROXY_SOURCE_PORT, SWAKS_OPT_PROXY_DEST, SWAKS_OPT_PROXY_DEST_PORT,
      SWAKS_OPT_PROXY_PROTOCOL, SWAKS_OPT_PROXY_COMMAND, SWAKS_OPT_PROXY, END}},
    {"Output",
     {SWAKS_OPT_SILENT, SWAKS_OPT_SUPPRESS_DATA, SWAKS_OPT_SHOW_TIME_LAPSE, SWAKS_OPT_SHOW_RAW_TEXT,
      SWAKS_OPT_HIDE_SEND, SWAKS_OPT_HIDE_RECEIVE, SWAKS_OPT_HIDE_INFORMATIONAL, SWAKS_OPT_HIDE_ALL,
      SWAKS_OPT_NO_SEND_HINTS, SWAKS_OPT_NO_RECEIVE_HINTS, SWAKS_OPT_NO_INFO_HINTS,
      SWAKS_OPT_NO_HINTS, SWAKS_OPT_OUTPUT, SWAKS_OPT_OUTPUT_FILE_STDOUT,
      SWAKS_OPT_OUTPUT_FILE_STDERR, SWAKS_OPT_JSON, END}},
    {"Instead of sending",
     {SWAKS_OPT_DUMP, SWAKS_OPT_DUMP_MAIL, SWAKS_OPT_SUPPORT, SWAKS_OPT_VERSION, SWAKS_OPT_HELP,
      SWAKS_OPT_CONFIG, END}},
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
static const char *shown_value(struct shelf *s, const struct swaks_option *o) {
    struct base_buf b;
    if (!o->value || o->arg == SWAKS_ARG_REQUIRED || o->empty != SWAKS_EMPTY_FINE)
        return o->value;
    base_buf_init(&b, NAMES_MAX);
    base_buf_printf(&b, "[%s]", o->value);
    const char *text = keep(s, base_buf_view(&b));
    base_buf_release(&b);
    return text;
}

static struct base_option show(struct shelf *s, enum swaks_option_id id) {
    const struct swaks_option *o = swaks_option_at(id);
    size_t len = strcspn(o->names, " ");
    const char *others = o->names + len;
    return (struct base_option){
        .kind = o->arg == SWAKS_ARG_NONE ? BASE_OPTION_FLAG : BASE_OPTION_STRING,
        .name = keep(s, base_bytes_view(o->names, len)),
        .aliases = *others ? others + 1 : NULL,
        .arg = shown_value(s, o),
        .help = o->help,
        .complete =
            o->value && (strstr(o->value, "FILE") || strstr(o->value, "PATH")) ? "file" : NULL,
    };
}

const struct base_option *swaks_option_table(void) {
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
