/* SPDX-License-Identifier: Apache-2.0 */
/* MTA-STS policy and record, and a TLSA record: what is taken keeps the promises of its facts. */
#include "policy/find_private.h"
#include "policy/ruling.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_policy(const struct facts_sts *p) {
    assert(p->mx_count <= POLICY_STS_MX_MAX);
    assert(p->mode == FACTS_STS_MODE_NONE || p->mx_count > 0);
    for (size_t i = 0; i < p->mx_count; i++) {
        const char *mx = p->mx[i];
        assert(mx[0] && !strpbrk(mx, " \t\r\n:,[]"));
        assert(mx[0] == '*' ? !policy_sts_allows(p, "") : policy_sts_allows(p, mx));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct base_bytes in = base_bytes_view(data, size);
    struct facts_sts p = {.why = ""};
    struct facts_tlsa_record r;
    struct base_arena arena;
    const char *why = "";
    base_arena_init(&arena, (size_t)16 << 20);
    if (policy_sts_parse(in, &arena, &p))
        check_policy(&p);
    else
        assert(p.why[0]);
    if (policy_sts_is_record(in)) {
        const char *id = policy_sts_record_id(in, &arena, &why);
        assert((id[0] == '\0') == (why[0] != '\0') && strlen(id) <= 32);
    }
    policy_tlsa_read(in, &arena, &r);
    assert(r.why[0] || (r.usage >= 2 && r.usage <= 3 && r.data.len > 0));
    base_arena_release(&arena);
    return 0;
}
