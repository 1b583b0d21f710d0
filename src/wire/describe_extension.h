/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_WIRE_DESCRIBE_EXTENSION_H
#define WAXSEAL_WIRE_DESCRIBE_EXTENSION_H

#include "wire/describe.h"
#include "wire/words.h"

/* The message that an extension stands in decides its form. */
enum wire_place {
    WIRE_PLACE_CLIENT_HELLO,
    WIRE_PLACE_SERVER_HELLO,
    WIRE_PLACE_RETRY_REQUEST,
    WIRE_PLACE_ENCRYPTED_EXTENSIONS,
    WIRE_PLACE_CERTIFICATE,
    WIRE_PLACE_CERTIFICATE_REQUEST,
    WIRE_PLACE_TICKET,
};

/* The vector of extensions that comes next in `r`, with its length; lines at the words' depth.
 * Inner to wire/describe. */
void wire_describe_extensions(struct wire_words *w, enum wire_place place, struct base_reader *r);

/* Names for lists of numbers; "" when unknown. */
const char *wire_name_group(uint16_t id);
const char *wire_name_scheme(uint16_t id);
const char *wire_name_suite(uint16_t id);
const char *wire_name_certificate_compression(uint16_t id);
/* A list of distinguished names with its length of two bytes (RFC 8446 4.2.4, RFC 5246 7.4.4): how
 * many, and their sizes, on the open line. */
void wire_describe_authorities(struct wire_words *w, struct base_reader *r);
/* An OCSP response with its type (RFC 6066 8), on the open line. */
void wire_describe_status(struct wire_words *w, struct base_reader *r);

#endif
