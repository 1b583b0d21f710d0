/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TESTS_MESSAGE_CASE_H
#define WAXSEAL_TESTS_MESSAGE_CASE_H

#include "base/buf.h"
#include "message/message.h"

/* The input that most cases start from: from c@d to a@b, host vm, pid 4242, one fixed second, body
 * "BODY". The time zone is set to UTC. */
struct message_input case_input(void);
/* All pieces of a form, joined; fails the test on an error. The caller releases `out`. */
void case_read(struct message *m, enum message_form form, struct base_buf *out);
/* Makes the message, joins its pieces; the caller frees the text. Each CRLF is shown as a '|'. */
char *case_text(const struct message_input *in, enum message_form form);
/* The same must come out: `expected` in the notation of case_text, MESSAGE_FORM_DUMP. */
void case_expect(const struct message_input *in, const char *expected);
/* A new file in $TMPDIR or /tmp with this content; the caller frees the path (and removes it). */
char *case_file(const void *data, size_t len);

#endif
