/* SPDX-License-Identifier: Apache-2.0 */
/* connect_show - what is printed, in which order, and where to.
 *
 * Three ways: our own block (TARGET), our own block and s_client's full output behind it (-connect
 * and its like, --full), s_client's summary on stderr (-brief). -quiet shows nothing. */
#include "connect/run.h"

#include "base/file.h"
#include "base/text.h"
#include "report/connect.h"
#include "report/s_client.h"

#include <errno.h>

#define TEXT_MAX ((size_t)64 << 20)

bool connect_put(int fd, struct base_buf *text) {
    bool complete = base_file_write(fd, base_buf_view(text)) && !text->failed;
    base_buf_clear(text);
    return complete;
}

/* That it can't be written is told once, at the end. */
static void put_out(struct connect_run *r, struct base_buf *text) {
    errno = ENOMEM; /* a text beyond its limit */
    if (!connect_put(r->io.out, text) && r->write_error == 0)
        r->write_error = errno;
}

/* The command line is one of s_client's. */
static bool asked_as_s_client(const struct connect_options *o) {
    return o->connect || o->host || o->unix_path;
}

/* As there, -brief and -quiet outdo -showcerts and -prexit; --full is ours. */
static bool shows_full(const struct connect_options *o) {
    return !o->quiet &&
           (o->full || (!o->brief && (o->show_certs || o->prexit || asked_as_s_client(o))));
}

static bool shows_own(const struct connect_options *o) {
    return !o->brief && !o->quiet;
}

static struct base_bytes last_line(const struct facts_reply *reply) {
    return reply->line_count > 0 ? reply->lines[reply->line_count - 1] : BASE_BYTES_EMPTY;
}

/* s_client ends with the last line that it kept of the dialogue before TLS. */
static void put_last_of_dialogue(struct connect_run *r, struct base_buf *text) {
    const struct facts_endpoint *e = r->endpoint;
    if (!e->session.established || e->implicit_tls)
        return;
    switch (e->protocol) {
    case FACTS_PROTOCOL_SMTP:
    case FACTS_PROTOCOL_LMTP:
        base_buf_printf(text, "%d ", e->ehlo.reply.code);
        base_text_escape(text, last_line(&e->ehlo.reply));
        break;
    case FACTS_PROTOCOL_IMAP:
        base_buf_printf(text, ". %s ", e->ehlo.reply.status);
        base_text_escape(text, last_line(&e->ehlo.reply));
        break;
    case FACTS_PROTOCOL_POP3:
        base_buf_printf(text, "%s ", e->greeting.status);
        base_text_escape(text, last_line(&e->greeting));
        break;
    case FACTS_PROTOCOL_SIEVE:
        base_buf_printf(text, "%s ", e->starttls.reply.status);
        base_text_escape(text, last_line(&e->starttls.reply));
        break;
    }
    base_buf_append_str(text, "\n");
    (void)connect_put(r->io.err, text);
}

static void put_depth(const struct connect_run *r, struct base_buf *text) {
    if (r->options->wish.verify_depth >= 0 && !r->options->wish.verify_quiet && !r->options->quiet)
        base_buf_printf(text, "verify depth is %d\n", r->options->wish.verify_depth);
}

static void put_summary(struct connect_run *r, struct base_buf *text) {
    put_depth(r, text);
    report_s_client_connecting(r->endpoint, &r->detail, text);
    report_s_client_verify(&r->detail, true, text);
    report_s_client_brief(r->endpoint, &r->detail, text);
    (void)connect_put(r->io.err, text);
    put_last_of_dialogue(r, text);
}

static void put_path_check(struct connect_run *r, struct base_buf *text) {
    put_depth(r, text);
    report_s_client_connecting(r->endpoint, &r->detail, text);
    report_s_client_verify(&r->detail, r->options->wish.verify_quiet, text);
    (void)connect_put(r->io.err, text);
}

static void put_full(struct connect_run *r, bool again, struct base_buf *text) {
    struct report_s_client_flags f = {.showcerts = r->options->show_certs, .again = again};
    if (again)
        report_s_client_reconnecting(text);
    put_path_check(r, text);
    if (!again)
        report_s_client_connected(3, text);
    report_s_client_full(r->endpoint, &r->detail, &f, text);
    put_out(r, text);
    put_last_of_dialogue(r, text);
}

static void put_own(struct connect_run *r, struct base_buf *text) {
    report_connect(r->endpoint, &r->detail, r->style, text);
    report_connect_findings(r->target->findings, r->target->finding_count, r->endpoint, r->style,
                            text);
    put_out(r, text);
}

static void put_timing(struct connect_run *r, struct base_buf *text) {
    report_timing(r->endpoint, r->dns_ms, r->style, text);
    put_out(r, text);
}

void connect_show_session(struct connect_run *r, bool again) {
    const struct connect_options *o = r->options;
    struct base_buf text;
    base_buf_init(&text, TEXT_MAX);
    if (shows_own(o))
        put_own(r, &text);
    if (o->brief)
        put_summary(r, &text);
    if (shows_full(o))
        put_full(r, again, &text);
    if (o->quiet && !o->brief && asked_as_s_client(o)) { /* it is silent on stdout only */
        put_path_check(r, &text);
        put_last_of_dialogue(r, &text);
    }
    if (o->timing)
        put_timing(r, &text);
    base_buf_release(&text);
}

/* s_client says nothing in words of ours: the explanation goes where its errors go. */
static void put_findings(struct connect_run *r, struct base_buf *text) {
    report_connect_findings(r->target->findings, r->target->finding_count, r->endpoint, r->style,
                            text);
    (void)connect_put(r->io.err, text);
}

void connect_show_failure(struct connect_run *r) {
    const struct connect_options *o = r->options;
    bool began = r->endpoint && r->endpoint->session.started;
    struct base_buf text;
    base_buf_init(&text, TEXT_MAX);
    if (o->brief && began) {
        report_s_client_verify(&r->detail, true, &text);
        report_s_client_errors(&r->detail, &text);
        (void)connect_put(r->io.err, &text);
    }
    if (r->endpoint && shows_own(o))
        put_own(r, &text);
    else
        put_findings(r, &text);
    if (began && shows_full(o)) {
        put_full(r, false, &text);
        report_s_client_errors(&r->detail, &text);
        (void)connect_put(r->io.err, &text);
    }
    if (o->timing && r->endpoint)
        put_timing(r, &text);
    base_buf_release(&text);
}

void connect_show_late_end(struct connect_run *r, bool untold) {
    const struct connect_options *o = r->options;
    const char *broken = untold ? connect_broken(r) : NULL;
    struct base_buf text;
    base_buf_init(&text, TEXT_MAX);
    connect_read_detail(r);
    if (o->brief || shows_full(o))
        report_s_client_errors(&r->detail, &text);
    if (broken)
        base_buf_printf(&text, "waxseal: the session broke off: %s\n", broken);
    (void)connect_put(r->io.err, &text);
    put_findings(r, &text);
    base_buf_release(&text);
}

void connect_show_end(struct connect_run *r) {
    struct report_s_client_flags f = {.showcerts = r->options->show_certs};
    struct base_buf text;
    base_buf_init(&text, TEXT_MAX);
    if (shows_full(r->options)) {
        for (size_t i = 0; i < r->detail.ticket_count; i++)
            report_s_client_ticket(r->detail.tickets[i], &text);
        put_out(r, &text);
    }
    if (r->options->prexit && shows_full(r->options)) {
        report_s_client_full(r->endpoint, &r->detail, &f, &text);
        put_out(r, &text);
    }
    base_buf_release(&text);
}

void connect_show_json(struct connect_run *r) {
    struct base_buf text;
    base_buf_init(&text, TEXT_MAX);
    report_json_connect(r->target, r->endpoint, &r->detail, &r->client, r->dns_ms,
                        r->target->findings, r->target->finding_count, &text);
    put_out(r, &text);
    base_buf_release(&text);
}
