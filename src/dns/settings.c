/* SPDX-License-Identifier: Apache-2.0 */
/* settings - resolvers and trust anchors as people and systems write them
 *
 * libunbound takes forwarders as ADDRESS@PORT and says nothing useful about a bad one, and about a
 * bad anchor file only that something failed; so both are read here first, for messages that name
 * the culprit. Scope names of link-local resolvers (fe80::1%eth0) become numbers for it. */
#include "dns/settings.h"

#include "dns/lines.h"
#include "dns/target.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <string.h>

#define RESOLV_CONF_MAX 3u

/* Splits "[A]:P", "A@P", "A:P" (IPv4), "A". */
static bool split(struct base_bytes text, struct base_bytes *address, struct base_bytes *port) {
    size_t at = base_bytes_find(text, '@');
    *port = BASE_BYTES_EMPTY;
    if (text.len > 0 && text.data[0] == '[') {
        size_t close = base_bytes_find(text, ']');
        *address = base_bytes_slice(text, 1, close - 1);
        if (close + 1 >= text.len)
            return close < text.len;
        *port = base_bytes_slice(text, close + 2, text.len);
        return (text.data[close + 1] == ':' || text.data[close + 1] == '@') && port->len > 0;
    }
    if (at == text.len && base_bytes_find_str(text, ".") < text.len)
        at = base_bytes_find(text, ':');
    *address = base_bytes_slice(text, 0, at);
    *port = base_bytes_slice(text, at + 1, text.len);
    return at == text.len || port->len > 0;
}

/* The address with its scope, if any, as a number; "" when it is none. */
static const char *plain_address(struct base_bytes text, struct base_arena *arena) {
    uint8_t binary[16];
    size_t percent = base_bytes_find(text, '%');
    const char *address = base_arena_str_bytes(arena, base_bytes_slice(text, 0, percent));
    const char *scope = base_arena_str_bytes(arena, base_bytes_slice(text, percent + 1, text.len));
    int family = strchr(address, ':') ? AF_INET6 : AF_INET;
    if (base_bytes_find(text, 0) < text.len || inet_pton(family, address, binary) != 1)
        return "";
    if (percent == text.len)
        return address;
    unsigned number = if_nametoindex(scope);
    uint64_t given = 0;
    if (number == 0 && base_bytes_to_uint(base_bytes_of_str(scope), UINT32_MAX, &given))
        number = (unsigned)given;
    return number ? base_arena_printf(arena, "%s%%%u", address, number) : "";
}

enum ws_err dns_forwarders_add(struct dns_forwarders *f, const char *text, struct base_arena *arena,
                               struct base_error *e) {
    struct base_bytes address, port_text;
    uint64_t port = 53;
    bool good = split(base_bytes_of_str(text), &address, &port_text);
    const char *plain = good ? plain_address(address, arena) : "";
    if (plain[0] == '\0')
        return base_error_set(e, WS_USAGE,
                              "resolver '%.100s': this is no address; write 192.0.2.53, "
                              "192.0.2.53@5353 or [2001:db8::53]:53",
                              text);
    if (port_text.len > 0 && (!base_bytes_to_uint(port_text, 65535, &port) || port == 0))
        return base_error_set(e, WS_USAGE, "resolver '%.100s': a port is a number from 1 to 65535",
                              text);
    if (f->count == DNS_FORWARDERS_MAX)
        return base_error_set(e, WS_USAGE, "more than %d resolvers", DNS_FORWARDERS_MAX);
    f->at[f->count++] = base_arena_printf(arena, "%s@%u", plain, (unsigned)port);
    return arena->failed ? base_error_set(e, WS_NOMEM, "out of memory") : WS_OK;
}

void dns_forwarders_from_resolv_conf(struct dns_forwarders *f, struct base_bytes text,
                                     struct base_arena *arena) {
    struct dns_lines lines = {.rest = text};
    struct base_bytes line, word;
    while (f->count < RESOLV_CONF_MAX && dns_lines_next(&lines, ';', &line)) {
        if (!dns_lines_word(&line, &word) || !base_bytes_equal_str(word, "nameserver") ||
            !dns_lines_word(&line, &word))
            continue;
        const char *address = plain_address(word, arena);
        if (address[0])
            f->at[f->count++] = base_arena_printf(arena, "%s@53", address);
    }
}

const char *dns_forwarders_text(const struct dns_forwarders *f, struct base_arena *arena) {
    const char *text = "";
    for (size_t i = 0; i < f->count; i++) {
        struct base_bytes at = base_bytes_of_str(f->at[i]);
        if (base_bytes_find_str(at, "@53") + 3 == at.len)
            at.len -= 3;
        text = base_arena_printf(arena, "%s%s%.*s", text, i ? " and " : "", (int)at.len,
                                 (const char *)at.data);
    }
    return text;
}

/* --- what a forwarder passes on --- */

void dns_passing_learn(struct dns_passing *p, enum dns_passes passes, base_usec now) {
    p->passes = passes;
    p->until = p->memory > BASE_NEVER - now ? BASE_NEVER : now + p->memory;
}

bool dns_passing_forget(struct dns_passing *p, base_usec now) {
    if (p->passes < DNS_PASSES_YES || now < p->until)
        return false;
    p->passes = DNS_PASSES_UNKNOWN;
    return true;
}

/* --- trust anchors --- */

/* Letters of a key or digest. Its end may stand on the next lines, in parentheses. */
static bool is_key_text(struct base_bytes word, bool hex) {
    static const char beyond[] = "+/=()";
    for (size_t i = 0; i < word.len; i++) {
        uint8_t c = word.data[i];
        bool good = base_ascii_is_alnum(c) || (c && strchr(beyond, c));
        if (hex)
            good = base_ascii_is_digit(c) ||
                   (base_ascii_lower(c) >= 'a' && base_ascii_lower(c) <= 'f') || c == '(' ||
                   c == ')';
        if (!good)
            return false;
    }
    return true;
}

/* Three numbers and a key, or digest, behind the type. */
static bool is_anchor_data(struct base_bytes data, bool hex) {
    struct base_bytes word;
    uint64_t number = 0;
    bool any = false;
    for (int i = 0; i < 3; i++)
        if (!dns_lines_word(&data, &word) || !base_bytes_to_uint(word, 65535, &number))
            return false;
    while (dns_lines_word(&data, &word)) {
        if (!is_key_text(word, hex))
            return false;
        any = true;
    }
    return any;
}

enum anchor_line { ANCHOR_NONE, ANCHOR_GOOD, ANCHOR_BAD };

/* "OWNER [TTL] [CLASS] TYPE DATA" */
static enum anchor_line read_anchor(struct base_bytes line, struct base_bytes *owner) {
    struct base_bytes word;
    if (!dns_lines_word(&line, owner))
        return ANCHOR_NONE;
    for (int i = 0; i < 3 && dns_lines_word(&line, &word); i++) {
        bool ds = base_bytes_equal_nocase(word, "ds");
        if (ds || base_bytes_equal_nocase(word, "dnskey"))
            return is_anchor_data(line, ds) ? ANCHOR_GOOD : ANCHOR_BAD;
    }
    return ANCHOR_NONE;
}

const char *dns_anchor_zone_of_text(struct base_bytes text, struct base_arena *arena,
                                    unsigned *bad_line) {
    struct dns_lines lines = {.rest = text};
    struct base_bytes line, owner;
    const char *zone = NULL;
    *bad_line = 0;
    while (dns_lines_next(&lines, ';', &line)) {
        enum anchor_line kind = read_anchor(line, &owner);
        if (kind == ANCHOR_GOOD && !zone)
            zone = base_arena_str_bytes(arena, owner);
        if (kind == ANCHOR_BAD && *bad_line == 0)
            *bad_line = lines.number;
    }
    return *bad_line ? NULL : zone;
}

enum ws_err dns_anchor_zone(const char *file, struct base_arena *arena, const char **zone,
                            struct base_error *e) {
    struct base_buf text;
    unsigned bad_line = 0;
    enum ws_err err = dns_lines_read(file, "trust anchor file", DNS_LINES_FILE_MAX, &text, e);
    *zone = NULL;
    if (err == WS_OK) {
        *zone = dns_anchor_zone_of_text(base_buf_view(&text), arena, &bad_line);
        if (bad_line)
            err = base_error_set(e, WS_SYNTAX,
                                 "trust anchor file %s:%u: this is no DS or DNSKEY record", file,
                                 bad_line);
        else if (!*zone)
            err = base_error_set(
                e, WS_SYNTAX, "trust anchor file %s: there is no DS or DNSKEY record in it", file);
    }
    base_buf_release(&text);
    return err;
}
