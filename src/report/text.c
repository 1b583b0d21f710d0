/* SPDX-License-Identifier: Apache-2.0 */
/* report_text - the report for people: the answer first, then the evidence, findings last.
 *
 * One sentence per target, one block per endpoint, one paragraph per finding that says what was
 * seen, whom it hurts and how to mend it. */
#include "report/report.h"

#include "base/arena.h"
#include "facts/names.h"
#include "report/text_parts.h"

#include <string.h>

#define SCRATCH_MAX ((size_t)16 << 20)

/* The look of an endpoint that was shown with another one. */
static const char shown_already[] = "shown";

/* --- the answer --- */

static size_t count_up(const struct facts_target *t) {
    size_t n = 0;
    for (size_t i = 0; i < t->endpoint_count; i++)
        n += t->endpoints[i].session.established;
    return n;
}

static size_t count_severity(const struct facts_target *t, enum facts_severity s) {
    size_t n = 0;
    for (size_t i = 0; i < t->finding_count; i++)
        n += t->findings[i].severity == s;
    return n;
}

static const char *plural(size_t n, const char *one, const char *many) {
    return n == 1 ? one : many;
}

/* "STARTTLS works at all 4 addresses of 2 mail servers" */
static const char *where_up(struct base_arena *a, const struct facts_target *t) {
    size_t up = count_up(t), all = t->endpoint_count, hosts = t->dns.host_count;
    const char *how = t->implicit_tls ? "TLS" : "STARTTLS";
    if (all == 1)
        return base_arena_printf(a, "%s works", how);
    if (up == all)
        return base_arena_printf(a, "%s works at all %zu addresses of %zu mail %s", how, all, hosts,
                                 plural(hosts, "server", "servers"));
    return base_arena_printf(a, "%s works at %zu of %zu addresses", how, up, all);
}

/* The finding that decides the answer: for a "no", the worst at an endpoint without TLS. */
static const struct facts_finding *deciding(const struct facts_target *t) {
    for (size_t i = 0; t->verdict == FACTS_VERDICT_NO_STARTTLS && i < t->finding_count; i++) {
        const struct facts_finding *f = &t->findings[i];
        if (f->endpoint >= 0 && !t->endpoints[f->endpoint].session.established)
            return f;
    }
    return t->finding_count ? &t->findings[0] : NULL;
}

/* Its title inside a sentence: in lower case, unless it begins with an acronym. */
static const char *reason(struct base_arena *a, const struct facts_target *t) {
    const struct facts_finding *f = deciding(t);
    if (!f)
        return "no reason is known";
    const char *title = f->title;
    bool acronym = title[0] && title[1] >= 'A' && title[1] <= 'Z';
    return acronym ? title
                   : base_arena_printf(a, "%c%s", (int)base_ascii_lower((uint8_t)title[0]),
                                       title[0] ? title + 1 : "");
}

static const char *sentence(struct base_arena *a, const struct facts_target *t) {
    size_t errors = count_severity(t, FACTS_SEVERITY_ERROR);
    size_t warnings = count_severity(t, FACTS_SEVERITY_WARNING);
    switch (t->verdict) {
    case FACTS_VERDICT_OK:
        return t->dns.null_mx && t->endpoint_count == 0
                   ? "this domain accepts no mail, and says so (null MX)"
                   : base_arena_printf(a, "yes, %s", where_up(a, t));
    case FACTS_VERDICT_PROBLEMS:
        return errors + warnings == 1
                   ? base_arena_printf(a, "%s, but %s", where_up(a, t), reason(a, t))
                   : base_arena_printf(a, "%s, with %zu problems to mend", where_up(a, t),
                                       errors + warnings);
    case FACTS_VERDICT_NO_STARTTLS:
        return count_up(t) ? base_arena_printf(a, "not everywhere: %s", where_up(a, t))
                           : base_arena_printf(a, "no: %s", reason(a, t));
    case FACTS_VERDICT_UNKNOWN:
        break;
    }
    return base_arena_printf(a, "could not tell: %s", reason(a, t));
}

static void paint_answer(const struct report_painter *p, struct base_arena *a,
                         const struct facts_target *t) {
    const char *name = t->unicode && t->unicode[0]
                           ? base_arena_printf(a, "%s (%s)", t->unicode, t->name)
                           : t->input;
    report_paint_answer(p, t->verdict, base_arena_printf(a, "%s: %s", name, sentence(a, t)));
}

/* --- endpoints --- */

static void paint_details(const struct report_painter *p, struct base_arena *a,
                          const struct facts_endpoint *e) {
    report_details_connection(p, a, e);
    report_details_starttls(p, a, e);
    report_details_session(p, a, e);
    report_details_certificate(p, a, e);
}

/* What a reader would see of an endpoint but for times, to find those that look alike. */
static const char *look(const struct report_painter *p, struct base_arena *a,
                        const struct facts_endpoint *e) {
    struct facts_endpoint timeless = *e;
    struct base_buf out;
    timeless.connect.ms = timeless.session.ms = 0;
    base_buf_init(&out, SCRATCH_MAX);
    base_buf_printf(&out, "%s %s\n", e->host,
                    e->certificate_count ? e->certificates[0].sha256 : "");
    paint_details(&(struct report_painter){p->style, &out}, a, &timeless);
    const char *s = base_arena_str_bytes(a, base_buf_view(&out));
    base_buf_release(&out);
    return s;
}

/* One block for endpoint `at` and all later ones of its host that look like it; -v shows each. */
static void paint_endpoints(const struct report_painter *p, struct base_arena *a,
                            const struct facts_target *t, const char **looks, size_t at) {
    const struct facts_endpoint *e = &t->endpoints[at];
    const char *name = report_details_name(a, e);
    for (size_t i = at + 1; looks[at][0] && i < t->endpoint_count; i++)
        if (strcmp(looks[i], looks[at]) == 0) {
            name = base_arena_printf(a, "%s, [%s]:%u", name, t->endpoints[i].address, e->port);
            looks[i] = shown_already;
        }
    if (e->mx_preference >= 0)
        name = base_arena_printf(a, "%s (MX %d)", name, e->mx_preference);
    report_paint_blank(p);
    report_paint_heading(p, 2, name);
    paint_details(p, a, e);
    if (p->style->verbose)
        report_details_verbose(p, a, e);
}

static void paint_all_endpoints(const struct report_painter *p, struct base_arena *a,
                                const struct facts_target *t) {
    const char **looks = base_arena_array(a, t->endpoint_count + 1, sizeof *looks);
    if (!looks)
        return;
    for (size_t i = 0; i < t->endpoint_count; i++)
        looks[i] = p->style->verbose ? "" : look(p, a, &t->endpoints[i]);
    for (size_t i = 0; i < t->endpoint_count; i++)
        if (looks[i] != shown_already)
            paint_endpoints(p, a, t, looks, i);
}

/* --- the whole --- */

void report_text_target(const struct facts_report *r, const struct facts_target *t,
                        const struct report_style *s, struct base_buf *out) {
    struct report_painter p = {s, out};
    struct base_arena a;
    (void)r;
    base_arena_init(&a, SCRATCH_MAX);
    paint_answer(&p, &a, t);
    if (s->verbose)
        report_details_dns(&p, &a, t);
    paint_all_endpoints(&p, &a, t);
    for (size_t i = 0; i < t->finding_count; i++)
        report_finding(&p, &a, t, &t->findings[i]);
    if (a.failed)
        out->failed = true;
    base_arena_release(&a);
}

void report_text_line(const struct facts_target *t, const struct report_style *s,
                      struct base_buf *out) {
    struct report_painter p = {s, out};
    struct base_arena a;
    base_arena_init(&a, SCRATCH_MAX);
    paint_answer(&p, &a, t);
    if (a.failed)
        out->failed = true;
    base_arena_release(&a);
}

void report_text_above_lines(size_t count, double ms, const struct report_style *s,
                             struct base_buf *out) {
    struct report_painter p = {s, out};
    struct base_arena a;
    base_arena_init(&a, SCRATCH_MAX);
    report_paint_blank(&p);
    report_paint_heading(&p, 0, base_arena_printf(&a, "%zu targets in %.1f s", count, ms / 1000.0));
    base_arena_release(&a);
}

void report_text_summary(const struct facts_report *r, const struct report_style *s,
                         struct base_buf *out) {
    if (r->target_count < 2)
        return;
    report_text_above_lines(r->target_count, r->ms, s, out);
    for (size_t i = 0; i < r->target_count; i++)
        report_text_line(&r->targets[i], s, out);
}
