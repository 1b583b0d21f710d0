/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_MESSAGE_MESSAGE_H
#define WAXSEAL_MESSAGE_MESSAGE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* The message: made of what the command line says, given out as a stream of pieces. Texts are kept
 * in memory; attached files and byte-exact messages are read while they are sent, so that their
 * size costs no memory. */

enum message_part_kind {
    MESSAGE_PART_BODY,     /* --attach-body: stands before the attachments; several: alternative */
    MESSAGE_PART_ATTACHED, /* --attach, --attach-file */
    MESSAGE_PART_INLINE    /* --attach-inline: multipart/related with the body, needs content_id */
};

/* One MIME part. Content: `path` (read when the message is sent), else `bytes`. (In swaks
 * --attach-type holds for the parts that follow, up to and with the next --attach-body, behind
 * which the default is back; --attach-name for the next part alone.) */
struct message_part {
    enum message_part_kind kind;
    const char *type;    /* NULL: text/plain for bodies, application/octet-stream for the others */
    bool guess_type;     /* find the type by libmagic, else by the name (when `type` is NULL) */
    const char *charset; /* NULL: none is given */
    const char *name;    /* "" none; NULL: the last element of `path` for attached and inline ones,
                            else none */
    const char *content_id; /* without angle brackets; NULL none */
    struct base_bytes bytes;
    const char *path; /* NULL: `bytes` */
};

/* All that the message is made of. Zero-initialise. Everything it points to must outlive the
 * message. Lists of addresses are texts as swaks joins them ("a@b,c@d"), NULL is "". */
struct message_input {
    const char *from;
    const char *to;
    const char *cc;  /* a Cc header is written when it is not empty */
    const char *bcc; /* for %BCC_ADDRESS% alone */
    const char *fqdn;
    unsigned pid;
    time_t now;
    unsigned sequence;   /* 0 for the first: --repeat gives each message its own Message-Id */
    const char *version; /* %SWAKS_VERSION% and X-Mailer */

    bool data_given;        /* --data was given (it may be empty) */
    struct base_bytes data; /* its text; without: the default template */
    const char *data_path;  /* a file, in place of `data`; NULL none */
    /* --message: this file ("-" standard input, or a Maildir entry, found even if its flags or
     * folder changed) goes out as it is: bare LF becomes CRLF, dots are doubled, nothing else. No
     * other field counts then but no_strip_from. NULL: none. */
    const char *message_path;

    struct base_bytes body;   /* --body; the caller fills in "This is a test mailing" */
    const char *body_path;    /* a file, in place of `body`; NULL none */
    const char *body_charset; /* NULL: none; the body then becomes a MIME part of its own */
    bool body_is_dump;        /* --dump-as-body: no token, no \n is replaced in it */

    const struct message_part *parts; /* in the order they were given */
    size_t part_count;
    bool always_mime; /* multipart even without parts: --attach-type or --attach-name alone */
    const char *const *add_headers; /* --add-header, each "Name: value", maybe with \n */
    size_t add_header_count;
    const char *const *headers; /* --header and --h-Name, each "Name: value", in their order: takes
                                   the place of the last field of that name, else is added */
    size_t header_count;

    bool no_data_fixup; /* --no-data-fixup */
    bool no_strip_from; /* --no-strip-from */
    /* Exactly as swaks does it: header names match by case, a field of the same name is looked for
     * in the body too, names of attachments go out raw. Otherwise (waxseal send): names match
     * without regard to case, MIME as the RFCs want it. */
    bool as_swaks;
};

struct message;

/* Builds the message. Files are opened and measured here, so a missing one is found before a
 * connection is made. On failure *m is NULL and the error says what was wrong. Release it with
 * message_free. */
WS_MUST_USE enum ws_err message_new(struct message **m, const struct message_input *in,
                                    struct base_error *e);
void message_free(struct message *m); /* NULL is fine */

enum message_form {
    MESSAGE_FORM_DATA,  /* for DATA: dots doubled, ends with "." CRLF (all is sent by the caller as
                        it comes; with no_data_fixup just as it was given, and a CRLF) */
    MESSAGE_FORM_CHUNK, /* for BDAT: dots single, no dot at the end */
    MESSAGE_FORM_DUMP,  /* as swaks --dump DATA shows it: like DATA without the last CRLF */
    MESSAGE_FORM_MAIL   /* as swaks --dump-mail shows it: DUMP without LF and dot at the end; to be
                        written as it is. Else than swaks, and --message: without the dot */
};

/* Starts from the beginning in this form; may be called again and again. */
WS_MUST_USE enum ws_err message_start(struct message *m, enum message_form form,
                                      struct base_error *e);
/* The next piece, never empty until the end; an empty one is the end. It is valid until the next
 * call. Pieces may be cut anywhere. WS_IO when a file can't be read or is not what it was. */
WS_MUST_USE enum ws_err message_next(struct message *m, struct base_bytes *piece,
                                     struct base_error *e);

/* "Name: value" with what is outside ASCII in the value as encoded words; the field itself when
 * there is nothing of it, or when it is not UTF-8. */
const char *message_header_words(struct base_arena *arena, const char *field);

struct message_facts {
    bool size_known;
    uint64_t size;     /* bytes of the message with CRLF line ends, dots single (RFC 1870) */
    bool eight_bit;    /* a byte above 127: BODY=8BITMIME */
    bool binary;       /* a NUL, a bare CR or LF, a line longer than 998 bytes: BINARYMIME */
    bool utf8_headers; /* a byte above 127 in the header: SMTPUTF8 */
};
/* What MAIL FROM wants to know; a byte-exact file is read through once for it. */
WS_MUST_USE enum ws_err message_facts(struct message *m, struct message_facts *facts,
                                      struct base_error *e);

#endif
