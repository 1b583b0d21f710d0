/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_MESSAGE_MIME_TYPE_H
#define WAXSEAL_MESSAGE_MIME_TYPE_H

#include "base/bytes.h"

/* The type by the end of a file's name ("report.pdf" -> "application/pdf"); NULL not known. */
const char *message_mime_type_of_name(struct base_bytes name);
/* The type of content by libmagic, which is loaded for it; valid until the next call, NULL when
 * there is no libmagic or it does not know. `start` is the start of the content. */
const char *message_mime_type_of_content(struct base_bytes start);

#endif
