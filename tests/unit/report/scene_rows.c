/* SPDX-License-Identifier: Apache-2.0 */
/* scene_rows - whole runs, from a healthy domain to a hostile server. */
#include "scene.h"

#include <stddef.h>

static void two_hosts(struct scene *s, struct facts_target *t) {
    struct facts_host *h = scene_host(s, t, "mx1.example.org", 10);
    (void)scene_endpoint(s, t, "2001:db8::1");
    (void)scene_endpoint(s, t, "192.0.2.1");
    h = scene_host(s, t, "mx2.example.org", 20);
    (void)scene_endpoint(s, t, "2001:db8::2");
    (void)scene_endpoint(s, t, "192.0.2.2");
    (void)h;
}

static void healthy(struct scene *s) {
    two_hosts(s, scene_domain(s, "example.org"));
}

static void healthy_imaps(struct scene *s) {
    struct facts_target *t = scene_domain(s, "imap.example.org");
    t->kind = FACTS_TARGET_HOST;
    t->input = "imap.example.org:993";
    t->protocol = FACTS_PROTOCOL_IMAP;
    t->implicit_tls = t->port_given = true;
    t->port = 993;
    t->dns.mx.result = FACTS_DNS_NOT_ASKED;
    t->dns.status = FACTS_DNSSEC_SECURE;
    scene_host(s, t, "imap.example.org", -1)->a.status = FACTS_DNSSEC_SECURE;
    struct facts_endpoint *e = scene_endpoint(s, t, "192.0.2.9");
    e->greeting = scene_reply(s, 0, "[CAPABILITY IMAP4rev1 LOGIN-REFERRALS ID] Dovecot ready.");
    e->greeting.status = "OK";
    e->ehlo = (struct facts_ehlo){.verb = "", .domain = "", .reply = {.status = ""}};
    e->starttls = (struct facts_starttls){.offered_as = "", .reply = {.status = ""}};
    e->ehlo_tls.verb = "CAPABILITY";
    e->ehlo_tls.domain = "";
    e->ehlo_tls.reply = scene_reply(s, 0, "Pre-login capabilities listed, post-login have more.");
    e->ehlo_tls.reply.status = "OK";
    scene_keywords(s, &e->ehlo_tls, "IMAP4REV1;ID;AUTH PLAIN");
    e->quit = scene_reply(s, 0, "Logout completed.");
    e->quit.status = "OK";
}

static void idn(struct scene *s) {
    struct facts_target *t = scene_domain(s, "xn--mnchen-3ya.example");
    t->input = t->unicode = "m\u00fcnchen.example";
    scene_host(s, t, "mx.xn--mnchen-3ya.example", 10)->unicode = "mx.m\u00fcnchen.example";
    struct facts_endpoint *e = scene_endpoint(s, t, "192.0.2.77");
    e->certificates[0].san_count = 0;
    scene_san(s, &e->certificates[0], "mail.xn--mnchen-3ya.example", "mail.m\u00fcnchen.example");
    e->verification.ok = e->verification.name_ok = false;
    e->verification.code = e->verification.first_code = 62;
    e->verification.reason = e->verification.first_reason = "hostname mismatch";
    e->verification.matched = FACTS_IDENTITY_NONE;
    e->verification.matched_name = "";
}

static void null_mx(struct scene *s) {
    scene_domain(s, "no-mail.example.org")->dns.null_mx = true;
}

static void bogus(struct scene *s) {
    struct facts_target *t = scene_domain(s, "bogus.example.org");
    t->dns.mx = (struct facts_dns_answer){.result = FACTS_DNS_BOGUS,
                                          .status = FACTS_DNSSEC_BOGUS,
                                          .why = "validation failure <bogus.example.org. MX IN>: "
                                                 "signature expired",
                                          .canonical = "",
                                          .ms = 12};
    t->dns.status = FACTS_DNSSEC_BOGUS;
}

static void no_answer(struct scene *s) {
    struct facts_target *t = scene_domain(s, "example.org");
    two_hosts(s, t);
    for (size_t i = 0; i < t->endpoint_count; i++)
        scene_unconnected(&t->endpoints[i], FACTS_CONNECT_TIMEOUT, "", 30000);
}

static void no_name(struct scene *s) {
    struct facts_target *t = scene_domain(s, "exmaple.org");
    t->dns.mx.result = FACTS_DNS_NXDOMAIN;
}

static void invalid(struct scene *s) {
    struct facts_target *t = scene_domain(s, "");
    t->input = "exa mple..org";
    t->error = "a name has no empty labels and no spaces";
    t->dns.mx = (struct facts_dns_answer){.why = "", .canonical = ""};
    t->dns.status = FACTS_DNSSEC_NOT_ASKED;
}

static void uneven(struct scene *s) {
    struct facts_target *t = scene_domain(s, "example.org");
    two_hosts(s, t);
    scene_unconnected(&t->endpoints[0], FACTS_CONNECT_UNREACHABLE, "Network is unreachable", 0.25);
    struct facts_endpoint *e = &t->endpoints[1];
    e->certificates[0].sha256 = "ffff456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    scene_stop(&t->endpoints[2], FACTS_STEP_STARTTLS, FACTS_STOP_NO_STARTTLS, "");
    scene_keywords(s, &t->endpoints[2].ehlo, "PIPELINING;SIZE 10240000;8BITMIME");
    t->endpoints[2].starttls.offered = false;
    t->endpoints[3].session.protocol = "TLSv1.2";
    t->endpoints[3].session.version = 0x0303;
}

static void same_fault_everywhere(struct scene *s) {
    struct facts_target *t = scene_domain(s, "example.org");
    two_hosts(s, t);
    for (size_t i = 0; i < t->endpoint_count; i++) {
        struct facts_certificate *c = t->endpoints[i].certificates;
        scene_certificate(s, c, "mx.example.org");
        c->not_after = SCENE_NOW + 3 * SCENE_DAY;
        c->days_left = 3;
    }
}

/* Everything a server may say, said to do harm: escape sequences, NUL, direction overrides, bytes
 * that are no UTF-8, quotes, and a line without an end. */
static void hostile(struct scene *s) {
    static const uint8_t greeting[] = "evil\x1b[2J\x1b]0;owned\a ESMTP\r\b \0 \xff\xfe\xe2\x80\xae"
                                      "gro.elpmaxe \x9b"
                                      "31m\nsecond </script> \"line\" \\ %s%n";
    static const uint8_t early[] = "250 \x1b[8m hidden\0\r\n";
    struct facts_endpoint *e = scene_single(s);
    e->greeting = scene_reply_bytes(s, 220, base_bytes_view(greeting, sizeof greeting - 1));
    e->greeting.control_bytes = e->greeting.bare_cr = true;
    e->ehlo.keywords[1].params = "\\x1B[31m1000";
    e->certificates[0].subject = "CN=evil\x1b[0m\r\n\u202egro.elpmaxe.xm";
    e->certificates[0].issuer = "CN=\xff\xfe\"quoted\",O=a\tb";
    scene_san(s, &e->certificates[0], "*.\x1b[1m.example.org", "\u202e");
    e->starttls.early = base_bytes_view(early, sizeof early - 1);
    e->starttls.early_bytes = sizeof early - 1;
    uint8_t *endless = base_arena_alloc(&s->arena, 1000);
    for (size_t i = 0; i < 1000; i++)
        endless[i] = (uint8_t)(i % 7 ? 'a' + i % 26 : 0x01);
    e->starttls.reply = scene_reply_bytes(s, 220, base_bytes_view(endless, 1000));
}

static void socket_target(struct scene *s) {
    struct facts_target *t = scene_domain(s, "unix:/run/postfix/public/smtp");
    t->kind = FACTS_TARGET_SOCKET;
    t->name = "/run/postfix/public/smtp";
    t->port = 0;
    t->dns.mx.result = FACTS_DNS_NOT_ASKED;
    t->dns.status = FACTS_DNSSEC_NOT_ASKED;
    (void)scene_host(s, t, "localhost", -1);
    t->dns.hosts[0].a.result = t->dns.hosts[0].aaaa.result = FACTS_DNS_NOT_ASKED;
    (void)scene_endpoint(s, t, "/run/postfix/public/smtp");
    t->dns.hosts[0].address_count = 0;
}

static void many_targets(struct scene *s) {
    (void)scene_single(s);
    null_mx(s);
    bogus(s);
    struct facts_target *t = scene_domain(s, "old.example.net");
    (void)scene_host(s, t, "mail.old.example.net", 5);
    struct facts_endpoint *e = scene_endpoint(s, t, "198.51.100.4");
    scene_stop(e, FACTS_STEP_STARTTLS, FACTS_STOP_NO_STARTTLS, "");
    e->starttls.offered = false;
    scene_keywords(s, &e->ehlo, "SIZE;HELP");
    invalid(s);
}

const struct scene_row scene_rows[] = {
    {"healthy", healthy},
    {"healthy-imaps", healthy_imaps},
    {"idn", idn},
    {"null-mx", null_mx},
    {"bogus", bogus},
    {"no-answer", no_answer},
    {"no-name", no_name},
    {"invalid", invalid},
    {"uneven", uneven},
    {"same-fault", same_fault_everywhere},
    {"hostile", hostile},
    {"socket", socket_target},
    {"many-targets", many_targets},
    {NULL, NULL},
};
