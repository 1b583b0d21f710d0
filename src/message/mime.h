/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_MESSAGE_MIME_H
#define WAXSEAL_MESSAGE_MIME_H

#include "message/private.h"

/* The body of the message and the header fields that say what it is. A message without parts and
 * charset is its --body alone and needs no fields. Fields end in a backslash and an n, as the
 * message is not expanded yet. Contents that must stay as they are become holes. */
WS_MUST_USE enum ws_err message_mime_compose(const struct message_input *in,
                                             struct message_holes *holes, struct base_buf *fields,
                                             struct base_buf *body, struct base_error *e);

#endif
