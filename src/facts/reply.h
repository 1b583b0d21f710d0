/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_FACTS_REPLY_H
#define WAXSEAL_FACTS_REPLY_H

#include "base/bytes.h"

#include <stdbool.h>

/* Certainty: "no" and "could not tell" are different answers. `why` (static or arena text) says why
 * when the answer is NOT_TESTED or UNKNOWN. */
enum facts_answer { FACTS_NOT_TESTED, FACTS_YES, FACTS_NO, FACTS_UNKNOWN };

/* One whole reply of a server. SMTP and LMTP: code 200..599. IMAP, POP3, ManageSieve: code 0 and
 * `status` ("OK", "NO", "BAD", "BYE", "PREAUTH", "+OK", "-ERR"). All memory is the arena's. */
struct facts_reply {
    bool received; /* a complete reply came */
    int code;
    const char *status;       /* "" for SMTP and LMTP */
    const char *enhanced;     /* RFC 3463 status of the first line, "4.7.1", or "" */
    struct base_bytes *lines; /* text of each line, without code and separator, raw */
    size_t line_count;
    size_t lines_cap;
    size_t lines_dropped; /* lines beyond the limit that were read and not kept */
    bool bare_lf;         /* a line ended in LF without CR */
    bool bare_cr;         /* a CR stood inside a line */
    bool control_bytes;   /* NUL or other control bytes were inside */
    bool mixed_codes;     /* the code changed inside the multi-line reply */
    bool truncated_line;  /* a line was longer than the limit; its start is kept */
    double ms;            /* from the question (or the connection) to the end of the reply */
};

/* One EHLO keyword or capability, as sent: "SIZE" "10240000". */
struct facts_keyword {
    const char *name;   /* first token, upper-cased, printable ASCII only */
    const char *params; /* rest of the line, single string, "" when none; control bytes escaped */
};

/* The answer to EHLO, LHLO, HELO, CAPABILITY, CAPA. */
struct facts_ehlo {
    bool asked;
    const char *verb; /* "EHLO", "HELO", "LHLO", "CAPABILITY", "CAPA" or "greeting" */
    struct facts_reply reply;
    const char *domain; /* what the server calls itself in the first line, or "" */
    struct facts_keyword *keywords;
    size_t keyword_count;
    size_t keywords_cap;
    size_t keywords_dropped;      /* keywords beyond the limit that were read and not kept */
    bool ehlo_rejected;           /* EHLO was refused and HELO was tried */
    struct facts_reply rejection; /* the reply to EHLO when it was refused */
};

#endif
