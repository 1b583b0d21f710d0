/* SPDX-License-Identifier: Apache-2.0 */
/* hosts - addresses that are given and not asked for
 *
 * An override file has the format of /etc/hosts. It is written for a test or a demonstration, so a
 * line that can't be right is an error with its number and not skipped in silence: a test that
 * quietly asked the DNS instead would be worth nothing.
 *
 * Ownership: an arena of its own. Limits: `max` entries, 1 MiB of file, a linear search (files are
 * short; the limit keeps it so). */
#include "dns/hosts.h"

#include "base/text.h"
#include "dns/lines.h"
#include "dns/target.h"

#include <arpa/inet.h>
#include <string.h>

#define HOSTS_ARENA_MAX (4u * 1024u * 1024u)
#define WORD_SHOWN 80u

void dns_hosts_init(struct dns_hosts *h, size_t max) {
    *h = (struct dns_hosts){.max = max};
    base_arena_init(&h->arena, HOSTS_ARENA_MAX);
}

void dns_hosts_release(struct dns_hosts *h) {
    base_arena_release(&h->arena);
    h->entries = NULL;
    h->count = h->cap = 0;
}

const char *dns_address_usual(struct base_arena *arena, const char *text, bool *ipv6) {
    uint8_t binary[16];
    char usual[INET6_ADDRSTRLEN];
    int family = strchr(text, ':') ? AF_INET6 : AF_INET;
    *ipv6 = family == AF_INET6;
    if (inet_pton(family, text, binary) != 1 || !inet_ntop(family, binary, usual, sizeof usual))
        return "";
    return base_arena_str(arena, usual);
}

static bool has_entry(const struct dns_hosts *h, const char *name, const char *address) {
    for (size_t i = 0; i < h->count; i++)
        if (strcmp(h->entries[i].name, name) == 0 && strcmp(h->entries[i].address, address) == 0)
            return true;
    return false;
}

/* What was typed, printable and short, for a message. */
static const char *shown(struct dns_hosts *h, const char *text) {
    struct base_buf line;
    base_buf_init(&line, 1024);
    base_text_escape(&line, base_bytes_slice(base_bytes_of_str(text), 0, WORD_SHOWN));
    const char *out = base_arena_str(&h->arena, base_buf_cstr(&line));
    base_buf_release(&line);
    return out;
}

enum ws_err dns_hosts_add(struct dns_hosts *h, const char *name, const char *address,
                          struct base_error *e) {
    const char *why = "";
    bool ipv6 = false;
    const char *usual = dns_address_usual(&h->arena, address, &ipv6);
    if (usual[0] == '\0')
        return base_error_set(e, WS_SYNTAX, "'%s' is no IPv4 or IPv6 address", shown(h, address));
    const char *ascii = dns_name_to_ascii(&h->arena, name, &why);
    if (ascii[0] == '\0')
        return base_error_set(e, WS_SYNTAX, "'%s': %s", shown(h, name), why);
    if (has_entry(h, ascii, usual))
        return WS_OK;
    if (h->count == h->max)
        return base_error_set(e, WS_LIMIT, "more than %zu names and addresses", h->max);
    struct dns_hosts_entry *n =
        base_arena_append(&h->arena, &h->entries, &h->count, &h->cap, sizeof *n);
    if (!n || h->arena.failed)
        return base_error_set(e, WS_NOMEM, "out of memory");
    *n = (struct dns_hosts_entry){.name = ascii, .address = usual, .ipv6 = ipv6};
    return WS_OK;
}

/* The words of one line: an address, then its names. */
static enum ws_err read_line(struct dns_hosts *h, struct base_bytes line, struct base_error *e) {
    struct base_bytes address, name;
    size_t names = 0;
    if (base_bytes_find(line, 0) < line.len)
        return base_error_set(e, WS_SYNTAX, "the line has a NUL byte in it");
    if (!dns_lines_word(&line, &address))
        return WS_OK;
    const char *address_text = base_arena_str_bytes(&h->arena, address);
    while (dns_lines_word(&line, &name)) {
        enum ws_err err = dns_hosts_add(h, base_arena_str_bytes(&h->arena, name), address_text, e);
        if (err != WS_OK)
            return err;
        names++;
    }
    return names ? WS_OK
                 : base_error_set(e, WS_SYNTAX, "a line is an address and at least one name");
}

enum ws_err dns_hosts_read_text(struct dns_hosts *h, struct base_bytes text, const char *file,
                                struct base_error *e) {
    struct dns_lines lines = {.rest = text};
    struct base_bytes line;
    while (dns_lines_next(&lines, '#', &line)) {
        struct base_error inner = {0};
        enum ws_err err = read_line(h, line, &inner);
        if (err != WS_OK)
            return base_error_set(e, err, "%s:%u: %s", file, lines.number,
                                  base_error_message(&inner));
    }
    return WS_OK;
}

enum ws_err dns_hosts_read(struct dns_hosts *h, const char *file, struct base_error *e) {
    struct base_buf text;
    enum ws_err err = dns_lines_read(file, "hosts file", &text, e);
    if (err == WS_OK)
        err = dns_hosts_read_text(h, base_buf_view(&text), file, e);
    base_buf_release(&text);
    return err;
}

bool dns_hosts_has_name(const struct dns_hosts *h, const char *name) {
    for (size_t i = 0; i < h->count; i++)
        if (strcmp(h->entries[i].name, name) == 0)
            return true;
    return false;
}

const char *dns_hosts_name_of(const struct dns_hosts *h, const char *address) {
    for (size_t i = 0; i < h->count; i++)
        if (strcmp(h->entries[i].address, address) == 0)
            return h->entries[i].name;
    return NULL;
}
