/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_DNS_OWN_NAME_H
#define WAXSEAL_DNS_OWN_NAME_H

#include "base/arena.h"

/* The fully qualified name that belongs to `hostname` by the text of an /etc/hosts; else
 * "[127.0.0.1]". See dns_own_name in resolver.h. */
const char *dns_own_name_from(struct base_arena *arena, const char *hostname,
                              struct base_bytes hosts);

#endif
