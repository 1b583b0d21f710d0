/* SPDX-License-Identifier: Apache-2.0 */
/* A whole dialogue fed with fuzz bytes. Each piece is <length byte><bytes>; what must hold whatever
 * a server sends is asserted. FUZZ_PROTOCOL names the protocol. */
#ifndef WAXSEAL_FUZZ_DIALOGUE_H
#define WAXSEAL_FUZZ_DIALOGUE_H

#include "mail/dialogue.h"
#include "mail/reply.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count_lines(struct base_bytes b) {
    size_t n = 0;
    for (size_t i = 0; i < b.len; i++)
        n += b.data[i] == '\n';
    return n;
}

static void check_reply(const struct facts_reply *r) {
    assert(r->status && r->enhanced);
    assert(r->line_count <= MAIL_REPLY_LINES);
    assert(r->code == 0 || (r->code >= 200 && r->code <= 599));
    for (size_t i = 0; i < r->line_count; i++)
        assert(r->lines[i].len <= MAIL_LINE_MAX);
}

static void check_ehlo(const struct facts_ehlo *e) {
    check_reply(&e->reply);
    for (size_t i = 0; i < e->keyword_count; i++)
        for (const char *p = e->keywords[i].name; *p; p++)
            assert((unsigned char)*p > ' ' && (unsigned char)*p < 0x7f);
}

/* One command in flight at most, and none before the greeting is whole. */
static void check_output(struct mail_dialogue *d, const struct facts_endpoint *f) {
    struct base_buf *out = mail_dialogue_output(d);
    assert(count_lines(base_buf_view(out)) <= 1);
    assert(out->len == 0 || f->greeting.received);
    base_buf_clear(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct mail_config c = {.protocol = FUZZ_PROTOCOL,
                            .helo = "fuzz.example",
                            .timeouts = {BASE_SECOND, BASE_SECOND, BASE_SECOND}};
    struct facts_endpoint f;
    struct base_arena arena;
    struct mail_dialogue *d = NULL;
    base_usec now = BASE_SECOND;

    facts_endpoint_init(&f);
    base_arena_init(&arena, (size_t)64 << 20);
    if (mail_dialogue_new(&c, &f, &arena, NULL, "fuzz", &d, NULL) != WS_OK)
        return 0;
    mail_dialogue_start(d, now);
    for (size_t at = 0; at < size && mail_dialogue_want(d) != MAIL_WANT_DONE;) {
        size_t piece = data[at++];
        struct base_bytes b = base_bytes_slice(base_bytes_view(data, size), at, piece);
        at += b.len;
        mail_dialogue_feed(d, b, now++);
        check_output(d, &f);
        if (piece == 0 && mail_dialogue_want(d) == MAIL_WANT_TLS)
            mail_dialogue_tls_up(d, now);
        check_output(d, &f);
    }
    mail_dialogue_closed(d, MAIL_CLOSED_EOF, now);
    if (mail_dialogue_want(d) == MAIL_WANT_TLS)
        mail_dialogue_tls_failed(d, now);
    assert(mail_dialogue_want(d) == MAIL_WANT_DONE);
    check_reply(&f.greeting);
    check_reply(&f.starttls.reply);
    check_ehlo(&f.ehlo);
    check_ehlo(&f.ehlo_tls);
    mail_dialogue_release(d);
    base_arena_release(&arena);
    return 0;
}

#endif
