/* SPDX-License-Identifier: Apache-2.0 */
/* facts_endpoint - an endpoint of which nothing is known yet, or only where it is. */
#include "facts/endpoint.h"

#include "facts/target.h"

/* Facts strings are never NULL, whether a step was reached or not. */
void facts_endpoint_init(struct facts_endpoint *e) {
    *e = (struct facts_endpoint){.host = "", .address = "", .ptr = "", .mx_preference = -1};
    struct facts_session *s = &e->session;
    const char **texts[] = {
        &e->connect.error,
        &e->error,
        &e->starttls.offered_as,
        &e->ehlo.verb,
        &e->ehlo.domain,
        &e->ehlo_tls.verb,
        &e->ehlo_tls.domain,
        &e->chain.missing_issuer,
        &e->verification.reason,
        &e->verification.first_reason,
        &e->verification.reference,
        &e->verification.matched_name,
        &e->verification.trust,
        &s->alert_name,
        &s->alert_sent_name,
        &s->error,
        &s->protocol,
        &s->cipher_suite,
        &s->openssl_name,
        &s->key_exchange,
        &s->group,
        &s->signature_scheme,
        &s->sni,
        &s->alpn,
        &s->ocsp_status,
        &s->default_client_refuses,
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (!*texts[i])
            *texts[i] = "";
    s->alert = s->alert_sent = -1;
    struct facts_reply *replies[] = {
        &e->greeting,           &e->ehlo.reply,     &e->ehlo.rejection,     &e->ehlo_tls.reply,
        &e->ehlo_tls.rejection, &e->starttls.reply, &e->starttls.rejection, &e->quit};
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
        replies[i]->status = "";
        replies[i]->enhanced = "";
    }
}

void facts_endpoint_begin(struct facts_endpoint *e, const struct facts_target *t, const char *host,
                          const char *address) {
    facts_endpoint_init(e);
    e->host = host;
    e->address = address;
    e->port = t->port;
    e->protocol = t->protocol;
    e->implicit_tls = t->implicit_tls;
}

void facts_endpoint_again(struct facts_endpoint *e, const struct facts_endpoint *at) {
    const struct facts_target place = {
        .port = at->port, .protocol = at->protocol, .implicit_tls = at->implicit_tls};
    facts_endpoint_begin(e, &place, at->host, at->address);
}
