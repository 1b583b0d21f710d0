/* SPDX-License-Identifier: Apache-2.0 */
/* bench_reply_reader - the reply reader alone, for counting its instructions.
 *
 * Usage: bench_reply_reader [ROUNDS]
 *
 * Each round reads a greeting and an EHLO reply of ten lines, the latter with its keywords, once
 * in one piece and once in pieces of seven bytes. Writes how many bytes it read. */
#include "base/arena.h"
#include "base/bytes.h"
#include "mail/ehlo.h"
#include "mail/reply.h"

#include <stdio.h>
#include <stdlib.h>

enum { PIECE = 7, DEFAULT_ROUNDS = 1000, ARENA_LIMIT = 1 << 20 };

static const char greeting[] = "220 mx.lab.test ESMTP Postfix (Debian/GNU)\r\n";
static const char ehlo_reply[] = "250-mx.lab.test\r\n"
                                 "250-PIPELINING\r\n"
                                 "250-SIZE 10240000\r\n"
                                 "250-VRFY\r\n"
                                 "250-ETRN\r\n"
                                 "250-STARTTLS\r\n"
                                 "250-AUTH PLAIN LOGIN\r\n"
                                 "250-ENHANCEDSTATUSCODES\r\n"
                                 "250-8BITMIME\r\n"
                                 "250 CHUNKING\r\n";

/* Feeds text in pieces of at most `piece` bytes; false when that was not exactly one reply. */
static bool read_reply(struct mail_reply_reader *r, const char *text, size_t len, size_t piece,
                       struct facts_reply *out) {
    enum mail_reply_state state = MAIL_REPLY_MORE;

    mail_reply_begin(r, MAIL_REPLY_SMTP, NULL, out);
    for (size_t at = 0; at < len && state == MAIL_REPLY_MORE; at += piece) {
        size_t n = len - at < piece ? len - at : piece;
        struct base_bytes in = base_bytes_view(text + at, n);

        state = mail_reply_feed(r, &in);
    }
    return state == MAIL_REPLY_DONE;
}

static bool one_round(size_t piece) {
    struct base_arena arena;
    struct mail_reply_reader reader;
    struct facts_reply hello = {0};
    struct facts_ehlo ehlo = {0};
    bool fine;

    base_arena_init(&arena, ARENA_LIMIT);
    mail_reply_init(&reader, &arena);
    fine = read_reply(&reader, greeting, sizeof greeting - 1, piece, &hello) &&
           read_reply(&reader, ehlo_reply, sizeof ehlo_reply - 1, piece, &ehlo.reply);
    if (fine)
        mail_ehlo_read(&ehlo, FACTS_PROTOCOL_SMTP, &arena);
    fine = fine && hello.code == 220 && ehlo.keyword_count == 9;
    mail_reply_release(&reader);
    base_arena_release(&arena);
    return fine;
}

int main(int argc, char **argv) {
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : DEFAULT_ROUNDS;

    for (long i = 0; i < rounds; i++) {
        if (!one_round(sizeof ehlo_reply) || !one_round(PIECE)) {
            fputs("bench_reply_reader: a reply was not read as it should be\n", stderr);
            return EXIT_FAILURE;
        }
    }
    printf("%ld\n", rounds * 2 * (long)(sizeof greeting - 1 + sizeof ehlo_reply - 1));
    return 0;
}
