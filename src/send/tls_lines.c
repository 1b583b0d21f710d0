/* SPDX-License-Identifier: Apache-2.0 */
/* tls_lines - what the transcript says of a TLS session
 *
 * The lines are swaks': protocol and cipher, whether a client certificate was asked for and sent,
 * two lines for each certificate of either side, one on the verification, which is told whether it
 * was demanded or not; then the certificates themselves as PEM where they are wanted. */
#include "send/transaction_private.h"

#include "base/file.h"
#include "client/client.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void show_cipher(struct send_transcript *t, const struct facts_session *f) {
    send_transcript_info(t, "TLS started with cipher %s:%s:%d", f->protocol, f->openssl_name,
                         f->cipher_bits);
}

static void show_certificate(struct send_transcript *t, const char *side, size_t at,
                             const struct client_shown_certificate *c, struct base_arena *arena) {
    const char *label = base_arena_printf(arena, "%s[%zu]", side, at);
    send_transcript_info(t,
                         "TLS %-9s subject=[%s]\n"
                         "              commonName=[%s], subjectAltName=[%s] notAfter=[%s]",
                         label, c->subject, c->common_name, c->alt_names, c->not_after);
}

static void show_own(struct send_transcript *t, const struct tls_session *s, bool asked,
                     struct base_arena *arena) {
    struct client_shown_certificate *certs = NULL;
    size_t n = client_show_chain(s, true, arena, &certs);
    send_transcript_info(t, "TLS client certificate %srequested and %ssent", asked ? "" : "not ",
                         asked && n > 0 ? "" : "not ");
    for (size_t i = 0; i < n; i++)
        show_certificate(t, "client", i, &certs[i], arena);
    if (n == 0)
        send_transcript_info(t, "TLS no client certificate set");
}

static void show_verification(struct send_transcript *t, const struct send_tls *tls,
                              const struct tls_session *s) {
    const char *why = client_verify_error(s);
    bool named = tls->verify_name && tls->verify_name[0];
    bool matches = named && client_names_host(s, tls->verify_name);
    send_transcript_info(
        t, "TLS peer certificate %s CA verification%s%s%s, %s host verification (%s%s%s)",
        why[0] ? "failed" : "passed", why[0] ? " (" : "", why, why[0] ? ")" : "",
        matches ? "passed" : "failed", named ? "using host " : "no host string available",
        named ? tls->verify_name : "", " to verify");
}

/* The stapled OCSP answer, decoded (--tls-status). */
static void show_status(struct send_transcript *t, const struct tls_session *s,
                        struct base_arena *arena) {
    struct facts_detail detail = {0};
    client_read_detail(s, 0, 0, arena, &detail);
    if (detail.status && detail.status[0])
        send_transcript_text(t, SEND_LINE_INFO, true, base_bytes_of_str(detail.status));
    else
        send_transcript_info(t, "TLS no OCSP answer sent");
}

/* PEM into a file, or into the transcript. */
static void give_pem(struct send_transcript *t, const char *file,
                     const struct client_shown_certificate *certs, size_t n) {
    struct base_buf pem;
    base_buf_init(&pem, (size_t)16 << 20);
    for (size_t i = 0; i < n; i++)
        base_buf_append_str(&pem, certs[i].pem);
    struct base_bytes left = base_buf_view(&pem);
    if (!file) {
        send_transcript_text(t, SEND_LINE_INFO, true, left);
    } else {
        int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (fd < 0 || !base_file_write(fd, left))
            send_transcript_error(t, "Unable to write %s", file);
        if (fd >= 0)
            (void)close(fd);
    }
    base_buf_release(&pem);
}

void send_tls_lines(struct send_transcript *t, const struct send_plan *plan,
                    const struct tls_session *s, struct base_arena *arena) {
    const struct send_tls *tls = &plan->tls;
    struct facts_session facts = {0};
    struct client_shown_certificate *certs = NULL;
    tls_session_read_facts(s, arena, &facts);
    show_cipher(t, &facts);
    if (facts.resumed && !plan->as_swaks)
        send_transcript_info(t, "TLS session resumed: its certificate was seen before");
    show_own(t, s, facts.client_certificate_asked, arena);
    size_t n = client_show_chain(s, false, arena, &certs);
    for (size_t i = 0; i < n; i++)
        show_certificate(t, "peer", i, &certs[i], arena);
    if (n == 0)
        send_transcript_info(t, "TLS no peer certificate received");
    show_verification(t, tls, s);
    if (tls->wish.ask_status)
        show_status(t, s, arena);
    if (tls->show_peer_cert)
        give_pem(t, tls->peer_cert_file, certs, n > 0 ? 1 : 0);
    if (tls->show_peer_chain)
        give_pem(t, tls->peer_chain_file, certs, n);
}

const char *send_tls_objection(const struct send_plan *plan, const struct tls_session *s,
                               struct base_arena *arena) {
    const struct send_tls *tls = &plan->tls;
    const char *why = client_verify_error(s);
    bool named = tls->verify_name && tls->verify_name[0];
    bool matches = named && client_names_host(s, tls->verify_name);
    if (!(tls->verify_ca && why[0]) && !(tls->verify_host && !matches))
        return "";
    const char *chain =
        why[0] ? base_arena_printf(arena, "certificate verification failed (%s)", why) : "";
    const char *host =
        matches ? ""
        : named ? base_arena_printf(arena, "server certificate did not match target host %s",
                                    tls->verify_name)
                : "no host available for host verification";
    return base_arena_printf(arena, "%s%s%s", chain, chain[0] && host[0] ? ", " : "", host);
}

/* --- troubles before the handshake --- */

/* What swaks says around the file or list that a message of client/ names. */
static const struct trouble_row {
    enum client_option option;
    const char *words, *behind;
} troubles[] = {
    {CLIENT_OPTION_CIPHER, "Unable to set cipher list to ", ""},
    {CLIENT_OPTION_CERTIFICATE_CHAIN, "Unable to add certificate chain file ", " to SSL CTX"},
    {CLIENT_OPTION_CERTIFICATE, "Unable to add cert file ", " to SSL CTX"},
    {CLIENT_OPTION_KEY, "Unable to add key file ", " to SSL CTX"},
    {CLIENT_OPTION_CA_FILE, "Unable to set set CA path to (", ",)"},
    {CLIENT_OPTION_CA_DIR, "Unable to set set CA path to (,", ")"},
};

/* The value behind the option's name; empty when the message is about another. */
static struct base_bytes value_behind(struct base_bytes message, const char *name) {
    size_t len = name ? strlen(name) : 0;
    if (len == 0 || !base_bytes_starts_with_nocase(message, name) || len >= message.len ||
        message.data[len] != ' ')
        return BASE_BYTES_EMPTY;
    return base_bytes_slice(message, len + 1, message.len);
}

static const struct trouble_row *trouble_of(const struct client_wish *w, struct base_bytes message,
                                            struct base_bytes *rest) {
    for (size_t i = 0; w->option_names && i < sizeof troubles / sizeof troubles[0]; i++) {
        const struct trouble_row *row = &troubles[i];
        *rest = value_behind(message, w->option_names[row->option]);
        /* one option gives both */
        if (rest->len > 0 && !(row->option == CLIENT_OPTION_CA_FILE && w->ca_dir))
            return row;
    }
    return NULL;
}

/* The library's line for it. A file that can't be opened is the system's affair. */
static const char *library_line(enum client_option option, const char *value,
                                struct base_bytes reason, struct base_arena *arena) {
    if (option == CLIENT_OPTION_CIPHER)
        return "error:0A0000B9:SSL routines::no cipher match";
    if (access(value, R_OK) != 0)
        return base_arena_printf(arena, "error:8000%04X:system library::%s", (unsigned)errno,
                                 strerror(errno));
    if (base_bytes_find_str(reason, "is not the key") < reason.len)
        return "error:05800074:x509 certificate routines::key values mismatch";
    if (option == CLIENT_OPTION_KEY)
        return "error:1E08010C:DECODER routines::unsupported";
    if (option == CLIENT_OPTION_CA_FILE || option == CLIENT_OPTION_CA_DIR)
        return "error:05800088:x509 certificate routines::no certificate or crl found";
    return "error:0480006C:PEM routines::no start line";
}

const char *send_tls_trouble(const struct send_plan *plan, const char *message,
                             struct base_arena *arena) {
    struct base_bytes m;
    const struct trouble_row *row =
        plan->as_swaks ? trouble_of(&plan->tls.wish, base_bytes_of_str(message), &m) : NULL;
    if (!row)
        return message;
    size_t end = base_bytes_find_str(m, ": ");
    const char *value = base_arena_str_bytes(arena, base_bytes_slice(m, 0, end));
    return base_arena_printf(
        arena, "%s%s%s: %s", row->words, value, row->behind,
        library_line(row->option, value, base_bytes_slice(m, end, m.len), arena));
}
