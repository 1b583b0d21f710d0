/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_DNS_MESSAGE_H
#define TESTS_DNS_MESSAGE_H

#include "base/buf.h"

/* DNS messages by hand: well-formed by default, whatever is wanted by raw bytes. */

void message_begin(struct base_buf *m, unsigned id, unsigned flags, const char *name,
                   unsigned type);
void message_name(struct base_buf *m, const char *name); /* uncompressed */
/* Opens a record of `owner`; write the data, then close it. Counts it as an answer. */
size_t message_record(struct base_buf *m, const char *owner, unsigned type, unsigned ttl);
void message_close(struct base_buf *m, size_t mark);

void message_a(struct base_buf *m, const char *owner, const char *address); /* A or AAAA */
void message_mx(struct base_buf *m, const char *owner, unsigned preference, const char *host);
void message_text(struct base_buf *m, const char *owner, unsigned type, const char *name);

#endif
