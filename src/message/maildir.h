/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_MESSAGE_MAILDIR_H
#define WAXSEAL_MESSAGE_MAILDIR_H

/* Where the entry `path` of a Maildir ("DIR/new/NAME" or "DIR/cur/NAME:2,FLAGS") is now: the same
 * NAME in "cur" or "new", with any flags. The caller frees it; NULL when there is none, or `path`
 * is not in a folder "new" or "cur". */
char *message_maildir_find(const char *path);

#endif
