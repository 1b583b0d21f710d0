/* SPDX-License-Identifier: Apache-2.0 */
/* hosts - addresses that are given and not asked for
 *
 * An override file has the format of /etc/hosts. It is written for a test or a demonstration, so a
 * line that can't be right is an error with its number and not skipped in silence: a test that
 * quietly asked the DNS instead would be worth nothing.
 *
 * Ownership: an arena of its own. Limits: `max` entries, DNS_HOSTS_FILE_MAX bytes of file. */
#include "dns/hosts.h"

#include "base/text.h"
#include "dns/lines.h"
#include "dns/target.h"

#include <arpa/inet.h>
#include <search.h>
#include <string.h>

#define HOSTS_ARENA_MAX ((size_t)1 << 30)
#define WORD_SHOWN 80u

void dns_hosts_init(struct dns_hosts *h, size_t max) {
    *h = (struct dns_hosts){.max = max};
    base_arena_init(&h->arena, HOSTS_ARENA_MAX);
}

static void keep_entry(void *entry) {
    (void)entry; /* the arena's */
}

void dns_hosts_release(struct dns_hosts *h) {
    tdestroy(h->names, keep_entry);
    tdestroy(h->addresses, keep_entry);
    tdestroy(h->pairs, keep_entry);
    h->names = h->addresses = h->pairs = NULL;
    h->count = 0;
    base_arena_release(&h->arena);
}

/* --- the trees --- */

/* What the tree of names holds: where the chain of a name ends as well. */
struct name {
    struct dns_hosts_entry *first, *last;
};

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct name *)a)->first->name, ((const struct name *)b)->first->name);
}

static int by_address(const void *a, const void *b) {
    return strcmp(((const struct dns_hosts_entry *)a)->address,
                  ((const struct dns_hosts_entry *)b)->address);
}

static int by_both(const void *a, const void *b) {
    int names = strcmp(((const struct dns_hosts_entry *)a)->name,
                       ((const struct dns_hosts_entry *)b)->name);
    return names ? names : by_address(a, b);
}

static void *found(void *node) {
    return node ? *(void **)node : NULL;
}

static struct name *find_name(const struct dns_hosts *h, const char *name) {
    struct dns_hosts_entry wanted = {.name = name};
    struct name key = {.first = &wanted};
    return found(tfind(&key, &h->names, by_name));
}

const struct dns_hosts_entry *dns_hosts_find(const struct dns_hosts *h, const char *name) {
    const struct name *known = find_name(h, name);
    return known ? known->first : NULL;
}

const char *dns_hosts_name_of(const struct dns_hosts *h, const char *address) {
    struct dns_hosts_entry wanted = {.address = address};
    const struct dns_hosts_entry *e = found(tfind(&wanted, &h->addresses, by_address));
    return e ? e->name : NULL;
}

/* Behind the other entries of its name; false: no memory. */
static bool chain(struct dns_hosts *h, struct dns_hosts_entry *e) {
    struct name *known = find_name(h, e->name);
    if (known) {
        known->last->next = e;
        known->last = e;
        return true;
    }
    struct name *fresh = base_arena_alloc(&h->arena, sizeof *fresh);
    if (!fresh)
        return false;
    *fresh = (struct name){e, e};
    return tsearch(fresh, &h->names, by_name);
}

/* Adds an entry unless it is there. */
static enum ws_err add_entry(struct dns_hosts *h, struct dns_hosts_entry entry,
                             struct base_error *error) {
    if (tfind(&entry, &h->pairs, by_both))
        return WS_OK;
    if (h->count == h->max)
        return base_error_set(error, WS_LIMIT, "more than %zu names and addresses", h->max);
    struct dns_hosts_entry *e = base_arena_alloc(&h->arena, sizeof *e);
    if (!e)
        return base_error_set(error, WS_NOMEM, "out of memory");
    *e = entry;
    if (!chain(h, e) || !tsearch(e, &h->pairs, by_both) ||
        !tsearch(e, &h->addresses, by_address)) /* keeps the first one of an address */
        return base_error_set(error, WS_NOMEM, "out of memory");
    h->count++;
    return WS_OK;
}

/* --- reading --- */

const char *dns_address_usual(struct base_arena *arena, const char *text, bool *ipv6) {
    uint8_t binary[16];
    char usual[INET6_ADDRSTRLEN];
    int family = strchr(text, ':') ? AF_INET6 : AF_INET;
    *ipv6 = family == AF_INET6;
    if (inet_pton(family, text, binary) != 1 || !inet_ntop(family, binary, usual, sizeof usual))
        return "";
    return base_arena_str(arena, usual);
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
    if (h->arena.failed)
        return base_error_set(e, WS_NOMEM, "out of memory");
    return add_entry(h, (struct dns_hosts_entry){.name = ascii, .address = usual, .ipv6 = ipv6}, e);
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
    enum ws_err err = dns_lines_read(file, "hosts file", DNS_HOSTS_FILE_MAX, &text, e);
    if (err == WS_OK)
        err = dns_hosts_read_text(h, base_buf_view(&text), file, e);
    base_buf_release(&text);
    return err;
}
