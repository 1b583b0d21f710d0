/* SPDX-License-Identifier: Apache-2.0 */
/* process_transport - over what to connect, and to whom.
 */
#include "swaks/process_private.h"

#include "send/names.h"
#include "send/route.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>

bool swaks_process_transport_kind(struct swaks_process *p) {
    struct send_target *t = &p->s->plan.target;
    const char *server = swaks_value(p, SWAKS_OPT_SERVER);
    const char *socket = swaks_value(p, SWAKS_OPT_SOCKET);
    const char *command = swaks_value(p, SWAKS_OPT_PIPE);
    if (p->exit != SEND_EXIT_OK)
        return false;
    if (!!server + !!socket + !!command > 1)
        return swaks_wrong(p, SWAKS_MISTAKE_TRANSPORTS, NULL, NULL, NULL);
    t->server = server ? server : "";
    t->socket_path = socket;
    t->command = command;
    t->transport = socket ? SEND_UNIX : command ? SEND_PIPE : SEND_TCP;
    return true;
}

/* --- names, addresses, ports --- */

/* Four groups of digits will do: a wrong one is the resolver's to refuse. */
static bool looks_ipv4(const char *s) {
    for (int i = 0; i < 4; i++) {
        size_t digits = strspn(s, "0123456789");
        if (digits == 0 || s[digits] != (i < 3 ? '.' : '\0'))
            return false;
        s += digits + 1;
    }
    return true;
}

/* A port has been split off before. */
static bool looks_ipv6(const char *s) {
    return strchr(s, ':') != NULL;
}

static const char *copy_part(struct base_arena *arena, const char *from, const char *to) {
    return base_arena_str_bytes(arena, base_bytes_view(from, (size_t)(to - from)));
}

void swaks_host_split(struct base_arena *arena, const char *text, const char **host,
                      const char **port) {
    const char *close = text[0] == '[' ? strrchr(text, ']') : NULL;
    const char *colon = strchr(text, ':'), *slash = strrchr(text, '/');
    *host = text;
    *port = NULL;
    if (close && close > text + 1 && (!close[1] || (strchr(":/", close[1]) && close[2]))) {
        *host = copy_part(arena, text + 1, close);
        *port = close[1] ? close + 2 : NULL;
    } else if (colon && colon > text && colon[1] && !strchr(colon + 1, ':')) {
        *host = copy_part(arena, text, colon);
        *port = colon + 1;
    } else if (slash && slash[1]) {
        *host = copy_part(arena, text, slash);
        *port = slash + 1;
    }
}

bool swaks_port_number(struct swaks_process *p, const char *port, const char **out) {
    *out = port;
    if (*port && port[strspn(port, "0123456789")] == '\0')
        return true;
    /* cppcheck-suppress getservbynameCalled ; there is one thread */
    const struct servent *service = getservbyname(port, "tcp");
    if (!service)
        return swaks_wrong(p, SWAKS_MISTAKE_PORT, port, NULL, NULL);
    *out = base_arena_printf(p->arena, "%u", (unsigned)ntohs((uint16_t)service->s_port));
    return true;
}

/* --- the server --- */

static bool families_fit(struct swaks_process *p) {
    struct send_target *t = &p->s->plan.target;
    const char *local = t->local_interface ? t->local_interface : "";
    const struct {
        bool clash;
        enum swaks_mistake mistake;
    } rules[] = {
        {t->family == SEND_IPV4 && looks_ipv6(t->server), SWAKS_MISTAKE_4_SERVER},
        {t->family == SEND_IPV4 && looks_ipv6(local), SWAKS_MISTAKE_4_LOCAL},
        {t->family == SEND_IPV6 && looks_ipv4(t->server), SWAKS_MISTAKE_6_SERVER},
        {t->family == SEND_IPV6 && looks_ipv4(local), SWAKS_MISTAKE_6_LOCAL},
        {looks_ipv4(t->server) && looks_ipv6(local), SWAKS_MISTAKE_SERVER_4},
        {looks_ipv6(t->server) && looks_ipv4(local), SWAKS_MISTAKE_SERVER_6},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].clash)
            return swaks_wrong(p, rules[i].mistake, NULL, NULL, NULL);
    return true;
}

/* The domain whose mail hosts are asked for: --copy-routing's, else the last recipient's. */
static const char *domain_to_route(struct swaks_process *p) {
    const char *address = p->s->copy_routing ? p->s->copy_routing : p->s->to;
    return strchr(address, '@') ? send_route_domain(p->arena, address) : address;
}

/* Whom to ask for names: said once, for the MX and for the servers. */
static bool choose_names(struct swaks_process *p) {
    struct send_beyond *b = &p->s->beyond;
    struct base_error e = {0};
    b->resolver = swaks_value(p, SWAKS_OPT_RESOLVER);
    b->trust_anchor = swaks_value(p, SWAKS_OPT_TRUST_ANCHOR);
    b->hosts = swaks_value(p, SWAKS_OPT_HOSTS);
    if (p->exit == SEND_EXIT_OK && !send_names_check(b, p->s->plan.log, &e))
        return swaks_fail(p, SEND_EXIT_OPTION, "%s", base_error_message(&e));
    return p->exit == SEND_EXIT_OK;
}

/* RFC 7505: a domain that says it takes no mail is not tried at its address. */
static bool takes_mail(struct swaks_process *p) {
    const struct swaks_settings *s = p->s;
    if (s->manner == SWAKS_MANNER_SWAKS || s->plan.target.server[0])
        return true;
    return swaks_fail(
        p, SEND_EXIT_CONNECT,
        "%s takes no mail: its DNS has a null MX (RFC 7505). Name a host with --server "
        "to try one nevertheless",
        s->to_route);
}

bool swaks_process_route(struct swaks_process *p) {
    struct swaks_settings *s = p->s;
    struct send_target *t = &s->plan.target;
    s->copy_routing = swaks_value(p, SWAKS_OPT_COPY_ROUTING);
    if (p->exit != SEND_EXIT_OK)
        return false;
    if (t->transport != SEND_TCP)
        return true;
    if (swaks_has(p, SWAKS_OPT_4) && swaks_has(p, SWAKS_OPT_6))
        return swaks_wrong(p, SWAKS_MISTAKE_4_AND_6, NULL, NULL, NULL);
    t->family = swaks_has(p, SWAKS_OPT_4)   ? SEND_IPV4
                : swaks_has(p, SWAKS_OPT_6) ? SEND_IPV6
                                            : SEND_ANY_FAMILY;
    if (!choose_names(p))
        return false;
    s->beyond.policy_domain =
        send_route_domain(p->arena, s->copy_routing ? s->copy_routing : s->to);
    if (s->copy_routing && !strchr(s->copy_routing, '@'))
        s->beyond.policy_domain = s->copy_routing;
    if (*t->server) {
        const char *attached = NULL;
        swaks_host_split(p->arena, t->server, &t->server, &attached);
        if (!t->port)
            t->port = attached;
    } else {
        s->to_route = domain_to_route(p);
        s->beyond.policy_domain = s->to_route;
        t->server = send_route_server(p->arena, s->to_route, &s->beyond, s->plan.log);
        if (!t->server[0] && s->manner == SWAKS_MANNER_SWAKS)
            t->server = s->to_route;
        if (!takes_mail(p))
            return false;
    }
    return families_fit(p);
}

bool swaks_process_port(struct swaks_process *p) {
    struct send_target *t = &p->s->plan.target;
    if (!t->port && t->transport != SEND_TCP)
        return true;
    if (!t->port || strcmp(t->port, "0") == 0)
        t->port = p->s->plan.tls.on_connect || swaks_has(p, SWAKS_OPT_TLS_ON_CONNECT) ? "465"
                  : p->s->plan.lmtp                                                   ? "24"
                                                                                      : "25";
    return swaks_port_number(p, t->port, &t->port);
}
