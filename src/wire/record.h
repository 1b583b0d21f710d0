/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_WIRE_RECORD_H
#define WAXSEAL_WIRE_RECORD_H

#include "base/reader.h"

#define WIRE_RECORD_HEADER 5           /* type, version, length */
#define WIRE_RECORD_MAX (16384 + 2048) /* longest fragment of a TLS 1.2 record (RFC 5246 6.2.3) */

enum wire_content {
    WIRE_CONTENT_CHANGE_CIPHER_SPEC = 20,
    WIRE_CONTENT_ALERT = 21,
    WIRE_CONTENT_HANDSHAKE = 22,
    WIRE_CONTENT_APPLICATION_DATA = 23,
    WIRE_CONTENT_HEARTBEAT = 24,
};

/* One record as it stands in a stream (RFC 8446 5.1). */
struct wire_record {
    uint8_t content;  /* enum wire_content */
    uint16_t version; /* legacy_record_version */
    struct base_bytes fragment;
};

enum wire_record_state {
    WIRE_RECORD_OK,
    WIRE_RECORD_MORE, /* the bytes end inside the record; nothing was taken from the reader */
    WIRE_RECORD_BAD,  /* no TLS record: unknown type, version or length; the reader has failed */
};

/* Takes one whole record from the front of `r`. */
enum wire_record_state wire_record_next(struct base_reader *r, struct wire_record *out);

/* An alert (RFC 8446 6); false unless the fragment is exactly one unencrypted alert. */
bool wire_record_alert(const struct wire_record *record, uint8_t *level, uint8_t *description);

/* What the first bytes from a peer are, when a TLS answer was expected. */
enum wire_start {
    WIRE_START_EMPTY,     /* no bytes */
    WIRE_START_SHORT,     /* too few to tell; nothing speaks against TLS yet */
    WIRE_START_HANDSHAKE, /* a TLS record with handshake messages */
    WIRE_START_ALERT,     /* a TLS record with an alert */
    WIRE_START_OTHER,     /* a TLS record with something else */
    WIRE_START_SSLV2,     /* an SSL 2.0 record */
    WIRE_START_SMTP,      /* "220 ...", also LMTP and FTP, which look the same */
    WIRE_START_IMAP,      /* "* OK ..." or a tagged line */
    WIRE_START_POP3,      /* "+OK", "-ERR" */
    WIRE_START_SIEVE,     /* ManageSieve: OK, NO, BYE or a quoted capability */
    WIRE_START_HTTP,
    WIRE_START_SSH,
    WIRE_START_TEXT,   /* other printable text */
    WIRE_START_BINARY, /* none of these */
};

struct wire_first {
    enum wire_start start;
    uint16_t version;  /* of the record, for TLS and SSL 2.0 kinds */
    uint8_t level;     /* ALERT: 1 warning, 2 fatal; 0 when it has not come whole */
    uint8_t alert;     /* ALERT: description */
    const char *words; /* "a TLS handshake record", "SMTP text" ...; static */
};

/* Looks at the first bytes a peer sent (a few are enough, 256 are plenty). */
struct wire_first wire_record_classify(struct base_bytes first);
/* True for the kinds that are not TLS at all. */
bool wire_start_is_foreign(enum wire_start start);

#endif
