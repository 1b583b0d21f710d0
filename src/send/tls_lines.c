/* SPDX-License-Identifier: Apache-2.0 */
/* tls_lines - what the transcript says of a TLS session
 *
 * The lines are swaks': protocol and cipher, whether a client certificate was asked for and sent,
 * two lines for each certificate of either side, one on the verification, which is told whether it
 * was demanded or not; then the certificates themselves as PEM where they are wanted. */
#include "send/transaction_private.h"

#include "tls/shown.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void show_cipher(struct send_transcript *t, const struct facts_session *f) {
    send_transcript_info(t, "TLS started with cipher %s:%s:%d", f->protocol, f->openssl_name,
                         f->cipher_bits);
}

static void show_certificate(struct send_transcript *t, const char *side, size_t at,
                             const struct tls_shown_certificate *c, struct base_arena *arena) {
    const char *label = base_arena_printf(arena, "%s[%zu]", side, at);
    send_transcript_info(t,
                         "TLS %-9s subject=[%s]\n"
                         "              commonName=[%s], subjectAltName=[%s] notAfter=[%s]",
                         label, c->subject, c->common_name, c->alt_names, c->not_after);
}

static void show_own(struct send_transcript *t, const struct tls_session *s,
                     struct base_arena *arena) {
    struct tls_shown_certificate *certs = NULL;
    size_t n = tls_session_show_chain(s, true, arena, &certs);
    bool asked = tls_session_was_asked_for_certificate(s);
    send_transcript_info(t, "TLS client certificate %srequested and %ssent", asked ? "" : "not ",
                         asked && n > 0 ? "" : "not ");
    for (size_t i = 0; i < n; i++)
        show_certificate(t, "client", i, &certs[i], arena);
    if (n == 0)
        send_transcript_info(t, "TLS no client certificate set");
}

static void show_verification(struct send_transcript *t, const struct send_tls *tls,
                              const struct tls_session *s) {
    const char *why = tls_session_verify_error(s);
    bool named = tls->verify_name && tls->verify_name[0];
    bool matches = named && tls_session_names_host(s, tls->verify_name);
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
    tls_session_read_detail(s, 0, 0, arena, &detail);
    if (detail.status && detail.status[0])
        send_transcript_text(t, SEND_LINE_INFO, true, base_bytes_of_str(detail.status));
    else
        send_transcript_info(t, "TLS no OCSP answer sent");
}

/* PEM into a file, or into the transcript. */
static void give_pem(struct send_transcript *t, const char *file,
                     const struct tls_shown_certificate *certs, size_t n) {
    struct base_buf pem;
    base_buf_init(&pem, (size_t)16 << 20);
    for (size_t i = 0; i < n; i++)
        base_buf_append_str(&pem, certs[i].pem);
    struct base_bytes left = base_buf_view(&pem);
    if (!file) {
        send_transcript_text(t, SEND_LINE_INFO, true, left);
    } else {
        int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        ssize_t put = fd < 0 ? -1 : write(fd, left.data, left.len);
        if (put < 0 || (size_t)put != left.len)
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
    struct tls_shown_certificate *certs = NULL;
    tls_session_read_facts(s, arena, &facts);
    show_cipher(t, &facts);
    if (facts.resumed && !plan->as_swaks)
        send_transcript_info(t, "TLS session resumed: its certificate was seen before");
    show_own(t, s, arena);
    size_t n = tls_session_show_chain(s, false, arena, &certs);
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
    const char *why = tls_session_verify_error(s);
    bool named = tls->verify_name && tls->verify_name[0];
    bool matches = named && tls_session_names_host(s, tls->verify_name);
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

/* How tls/ names an option, how it is called here, and what swaks says before the file or list. */
static const struct trouble_row {
    const char *there, *here, *words, *behind;
} troubles[] = {
    {"-cipher ", "--tls-cipher ", "Unable to set cipher list to ", ""},
    {"-cert_chain ", "--tls-chain ", "Unable to add certificate chain file ", " to SSL CTX"},
    {"-cert ", "--tls-cert ", "Unable to add cert file ", " to SSL CTX"},
    {"-key ", "--tls-key ", "Unable to add key file ", " to SSL CTX"},
    {"-CAfile ", "--tls-ca-path ", "Unable to set set CA path to (", ",)"},
    {"-CApath ", "--tls-ca-path ", "Unable to set set CA path to (,", ")"},
    {"-ciphersuites ", "--tls-ciphersuites ", NULL, NULL},
    {"-groups ", "--tls-groups ", NULL, NULL},
    {"-sigalgs ", "--tls-sigalgs ", NULL, NULL},
    {"-alpn ", "--tls-alpn ", NULL, NULL},
    {"-sess_in ", "--tls-session-in ", NULL, NULL},
};

static const struct trouble_row *trouble_of(struct base_bytes message) {
    for (size_t i = 0; i < sizeof troubles / sizeof troubles[0]; i++)
        if (base_bytes_starts_with_nocase(message, troubles[i].there))
            return &troubles[i];
    return NULL;
}

/* The library's line for it. A file that can't be opened is the system's affair. */
static const char *library_line(const struct trouble_row *row, const char *value,
                                struct base_bytes reason, struct base_arena *arena) {
    struct base_bytes there = base_bytes_of_str(row->there);
    if (base_bytes_equal_str(there, "-cipher "))
        return "error:0A0000B9:SSL routines::no cipher match";
    if (access(value, R_OK) != 0)
        return base_arena_printf(arena, "error:8000%04X:system library::%s", (unsigned)errno,
                                 strerror(errno));
    if (base_bytes_find_str(reason, "is not the key") < reason.len)
        return "error:05800074:x509 certificate routines::key values mismatch";
    if (base_bytes_equal_str(there, "-key "))
        return "error:1E08010C:DECODER routines::unsupported";
    if (base_bytes_starts_with_nocase(there, "-CA"))
        return "error:05800088:x509 certificate routines::no certificate or crl found";
    return "error:0480006C:PEM routines::no start line";
}

const char *send_tls_trouble(const struct send_plan *plan, const char *message,
                             struct base_arena *arena) {
    struct base_bytes m = base_bytes_of_str(message);
    const struct trouble_row *row = trouble_of(m);
    if (!row)
        return message;
    m = base_bytes_slice(m, base_bytes_of_str(row->there).len, m.len);
    if (!plan->as_swaks || !row->words)
        return base_arena_printf(arena, "%s%s", row->here, base_arena_str_bytes(arena, m));
    size_t end = base_bytes_find_str(m, ": ");
    const char *value = base_arena_str_bytes(arena, base_bytes_slice(m, 0, end));
    return base_arena_printf(arena, "%s%s%s: %s", row->words, value, row->behind,
                             library_line(row, value, base_bytes_slice(m, end, m.len), arena));
}
