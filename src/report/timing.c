/* SPDX-License-Identifier: Apache-2.0 */
/* report_timing - where the time of a connection went, as a waterfall.
 *
 * The steps of a dialogue follow each other, each waiting for the one before, so a step begins
 * where the last one ended; what lies between them on our side is not counted. */
#include "report/connect.h"

#include "report/text_parts.h"

#include <string.h>

#define LABEL_WIDTH 13
#define VALUE_WIDTH 10
#define BAR_MIN 10u
#define BAR_MAX 200u

struct times {
    struct report_time *items;
    size_t count;
    double at;
};

static void add(struct times *t, bool done, const char *key, const char *name, double ms) {
    if (!done || t->count == REPORT_TIMES_MAX)
        return;
    ms = ms > 0 ? ms : 0;
    t->items[t->count++] = (struct report_time){name, key, t->at, ms};
    t->at += ms;
}

/* What a session's time is made of, as far as it came. */
static void add_session(struct times *t, const struct facts_session *s) {
    double hello = s->hello_ms, certificate = s->certificate_ms;
    if (!s->started)
        return;
    if (hello <= 0) {
        add(t, s->established || s->ms > 0, "handshake", "handshake", s->ms);
        return;
    }
    add(t, true, "hello", "TLS hello", hello);
    if (certificate >= hello)
        add(t, true, "certificate", "certificate", certificate - hello);
    double rest = s->ms - (certificate >= hello ? certificate : hello);
    add(t, s->established, "finished", "finished", rest);
}

static const char *name_in_tls(const char *verb) {
    if (verb && strcmp(verb, "EHLO") == 0)
        return "EHLO in TLS";
    return verb && strcmp(verb, "LHLO") == 0 ? "LHLO in TLS" : "inside TLS";
}

size_t report_times(const struct facts_endpoint *e, double dns_ms,
                    struct report_time times[REPORT_TIMES_MAX]) {
    struct times t = {.items = times};
    const char *hello = e->ehlo.verb && e->ehlo.verb[0] ? e->ehlo.verb : "EHLO";
    bool tls_first = e->implicit_tls;
    add(&t, dns_ms >= 0, "dns", "DNS", dns_ms);
    add(&t, e->connect.state != FACTS_CONNECT_NOT_TRIED, "tcp", "TCP", e->connect.ms);
    if (tls_first)
        add_session(&t, &e->session);
    add(&t, e->greeting.received, "greeting", "greeting", e->greeting.ms);
    add(&t, e->ehlo.reply.received, "ehlo", hello, e->ehlo.reply.ms);
    add(&t, e->starttls.reply.received, "starttls", "STARTTLS", e->starttls.reply.ms);
    if (!tls_first)
        add_session(&t, &e->session);
    add(&t, e->ehlo_tls.reply.received, "ehlo_tls", name_in_tls(e->ehlo_tls.verb),
        e->ehlo_tls.reply.ms);
    return t.count;
}

/* --- the waterfall --- */

/* Cells from `from` to `to` of a bar, in front of them nothing. Every step has one cell at least.
 */
static void put_bar(const struct report_painter *p, size_t width, double total,
                    const struct report_time *t) {
    double unit = total > 0 ? (double)width / total : 0;
    size_t from = (size_t)(t->start_ms * unit);
    size_t to = (size_t)((t->start_ms + t->ms) * unit + 0.5);
    from = from < width ? from : width - 1;
    to = to <= width ? to : width;
    to = to > from ? to : from + 1;
    struct base_buf bar;
    base_buf_init(&bar, 4096);
    for (size_t i = from; i < to; i++)
        base_buf_append_str(&bar, p->style->ascii ? "#" : "\u2588");
    base_buf_printf(p->out, "%*s", (int)from, "");
    report_paint_coloured(p, REPORT_GREEN, base_buf_cstr(&bar));
    base_buf_printf(p->out, "%*s", (int)(width - to), "");
    base_buf_release(&bar);
}

/* Loopback takes less than a millisecond for a step. */
static int digits_for(double total) {
    return total < 10 ? 3 : 1;
}

static void put_step(const struct report_painter *p, size_t width, double total,
                     const struct report_time *t) {
    struct base_buf label;
    base_buf_init(&label, 64);
    base_buf_printf(&label, "    %-*s", LABEL_WIDTH, t->name);
    report_paint_coloured(p, REPORT_DIM, base_buf_cstr(&label));
    base_buf_release(&label);
    if (width)
        put_bar(p, width, total, t);
    base_buf_printf(p->out, "%*.*f ms\n", VALUE_WIDTH, digits_for(total), t->ms);
}

void report_timing(const struct facts_endpoint *e, double dns_ms, const struct report_style *style,
                   struct base_buf *out) {
    struct report_time times[REPORT_TIMES_MAX];
    struct report_painter p = {style, out};
    size_t n = report_times(e, dns_ms, times);
    size_t other = 4 + LABEL_WIDTH + VALUE_WIDTH + 3;
    size_t width = style->columns >= other + BAR_MIN ? style->columns - other : 0;
    if (n == 0)
        return;
    double total = times[n - 1].start_ms + times[n - 1].ms;
    report_paint_blank(&p);
    report_paint_heading(&p, 2, "Where the time went");
    for (size_t i = 0; i < n; i++)
        put_step(&p, width < BAR_MAX ? width : BAR_MAX, total, &times[i]);
    base_buf_printf(out, "    %-*s%*s%*.*f ms\n", LABEL_WIDTH, "in all",
                    (int)(width < BAR_MAX ? width : BAR_MAX), "", VALUE_WIDTH, digits_for(total),
                    total);
}
