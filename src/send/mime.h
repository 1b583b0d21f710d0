/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_MIME_H
#define WAXSEAL_SEND_MIME_H

#include "send/message_private.h"

/* The body of the message and the header fields that say what it is. A message without parts and
 * charset is its --body alone and needs no fields. Fields end in a backslash and an n, as the
 * message is not expanded yet. Contents that must stay as they are become holes. */
WS_MUST_USE enum ws_err send_mime_compose(const struct send_message_input *in,
                                          struct send_holes *holes, struct base_buf *fields,
                                          struct base_buf *body, struct base_error *e);

#endif
