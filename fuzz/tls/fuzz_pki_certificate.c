/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a certificate: no fault in memory, and facts that any renderer can print. */
#include "base/text.h"
#include "pki/certificate.h"
#include "pki/internal.h"
#include "pki/trust.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NOW INT64_C(1795000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth) {
    if (!truth)
        abort();
}

/* Valid UTF-8 without control characters, so that it can stand in JSON and on a terminal. */
static void require_printable(const char *text) {
    struct base_bytes left;

    require(text != NULL);
    left = base_bytes_of_str(text);
    while (left.len > 0) {
        uint32_t cp = 0;
        size_t n = base_text_utf8_next(left, &cp);
        require(n > 0);
        require(cp >= 0x20 && cp != 0x7f && !(cp >= 0x80 && cp < 0xa0));
        left = base_bytes_slice(left, n, left.len - n);
    }
}

static void require_hex(const char *text, size_t len) {
    require(strlen(text) == len);
    require(strspn(text, "0123456789abcdef") == len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct facts_certificate c;
    struct base_arena arena;

    base_arena_init(&arena, (size_t)64 << 20);
    pki_certificate_read(base_bytes_view(data, size), NOW, &arena, &c);
    require(!arena.failed);
    require_printable(c.error);
    require_printable(c.subject);
    require_printable(c.subject_cn);
    require_printable(c.issuer);
    require_printable(c.serial);
    require_printable(c.key_type);
    require_printable(c.key_curve);
    require_printable(c.signature);
    require_printable(c.signature_hash);
    require_printable(c.key_usage);
    require_printable(c.extended_key_usage);
    require_printable(c.ca_issuers);
    require_printable(c.ocsp_url);
    for (size_t i = 0; i < c.san_count; i++) {
        require_printable(c.sans[i].value);
        require_printable(c.sans[i].unicode);
        (void)pki_name_matches(c.sans[i].value, "mx.example.org");
    }
    if (size > 0)
        require_hex(c.sha256, 64);
    if (c.parsed)
        require_hex(c.spki_sha256, 64);
    else
        require(c.error[0] != '\0');
    base_arena_release(&arena);
    return 0;
}
