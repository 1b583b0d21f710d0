/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose_rule - what the rules share: quoting, and a few questions about an endpoint. */
#include "diagnose/rule_private.h"

#include "base/text.h"

#define QUOTE_BYTES 200u

bool diagnose_say(struct diagnose_case *c, const char *evidence, const char *impact,
                  const char *fix) {
    c->out->evidence = evidence;
    c->out->impact = impact;
    c->out->fix = fix;
    return true;
}

const char *diagnose_quote(struct base_arena *arena, struct base_bytes b) {
    struct base_buf out;
    base_buf_init(&out, 4096);
    base_text_escape(&out, base_bytes_slice(b, 0, QUOTE_BYTES));
    if (b.len > QUOTE_BYTES)
        base_buf_append_str(&out, "...");
    const char *s = base_arena_str_bytes(arena, base_buf_view(&out));
    base_buf_release(&out);
    return s;
}

const char *diagnose_short(struct base_arena *arena, const char *text) {
    return diagnose_quote(arena, base_bytes_of_str(text));
}

const char *diagnose_reply(struct base_arena *arena, const struct facts_reply *r) {
    struct base_bytes text = r->line_count ? r->lines[r->line_count - 1] : BASE_BYTES_EMPTY;
    if (!r->received)
        return "no complete answer";
    if (r->code)
        return base_arena_printf(arena, "%d %s", r->code, diagnose_quote(arena, text));
    return base_arena_printf(arena, "%s %s", r->status, diagnose_quote(arena, text));
}

bool diagnose_is_opportunistic(const struct facts_endpoint *e) {
    return (e->protocol == FACTS_PROTOCOL_SMTP || e->protocol == FACTS_PROTOCOL_LMTP) &&
           !e->implicit_tls && e->port != 587;
}

bool diagnose_has_leaf(const struct facts_endpoint *e) {
    return e->certificate_count > 0 && e->certificates[0].parsed;
}
