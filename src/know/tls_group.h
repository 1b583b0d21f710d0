/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_KNOW_TLS_GROUP_H
#define WAXSEAL_KNOW_TLS_GROUP_H

#include <stddef.h>
#include <stdint.h>

enum know_tls_group_kind {
    KNOW_TLS_GROUP_CURVE,  /* elliptic curve */
    KNOW_TLS_GROUP_FFDHE,  /* finite field, RFC 7919 */
    KNOW_TLS_GROUP_KEM,    /* a key encapsulation alone */
    KNOW_TLS_GROUP_HYBRID, /* a key encapsulation joined with a curve */
    KNOW_TLS_GROUP_MARK,   /* no group: a marker of RFC 8422 */
};

/* A row of IANA's registry "TLS Supported Groups". */
struct know_tls_group {
    uint16_t id;
    const char *name; /* IANA's spelling */
    enum know_tls_group_kind kind;
    int bits; /* of the curve's field or the prime; of the curve part of a hybrid; ML-KEM's number
               */
};

/* All rows, sorted by id. */
const struct know_tls_group *know_tls_groups(size_t *count);
/* NULL when there is no such group. */
const struct know_tls_group *know_tls_group_find(uint16_t id);
const struct know_tls_group *know_tls_group_find_name(const char *name); /* ASCII case ignored */

#endif
