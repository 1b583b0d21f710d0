/* SPDX-License-Identifier: Apache-2.0 */
/* eai - addresses outside ASCII, and addresses that are none
 *
 * A domain in U-labels has an equivalent in A-labels that every server understands; a local part
 * outside ASCII has none and needs SMTPUTF8 (RFC 6531 section 3.2). What would break the command
 * line that carries the address is a fault; whether a server likes an address is its own affair. */
#include "send/eai.h"

#include "base/bytes.h"
#include "base/text.h"
#include "dns/target.h"

#include <string.h>

const char *send_eai_to_ascii(struct base_arena *arena, const char *address, const char **why) {
    const char *at = strrchr(address, '@');
    *why = "its local part is outside ASCII";
    if (!at)
        return base_text_is_ascii(address) ? address : NULL;
    const char *local =
        base_arena_str_bytes(arena, base_bytes_view(address, (size_t)(at - address)));
    if (!base_text_is_ascii(local))
        return NULL;
    if (base_text_is_ascii(at))
        return address;
    const char *domain = dns_name_to_ascii(arena, at + 1, why);
    return domain ? base_arena_printf(arena, "%s@%s", local, domain) : NULL;
}

const char *send_eai_fault(const char *address) {
    bool quoted = false;
    if (!base_text_is_utf8(address))
        return "it is not in UTF-8";
    for (const char *p = address; *p; p++) {
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            return "a control character is in it";
        if (*p == '"')
            quoted = !quoted;
        else if (*p == '\\' && p[1])
            p++;
        else if (!quoted && (*p == '<' || *p == '>'))
            return "angle brackets do not belong to it";
        else if (!quoted && *p == ' ')
            return "a blank is in it";
    }
    return quoted ? "a quotation mark is open" : NULL;
}
