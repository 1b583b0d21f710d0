/* SPDX-License-Identifier: Apache-2.0 */
/* net_proxy - the way through an HTTP or SOCKS5 proxy, as an engine around another.
 *
 * While the proxy is asked, bytes are its own; from its consent on everything passes through to the
 * inner engine, whose connection begins at that moment. A refusal, something that is no answer, a
 * close or silence is told to the inner engine as a connection that did not come about.
 *
 * RFC 9110 section 9.3.6 (CONNECT), RFC 7617 (Basic), RFC 1928 (SOCKS5), RFC 1929 (its passwords).
 * Limits: 16 KiB of answer. */
#include "net/proxy.h"

#include "base/base64.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX ((size_t)16 << 10)
#define TEXT_MAX 255u
#define HTTP_PORT 3128u
#define SOCKS_PORT 1080u

enum phase {
    PHASE_CONNECT,
    PHASE_HTTP,
    PHASE_METHOD,
    PHASE_LOGIN,
    PHASE_REPLY,
    PHASE_THROUGH,
    PHASE_FAILED
};

struct net_proxy {
    struct net_engine engine; /* first */
    struct net_proxy_config config;
    struct net_engine *inner;
    enum phase phase;
    struct base_buf out;
    struct base_buf answer;
    base_usec begun;
    base_usec deadline;
    double ms; /* to the proxy */
};

static struct net_proxy *proxy_of(struct net_engine *e) {
    return (struct net_proxy *)(void *)e;
}

static void fail(struct net_proxy *p, enum facts_connect_state state, const char *why,
                 base_usec now) {
    p->phase = PHASE_FAILED;
    base_buf_clear(&p->out);
    p->inner->ops->not_connected(p->inner, state, why, p->ms + base_clock_ms(now - p->begun), now);
}

/* Consent: what stands behind the answer is the server's already. */
static void pass_through(struct net_proxy *p, size_t answered, base_usec now) {
    p->phase = PHASE_THROUGH;
    base_buf_consume(&p->answer, answered);
    p->inner->ops->connected(p->inner, p->ms + base_clock_ms(now - p->begun), now);
    if (p->answer.len > 0 && !p->inner->ops->done(p->inner))
        p->inner->ops->received(p->inner, base_buf_view(&p->answer), now);
    base_buf_clear(&p->answer);
}

/* --- HTTP --- */

static void ask_http(struct net_proxy *p) {
    const struct net_proxy_config *c = &p->config;
    const char *open = strchr(c->host, ':') ? "[" : "", *close = open[0] ? "]" : "";
    base_buf_printf(&p->out, "CONNECT %s%s%s:%u HTTP/1.1\r\nHost: %s%s%s:%u\r\n", open, c->host,
                    close, c->port, open, c->host, close, c->port);
    if (c->user) {
        struct base_buf plain;
        base_buf_init(&plain, 1024);
        base_buf_printf(&plain, "%s:%s", c->user, c->secret ? c->secret : "");
        base_buf_append_str(&p->out, "Proxy-Authorization: Basic ");
        base_base64_encode(&p->out, base_buf_view(&plain));
        base_buf_append_str(&p->out, "\r\n");
        base_buf_release(&plain);
    }
    base_buf_append_str(&p->out, "\r\n");
    p->phase = PHASE_HTTP;
}

static void refuse_http(struct net_proxy *p, struct base_bytes line, base_usec now) {
    struct base_buf why;
    base_buf_init(&why, 4 * TEXT_MAX + 64);
    base_buf_append_str(&why, "the proxy answered ");
    base_text_escape(&why, base_bytes_slice(line, 0, TEXT_MAX / 2));
    fail(p, FACTS_CONNECT_REFUSED, base_buf_cstr(&why), now);
    base_buf_release(&why);
}

/* "HTTP/1.1 200 OK", headers, an empty line. */
static void read_http(struct net_proxy *p, base_usec now) {
    struct base_bytes in = base_buf_view(&p->answer);
    size_t end = base_bytes_find_str(in, "\r\n\r\n"), bare = base_bytes_find_str(in, "\n\n");
    if (!base_bytes_starts_with_nocase(in, "HTTP/") && in.len >= 5) {
        fail(p, FACTS_CONNECT_ERROR, "what answers there is no HTTP proxy", now);
        return;
    }
    if (end == in.len && bare == in.len)
        return;
    struct base_bytes line = base_bytes_slice(in, 0, base_bytes_find(in, '\n'));
    line = base_bytes_slice(line, 0, base_bytes_find(line, '\r'));
    size_t space = base_bytes_find(line, ' ');
    struct base_bytes code = base_bytes_slice(line, space + 1, 3);
    if (code.len == 3 && code.data[0] == '2')
        pass_through(p, end < bare ? end + 4 : bare + 2, now);
    else
        refuse_http(p, line, now);
}

/* --- SOCKS5 --- */

static void ask_socks(struct net_proxy *p) {
    static const uint8_t open[] = {5, 1, 0}, with_password[] = {5, 2, 0, 2};
    if (p->config.user)
        base_buf_append(&p->out, with_password, sizeof with_password);
    else
        base_buf_append(&p->out, open, sizeof open);
    p->phase = PHASE_METHOD;
}

static void append_text(struct base_buf *out, const char *text) {
    struct base_bytes b = base_bytes_of_str(text);
    base_buf_append_byte(out, (uint8_t)b.len);
    base_buf_append_bytes(out, b);
}

static void send_login(struct net_proxy *p) {
    base_buf_append_byte(&p->out, 1);
    append_text(&p->out, p->config.user);
    append_text(&p->out, p->config.secret ? p->config.secret : "");
    p->phase = PHASE_LOGIN;
}

static void send_request(struct net_proxy *p) {
    static const uint8_t connect[] = {5, 1, 0};
    uint8_t address[16];
    base_buf_append(&p->out, connect, sizeof connect);
    if (inet_pton(AF_INET, p->config.host, address) == 1) {
        base_buf_append_byte(&p->out, 1);
        base_buf_append(&p->out, address, 4);
    } else if (inet_pton(AF_INET6, p->config.host, address) == 1) {
        base_buf_append_byte(&p->out, 4);
        base_buf_append(&p->out, address, 16);
    } else {
        base_buf_append_byte(&p->out, 3);
        append_text(&p->out, p->config.host);
    }
    base_buf_append_byte(&p->out, (uint8_t)(p->config.port >> 8));
    base_buf_append_byte(&p->out, (uint8_t)(p->config.port & 0xff));
    p->phase = PHASE_REPLY;
}

static void read_method(struct net_proxy *p, base_usec now) {
    struct base_bytes in = base_buf_view(&p->answer);
    if (in.len > 0 && in.data[0] != 5) {
        fail(p, FACTS_CONNECT_ERROR, "what answers there is no SOCKS5 proxy", now);
        return;
    }
    if (in.len < 2)
        return;
    uint8_t method = in.data[1];
    base_buf_consume(&p->answer, 2);
    if (method == 0)
        send_request(p);
    else if (method == 2 && p->config.user)
        send_login(p);
    else
        fail(p, FACTS_CONNECT_REFUSED,
             p->config.user ? "the proxy takes neither no password nor this kind of one"
                            : "the proxy wants a user name and a password",
             now);
}

static void read_login(struct net_proxy *p, base_usec now) {
    struct base_bytes in = base_buf_view(&p->answer);
    if (in.len < 2)
        return;
    bool taken = in.data[1] == 0;
    base_buf_consume(&p->answer, 2);
    if (taken)
        send_request(p);
    else
        fail(p, FACTS_CONNECT_REFUSED, "the proxy does not accept the user name and password", now);
}

static const char *socks_reason(uint8_t code) {
    static const char *const reasons[] = {
        NULL,
        "the proxy failed (SOCKS code 1)",
        "the proxy's rules do not allow this connection (SOCKS code 2)",
        "the proxy finds the network unreachable (SOCKS code 3)",
        "the proxy finds the server unreachable (SOCKS code 4)",
        "the server refused the proxy's connection (SOCKS code 5)",
        "the proxy's connection timed out (SOCKS code 6)",
        "the proxy knows no CONNECT (SOCKS code 7)",
        "the proxy knows no such kind of address (SOCKS code 8)",
    };
    return code < sizeof reasons / sizeof reasons[0] ? reasons[code]
                                                     : "the proxy refused (unknown SOCKS code)";
}

/* version, code, 0, kind of address, address, port */
static void read_reply(struct net_proxy *p, base_usec now) {
    struct base_bytes in = base_buf_view(&p->answer);
    if (in.len < 5)
        return;
    size_t address = in.data[3] == 1 ? 4 : in.data[3] == 4 ? 16 : 1u + in.data[4];
    if (in.data[1] != 0)
        fail(p,
             in.data[1] == 6                      ? FACTS_CONNECT_TIMEOUT
             : in.data[1] == 3 || in.data[1] == 4 ? FACTS_CONNECT_UNREACHABLE
                                                  : FACTS_CONNECT_REFUSED,
             socks_reason(in.data[1]), now);
    else if (in.len >= 4 + address + 2)
        pass_through(p, 4 + address + 2, now);
}

/* --- the driver's side --- */

static void read_answer(struct net_proxy *p, base_usec now) {
    enum phase before;
    do {
        before = p->phase;
        switch (p->phase) {
        case PHASE_HTTP:
            read_http(p, now);
            break;
        case PHASE_METHOD:
            read_method(p, now);
            break;
        case PHASE_LOGIN:
            read_login(p, now);
            break;
        case PHASE_REPLY:
            read_reply(p, now);
            break;
        case PHASE_CONNECT:
        case PHASE_THROUGH:
        case PHASE_FAILED:
            return;
        }
    } while (p->phase != before);
}

static void on_connected(struct net_engine *e, double ms, base_usec now) {
    struct net_proxy *p = proxy_of(e);
    p->ms = ms;
    p->begun = now;
    p->deadline = p->config.timeout == BASE_NEVER ? BASE_NEVER : now + p->config.timeout;
    if (p->config.kind == NET_PROXY_HTTP)
        ask_http(p);
    else
        ask_socks(p);
}

static void on_not_connected(struct net_engine *e, enum facts_connect_state state,
                             const char *error, double ms, base_usec now) {
    struct net_proxy *p = proxy_of(e);
    struct base_buf why;
    base_buf_init(&why, 512);
    base_buf_printf(&why, "the proxy: %s", error);
    p->phase = PHASE_FAILED;
    p->inner->ops->not_connected(p->inner, state, base_buf_cstr(&why), ms, now);
    base_buf_release(&why);
}

static void on_received(struct net_engine *e, struct base_bytes in, base_usec now) {
    struct net_proxy *p = proxy_of(e);
    if (p->phase == PHASE_THROUGH) {
        p->inner->ops->received(p->inner, in, now);
        return;
    }
    if (p->phase == PHASE_FAILED)
        return;
    base_buf_append_bytes(&p->answer, in);
    if (p->answer.failed)
        fail(p, FACTS_CONNECT_ERROR, "the proxy's answer has no end", now);
    else
        read_answer(p, now);
}

static void on_closed(struct net_engine *e, bool reset, base_usec now) {
    struct net_proxy *p = proxy_of(e);
    if (p->phase == PHASE_THROUGH)
        p->inner->ops->closed(p->inner, reset, now);
    else if (p->phase != PHASE_FAILED)
        fail(p, FACTS_CONNECT_REFUSED, "the proxy closed the connection", now);
}

static void on_tick(struct net_engine *e, base_usec now) {
    struct net_proxy *p = proxy_of(e);
    if (p->phase == PHASE_THROUGH)
        p->inner->ops->tick(p->inner, now);
    else if (p->phase != PHASE_FAILED)
        fail(p, FACTS_CONNECT_TIMEOUT, "the proxy did not answer in time", now);
}

static struct base_buf *on_output(struct net_engine *e) {
    struct net_proxy *p = proxy_of(e);
    return p->phase == PHASE_THROUGH ? p->inner->ops->output(p->inner) : &p->out;
}

static base_usec on_deadline(const struct net_engine *e) {
    const struct net_proxy *p = (const struct net_proxy *)(const void *)e;
    base_usec inner = p->inner->ops->deadline(p->inner);
    if (p->phase == PHASE_THROUGH || p->phase == PHASE_CONNECT)
        return inner;
    return inner < p->deadline ? inner : p->deadline;
}

static bool on_done(const struct net_engine *e) {
    const struct net_proxy *p = (const struct net_proxy *)(const void *)e;
    return p->phase == PHASE_FAILED || (p->phase == PHASE_THROUGH && p->inner->ops->done(p->inner));
}

static const struct net_engine_ops proxy_ops = {
    .connected = on_connected,
    .not_connected = on_not_connected,
    .received = on_received,
    .closed = on_closed,
    .tick = on_tick,
    .output = on_output,
    .deadline = on_deadline,
    .done = on_done,
};

/* --- life --- */

static enum ws_err refuse_text(const char *what, const char *text, struct base_error *e) {
    size_t len = text ? strlen(text) : 0;
    if (len > TEXT_MAX)
        return base_error_set(e, WS_USAGE, "%s for the proxy is longer than %u bytes", what,
                              TEXT_MAX);
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return base_error_set(e, WS_USAGE, "%s for the proxy must not hold control characters",
                                  what);
    return WS_OK;
}

enum ws_err net_proxy_new(const struct net_proxy_config *config, struct net_engine *inner,
                          struct net_proxy **out, struct base_error *e) {
    enum ws_err err = refuse_text("the host", config->host, e);
    *out = NULL;
    if (err == WS_OK)
        err = refuse_text("the user name", config->user, e);
    if (err == WS_OK)
        err = refuse_text("the password", config->secret, e);
    if (err != WS_OK)
        return err;
    struct net_proxy *p = calloc(1, sizeof *p);
    if (!p)
        return base_error_set(e, WS_NOMEM, "no memory for the way through the proxy");
    p->engine.ops = &proxy_ops;
    p->config = *config;
    p->inner = inner;
    p->deadline = BASE_NEVER;
    base_buf_init(&p->out, 4096);
    base_buf_init(&p->answer, ANSWER_MAX);
    *out = p;
    return WS_OK;
}

void net_proxy_free(struct net_proxy *p) {
    if (!p)
        return;
    base_buf_release(&p->out);
    base_buf_release(&p->answer);
    free(p);
}

struct net_engine *net_proxy_engine(struct net_proxy *p) {
    return &p->engine;
}

/* --- URLs --- */

static struct base_bytes take_scheme(struct base_bytes rest, struct net_proxy_url *out) {
    static const struct {
        const char *scheme;
        enum net_proxy_kind kind;
        unsigned port;
    } known[] = {
        {"http://", NET_PROXY_HTTP, HTTP_PORT},
        {"socks5://", NET_PROXY_SOCKS5, SOCKS_PORT},
        {"socks5h://", NET_PROXY_SOCKS5, SOCKS_PORT},
        {"socks://", NET_PROXY_SOCKS5, SOCKS_PORT},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (base_bytes_starts_with_nocase(rest, known[i].scheme)) {
            out->scheme_given = true;
            out->kind = known[i].kind;
            out->default_port = known[i].port;
            return base_bytes_slice(rest, strlen(known[i].scheme), rest.len);
        }
    return rest;
}

/* A password may hold any of the signs that part a URL, so the last "@" counts. */
static struct base_bytes take_user(struct base_bytes rest, struct base_arena *arena,
                                   struct net_proxy_url *out) {
    size_t at = rest.len;
    while (at > 0 && rest.data[at - 1] != '@')
        at--;
    if (at == 0)
        return rest;
    struct base_bytes login = base_bytes_slice(rest, 0, at - 1);
    size_t colon = base_bytes_find(login, ':');
    out->user = base_arena_str_bytes(arena, base_bytes_slice(login, 0, colon));
    out->secret = base_arena_str_bytes(arena, base_bytes_slice(login, colon + 1, login.len));
    return base_bytes_slice(rest, at, rest.len);
}

void net_proxy_url_parse(const char *text, struct base_arena *arena, struct net_proxy_url *out) {
    *out = (struct net_proxy_url){.kind = NET_PROXY_HTTP, .default_port = HTTP_PORT};
    struct base_bytes rest = take_scheme(base_bytes_of_str(text), out);
    rest = take_user(rest, arena, out);
    rest = base_bytes_slice(rest, 0, base_bytes_find(rest, '/'));
    out->place = base_arena_str_bytes(arena, rest);
}
