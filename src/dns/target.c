/* SPDX-License-Identifier: Apache-2.0 */
/* target - what a person typed, as something to look at
 *
 * A target is a domain (ask for its MX), a host, an address, or a local socket. The text decides
 * which: whatever names a service (a port, a scheme, square brackets as Postfix has them) means one
 * host. Nothing is asked of the network here; a socket path is looked at on disk.
 *
 * Every refusal is one line: the input, what is wrong, and how to write it. The line is printable
 * whatever was typed.
 *
 * Ownership: all texts of the result are the arena's. Limits: 1024 bytes of input.
 * RFC 3986 3.2.2 and 5952 6 (brackets), RFC 5321 4.1.3 (address literals), RFC 8314 (port 465). */
#include "dns/target.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

#define INPUT_MAX 1024u
#define INPUT_SHOWN 100u
#define PORT_SMTP 25u
#define PORT_SUBMISSION 587u
#define PORT_SUBMISSIONS 465u

struct service {
    const char *name;
    enum facts_protocol protocol;
    unsigned port;
    bool implicit_tls;
};

/* The first row with a port is its protocol when a port stands alone. */
static const struct service services[] = {
    {"smtp", FACTS_PROTOCOL_SMTP, PORT_SMTP, false},
    {"submission", FACTS_PROTOCOL_SMTP, PORT_SUBMISSION, false},
    {"submissions", FACTS_PROTOCOL_SMTP, PORT_SUBMISSIONS, true},
    {"smtps", FACTS_PROTOCOL_SMTP, PORT_SUBMISSIONS, true},
    {"lmtp", FACTS_PROTOCOL_LMTP, 24, false},
    {"imap", FACTS_PROTOCOL_IMAP, 143, false},
    {"imaps", FACTS_PROTOCOL_IMAP, 993, true},
    {"pop3", FACTS_PROTOCOL_POP3, 110, false},
    {"pop3s", FACTS_PROTOCOL_POP3, 995, true},
    {"sieve", FACTS_PROTOCOL_SIEVE, 4190, false},
};
#define SERVICE_COUNT (sizeof services / sizeof services[0])

/* The parse as it goes: `rest` is what is still unread. */
struct parse {
    const struct dns_target_defaults *defaults;
    struct base_arena *arena;
    struct facts_target *out;
    struct base_bytes rest;
    const struct service *service; /* by scheme or service name, or NULL */
    unsigned port;                 /* from the text, or 0 */
    bool one_host;                 /* the text names a service or stands in brackets */
};

static enum ws_err refuse(struct parse *p, const char *fmt, ...) WS_PRINTF(2, 3);

static enum ws_err refuse(struct parse *p, const char *fmt, ...) {
    struct base_bytes in = base_bytes_of_str(p->out->input);
    struct base_buf line;
    va_list ap;
    base_buf_init(&line, 4096);
    base_buf_append_str(&line, "'");
    base_text_escape(&line, base_bytes_slice(in, 0, INPUT_SHOWN));
    base_buf_append_str(&line, in.len > INPUT_SHOWN ? "...': " : "': ");
    va_start(ap, fmt);
    base_buf_vprintf(&line, fmt, ap);
    va_end(ap);
    p->out->error = base_arena_str(p->arena, base_buf_cstr(&line));
    base_buf_release(&line);
    return p->arena->failed ? WS_NOMEM : WS_SYNTAX;
}

unsigned dns_target_default_port(enum facts_protocol protocol, bool implicit_tls) {
    unsigned port = 0;
    for (size_t i = SERVICE_COUNT; i-- > 0;) {
        const struct service *s = &services[i];
        if (s->protocol != protocol || s->port == PORT_SUBMISSION)
            continue;
        if (s->implicit_tls == implicit_tls || port == 0)
            port = s->port;
    }
    return port;
}

static const struct service *service_by_name(struct base_bytes name) {
    for (size_t i = 0; i < SERVICE_COUNT; i++)
        if (base_bytes_equal_nocase(name, services[i].name))
            return &services[i];
    return NULL;
}

static const struct service *service_by_port(unsigned port) {
    for (size_t i = 0; i < SERVICE_COUNT; i++)
        if (services[i].port == port)
            return &services[i];
    return NULL;
}

/* --- addresses --- */

static bool text_to_ip(int family, struct base_bytes text, uint8_t binary[16]) {
    char copy[INET6_ADDRSTRLEN] = "";
    if (text.len >= sizeof copy || base_bytes_find(text, 0) < text.len)
        return false;
    base_bytes_copy(copy, sizeof copy - 1, text);
    return inet_pton(family, copy, binary) == 1;
}

static bool zone_is_good(struct base_bytes zone, const uint8_t address[16]) {
    if (zone.len == 0 || zone.len >= IF_NAMESIZE)
        return false;
    for (size_t i = 0; i < zone.len; i++)
        if (zone.data[i] <= ' ' || zone.data[i] >= 0x7f || zone.data[i] == '/')
            return false;
    return address[0] == 0xfe && (address[1] & 0xc0) == 0x80; /* RFC 4007: link-local alone */
}

/* Fills name and kind when `text` is an address; the text comes out in the usual form. */
static bool take_address(struct parse *p, struct base_bytes text) {
    uint8_t binary[16];
    char usual[INET6_ADDRSTRLEN];
    size_t percent = base_bytes_find(text, '%');
    struct base_bytes zone = base_bytes_slice(text, percent + 1, text.len);
    int family = AF_INET;
    if (!text_to_ip(AF_INET, text, binary)) {
        family = AF_INET6;
        if (!text_to_ip(AF_INET6, base_bytes_slice(text, 0, percent), binary) ||
            (percent < text.len && !zone_is_good(zone, binary)))
            return false;
    }
    if (!inet_ntop(family, binary, usual, sizeof usual))
        return false;
    p->out->kind = FACTS_TARGET_ADDRESS;
    p->out->name = percent == text.len ? base_arena_str(p->arena, usual)
                                       : base_arena_printf(p->arena, "%s%%%.*s", usual,
                                                           (int)zone.len, (const char *)zone.data);
    return true;
}

static bool is_ipv6(struct base_bytes text) {
    uint8_t binary[16];
    return text_to_ip(AF_INET6, base_bytes_slice(text, 0, base_bytes_find(text, '%')), binary);
}

/* A host name never ends in a number, so such a text was meant to be an address (RFC 3696 2). */
static bool ends_in_number(struct base_bytes name) {
    if (name.len > 1 && name.data[name.len - 1] == '.')
        name.len--;
    size_t start = name.len;
    while (start > 0 && name.data[start - 1] != '.')
        start--;
    struct base_bytes last = base_bytes_slice(name, start, name.len);
    for (size_t i = 0; i < last.len; i++)
        if (!base_ascii_is_digit(last.data[i]))
            return false;
    return last.len > 0;
}

/* --- pieces of the text --- */

static enum ws_err take_port(struct parse *p, struct base_bytes text) {
    uint64_t port = 0;
    const struct service *service = service_by_name(text);
    p->one_host = true;
    if (service) {
        p->service = service;
        p->port = service->port;
        return WS_OK;
    }
    if (text.len == 0)
        return refuse(p, "there is no port after the colon; write HOST:PORT, such as :25");
    if (!base_ascii_is_digit(text.data[0]))
        return refuse(p, "the port is neither a number nor smtp, submission, submissions, smtps, "
                         "lmtp, imap, imaps, pop3, pop3s or sieve");
    if (!base_bytes_to_uint(text, 65535, &port) || port == 0)
        return refuse(p, "a port is a number from 1 to 65535");
    p->port = (unsigned)port;
    return WS_OK;
}

static enum ws_err take_name(struct parse *p, struct base_bytes text) {
    const char *why = "";
    if (text.len == 0)
        return refuse(p, "the host name is missing; write HOST:PORT or DOMAIN");
    if (ends_in_number(text))
        return refuse(p, "this is no valid IPv4 address: that has four numbers from 0 to 255");
    p->out->kind = FACTS_TARGET_HOST;
    p->out->name = dns_name_to_ascii(p->arena, base_arena_str_bytes(p->arena, text), &why);
    if (p->out->name[0] == '\0')
        return refuse(p, "%s", why);
    p->out->unicode = dns_name_to_unicode(p->arena, p->out->name);
    return WS_OK;
}

static enum ws_err take_host(struct parse *p, struct base_bytes text) {
    return take_address(p, text) ? WS_OK : take_name(p, text);
}

/* "[...]" and an optional port behind it. */
static enum ws_err take_bracketed(struct parse *p) {
    size_t close = base_bytes_find(p->rest, ']');
    if (close == p->rest.len)
        return refuse(p, "the opening bracket has no closing one; write [ADDRESS]:PORT");
    struct base_bytes inside = base_bytes_slice(p->rest, 1, close - 1);
    struct base_bytes behind = base_bytes_slice(p->rest, close + 1, p->rest.len);
    if (base_bytes_starts_with_nocase(inside, "ipv6:"))
        inside = base_bytes_slice(inside, 5, inside.len);
    if (base_bytes_find(inside, ':') < inside.len && !is_ipv6(inside))
        return refuse(p, "what stands in the brackets is no valid IPv6 address");
    p->one_host = true;
    enum ws_err err = take_host(p, inside);
    if (err != WS_OK || behind.len == 0)
        return err;
    if (behind.data[0] != ':')
        return refuse(p, "only a colon and a port may follow the bracket; write [ADDRESS]:PORT");
    return take_port(p, base_bytes_slice(behind, 1, behind.len));
}

/* "2001:db8::1:25" is an address, but who writes it may have meant port 25. */
static bool looks_like_port(struct base_bytes text, size_t *colon) {
    uint64_t n = 0;
    *colon = text.len;
    while (*colon > 0 && text.data[*colon - 1] != ':')
        (*colon)--;
    struct base_bytes last = base_bytes_slice(text, *colon, text.len);
    (*colon)--;
    return base_bytes_to_uint(last, 65535, &n) && (service_by_port((unsigned)n) || n == 2525) &&
           is_ipv6(base_bytes_slice(text, 0, *colon));
}

static enum ws_err take_many_colons(struct parse *p) {
    size_t colon = 0;
    if (looks_like_port(p->rest, &colon) && is_ipv6(p->rest)) {
        struct base_bytes port = base_bytes_slice(p->rest, colon + 1, p->rest.len);
        return refuse(p,
                      "this may be an IPv6 address, or one with port %.*s; write [%.*s]:%.*s or "
                      "[%.*s]",
                      (int)port.len, (const char *)port.data, (int)colon,
                      (const char *)p->rest.data, (int)port.len, (const char *)port.data,
                      (int)p->rest.len, (const char *)p->rest.data);
    }
    if (take_address(p, p->rest))
        return WS_OK;
    return refuse(p, "this is no valid IPv6 address; an IPv6 address with a port is written "
                     "[ADDRESS]:PORT");
}

static enum ws_err take_host_and_port(struct parse *p) {
    size_t colon = base_bytes_find(p->rest, ':');
    struct base_bytes behind = base_bytes_slice(p->rest, colon + 1, p->rest.len);
    if (p->rest.len > 0 && p->rest.data[0] == '[')
        return take_bracketed(p);
    if (base_bytes_find(p->rest, '[') < p->rest.len || base_bytes_find(p->rest, ']') < p->rest.len)
        return refuse(p, "a bracket stands where none may; write [ADDRESS]:PORT");
    if (base_bytes_find(behind, ':') < behind.len)
        return take_many_colons(p);
    enum ws_err err = take_host(p, base_bytes_slice(p->rest, 0, colon));
    if (err != WS_OK || colon == p->rest.len)
        return err;
    return take_port(p, behind);
}

/* --- the whole --- */

static enum ws_err check_bytes(struct parse *p) {
    if (p->rest.len == 0)
        return refuse(p, "there is nothing here; give a domain, a host, an address or a socket");
    if (p->rest.len > INPUT_MAX)
        return refuse(p, "this is longer than 1024 bytes");
    for (size_t i = 0; i < p->rest.len; i++) {
        uint8_t c = p->rest.data[i];
        if (base_ascii_is_space(c))
            return refuse(p, "it has a space in it; give each target as its own argument");
        if (c < ' ' || c == 0x7f)
            return refuse(p, "it has a control character in it");
    }
    return WS_OK;
}

/* "smtp://", or refuses what is no mail service. */
static enum ws_err take_scheme(struct parse *p) {
    size_t at = base_bytes_find_str(p->rest, "://");
    if (at == p->rest.len)
        return WS_OK;
    struct base_bytes scheme = base_bytes_slice(p->rest, 0, at);
    p->service = service_by_name(scheme);
    if (!p->service &&
        (base_bytes_equal_nocase(scheme, "http") || base_bytes_equal_nocase(scheme, "https")))
        return refuse(p, "this is the address of a web page; give the mail domain or the host");
    if (!p->service)
        return refuse(p, "unknown scheme; known are smtp, submission, submissions, smtps, lmtp, "
                         "imap, imaps, pop3, pop3s and sieve");
    p->one_host = true;
    p->rest = base_bytes_slice(p->rest, at + 3, p->rest.len);
    if (p->rest.len > 0 && p->rest.data[p->rest.len - 1] == '/')
        p->rest.len--;
    return WS_OK;
}

/* The local part may be anything; only what follows the last "@" counts. */
static enum ws_err take_mailbox(struct parse *p) {
    size_t at = p->rest.len;
    while (at > 0 && p->rest.data[at - 1] != '@')
        at--;
    if (at == 0)
        return WS_OK;
    struct base_bytes domain = base_bytes_slice(p->rest, at, p->rest.len);
    if (p->service)
        return refuse(p, "user names are not used here; write SCHEME://HOST:PORT");
    if (at == 1 || domain.len == 0)
        return refuse(p, "a mail address has a user and a domain; write USER@DOMAIN");
    if (domain.data[0] != '[' && base_bytes_find(domain, ':') < domain.len)
        return refuse(p, "a mail address has no port; write HOST:PORT or USER@DOMAIN");
    p->rest = domain;
    return WS_OK;
}

static bool is_path(struct base_bytes text) {
    return base_bytes_starts_with_nocase(text, "/") || base_bytes_starts_with_nocase(text, "./") ||
           base_bytes_starts_with_nocase(text, "../");
}

static enum ws_err take_socket(struct parse *p) {
    struct stat st;
    const char *path = base_arena_str_bytes(p->arena, p->rest);
    if (p->rest.len >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
        return refuse(p, "the path of a socket has at most 107 bytes");
    if (stat(path, &st) != 0)
        return refuse(p, "there is no such socket (%s)", strerrordesc_np(errno));
    if (S_ISDIR(st.st_mode))
        return refuse(p, "this is a directory, not a socket");
    if (!S_ISSOCK(st.st_mode))
        return refuse(p, "this is a file, not a socket");
    p->out->kind = FACTS_TARGET_SOCKET;
    p->out->name = path;
    return WS_OK;
}

static enum ws_err take_all(struct parse *p) {
    enum ws_err err = check_bytes(p);
    if (err != WS_OK)
        return err;
    if (is_path(p->rest))
        return take_socket(p);
    if (base_bytes_starts_with_nocase(p->rest, "unix:")) {
        p->rest = base_bytes_slice(p->rest, 5, p->rest.len);
        return take_socket(p);
    }
    err = take_scheme(p);
    if (err == WS_OK)
        err = take_mailbox(p);
    if (err == WS_OK && base_bytes_find(p->rest, '/') < p->rest.len)
        err = refuse(p, "no path may follow the name; a socket is given as /PATH or ./PATH");
    return err == WS_OK ? take_host_and_port(p) : err;
}

/* Protocol, TLS mode and port: what the text says, then the command line, then custom. */
static void settle_service(struct parse *p) {
    const struct dns_target_defaults *d = p->defaults;
    struct facts_target *t = p->out;
    unsigned port = p->port ? p->port : p->service ? p->service->port : d->port;
    const struct service *known = port ? service_by_port(port) : NULL;
    t->protocol = d->protocol;
    if (p->service)
        t->protocol = p->service->protocol;
    else if (known && d->protocol == FACTS_PROTOCOL_SMTP)
        t->protocol = known->protocol;
    if (d->implicit_tls_given)
        t->implicit_tls = d->implicit_tls;
    else
        t->implicit_tls =
            (p->service && p->service->implicit_tls) || (known && known->implicit_tls);
    t->port_given = port != 0;
    t->port = port ? port : dns_target_default_port(t->protocol, t->implicit_tls);
    p->one_host = p->one_host || d->no_mx || t->protocol != FACTS_PROTOCOL_SMTP ||
                  port == PORT_SUBMISSION || port == PORT_SUBMISSIONS;
}

static void settle(struct parse *p) {
    if (p->out->kind == FACTS_TARGET_SOCKET) {
        p->out->protocol = p->defaults->protocol;
        p->out->implicit_tls = p->defaults->implicit_tls_given && p->defaults->implicit_tls;
        return;
    }
    settle_service(p);
    if (p->out->kind == FACTS_TARGET_HOST && !p->one_host)
        p->out->kind = FACTS_TARGET_DOMAIN;
}

enum ws_err dns_target_parse(const char *input, const struct dns_target_defaults *d,
                             struct base_arena *arena, struct facts_target *out) {
    struct parse p = {.defaults = d, .arena = arena, .out = out};
    *out = (struct facts_target){.name = "", .unicode = "", .error = ""};
    out->dns.mx.why = "";
    out->dns.mx.canonical = "";
    out->input = base_arena_str(arena, input);
    p.rest = base_bytes_of_str(out->input);
    enum ws_err err = take_all(&p);
    if (err == WS_OK)
        settle(&p);
    return arena->failed ? WS_NOMEM : err;
}
