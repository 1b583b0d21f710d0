/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_REPORT_TRACE_EXTENSION_H
#define WAXSEAL_REPORT_TRACE_EXTENSION_H

#include "report/trace.h"
#include "report/trace_words.h"

/* The message that an extension stands in decides its form. */
enum report_place {
    REPORT_PLACE_CLIENT_HELLO,
    REPORT_PLACE_SERVER_HELLO,
    REPORT_PLACE_RETRY_REQUEST,
    REPORT_PLACE_ENCRYPTED_EXTENSIONS,
    REPORT_PLACE_CERTIFICATE,
    REPORT_PLACE_CERTIFICATE_REQUEST,
    REPORT_PLACE_TICKET,
};

/* The vector of extensions that comes next in `r`, with its length; lines at the words' depth.
 * Inner to report/trace. */
void report_trace_extensions(struct report_words *w, enum report_place place,
                             struct base_reader *r);

/* Names for lists of numbers; "" when unknown. */
const char *report_trace_name_group(uint16_t id);
const char *report_trace_name_scheme(uint16_t id);
const char *report_trace_name_suite(uint16_t id);
const char *report_trace_name_certificate_compression(uint16_t id);
/* A list of distinguished names with its length of two bytes (RFC 8446 4.2.4, RFC 5246 7.4.4): how
 * many, and their sizes, on the open line. */
void report_trace_authorities(struct report_words *w, struct base_reader *r);
/* An OCSP response with its type (RFC 6066 8), on the open line. */
void report_trace_status(struct report_words *w, struct base_reader *r);

#endif
