/* SPDX-License-Identifier: Apache-2.0 */
/* own_name - what this machine calls itself in EHLO
 *
 * RFC 5321 4.1.1.1 wants a fully qualified name, or an address literal when there is none. The
 * host name is taken when it has a dot; otherwise the line of /etc/hosts that names this host may
 * hold its full name. The network is never asked: the name is wanted before anything else, and a
 * dead resolver must not delay a look at 127.0.0.1. */
#include "dns/own_name.h"

#include "dns/lines.h"
#include "dns/resolver.h"
#include "dns/target.h"

#include <string.h>
#include <unistd.h>

#define NO_NAME "[127.0.0.1]"

/* Lower case and checked, or "" when it is no fully qualified name. */
static const char *full_name(struct base_arena *arena, struct base_bytes word) {
    const char *why = "";
    const char *name = dns_name_to_ascii(arena, base_arena_str_bytes(arena, word), &why);
    bool local = strncmp(name, "localhost.", 10) == 0;
    return strchr(name, '.') && !local ? name : "";
}

/* The first full name of a line that also has `hostname`, or "". */
static const char *name_in_line(struct base_arena *arena, struct base_bytes line,
                                const char *hostname) {
    struct base_bytes word;
    const char *found = "";
    bool ours = false;
    if (!dns_lines_word(&line, &word)) /* the address */
        return "";
    while (dns_lines_word(&line, &word)) {
        ours = ours || base_bytes_equal_nocase(word, hostname);
        if (found[0] == '\0' && base_bytes_find(word, '.') < word.len)
            found = full_name(arena, word);
    }
    return ours ? found : "";
}

const char *dns_own_name_from(struct base_arena *arena, const char *hostname,
                              struct base_bytes hosts) {
    struct dns_lines lines = {.rest = hosts};
    struct base_bytes line;
    const char *name = full_name(arena, base_bytes_of_str(hostname));
    while (name[0] == '\0' && dns_lines_next(&lines, '#', &line))
        name = name_in_line(arena, line, hostname);
    return name[0] ? name : NO_NAME;
}

const char *dns_own_name(struct base_arena *arena) {
    char hostname[256] = "";
    struct base_buf hosts;
    struct base_error ignored = {0};
    if (gethostname(hostname, sizeof hostname - 1) != 0)
        return NO_NAME;
    bool readable =
        dns_lines_read("/etc/hosts", "hosts file", DNS_LINES_FILE_MAX, &hosts, &ignored) == WS_OK;
    const char *name =
        dns_own_name_from(arena, hostname, readable ? base_buf_view(&hosts) : BASE_BYTES_EMPTY);
    base_buf_release(&hosts);
    return name;
}
