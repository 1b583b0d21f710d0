/* SPDX-License-Identifier: Apache-2.0 */
/* support - the list of --support.
 *
 * swaks lists Perl modules by what they give; scripts look for these lines, so they are all here:
 * everything is built in. waxseal send adds what swaks has not.
 */
#include "swaks/support.h"

static const char *const features[] = {
    "AUTH CRAM-MD5",
    "AUTH CRAM-SHA1",
    "AUTH DIGEST-MD5",
    "AUTH NTLM",
    "Basic AUTH",
    "Date Manipulation",
    "High Resolution Timing",
    "IPv4/v6 Socket Transport",
    "Legacy IPv4 Socket Transport",
    "Legacy IPv4/v6 Socket Transport",
    "Local Hostname Detection",
    "MX Routing",
    "Netrc Credentials",
    "Pipe Transport",
    "TLS",
    "UNIX Socket Transport",
};

static const char *const more[] = {
    "AUTH ANONYMOUS",
    "AUTH EXTERNAL",
    "AUTH OAUTHBEARER",
    "AUTH SCRAM-SHA-1, SCRAM-SHA-256, SCRAM-SHA-512 and -PLUS",
    "AUTH XOAUTH2",
    "Byte-exact messages (--message)",
    "MIME types by content (--attach-file)",
};

void swaks_support(enum swaks_manner manner, struct base_buf *out) {
    for (size_t i = 0; i < sizeof features / sizeof *features; i++)
        base_buf_printf(out, "%s supported\n", features[i]);
    if (manner == SWAKS_MANNER_WAXSEAL)
        for (size_t i = 0; i < sizeof more / sizeof *more; i++)
            base_buf_printf(out, "%s supported\n", more[i]);
}
